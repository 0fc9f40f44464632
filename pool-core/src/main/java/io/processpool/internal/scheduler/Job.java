package io.processpool.internal.scheduler;

import io.processpool.internal.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller submitted: a function and one or many items. A subclass says what becomes of the items' endings.
 *
 * <p>The methods that a subclass implements are called without any lock of the scheduler, except for {@link #accept}, for one
 * item once, from threads that must not be kept: they hand on and return.
 */
public abstract class Job {

    /**
     * How the items are to be run.
     *
     * @param name a name for people
     * @param timeoutNanos how long an item may run, 0 for no limit
     * @param priority higher leaves the queue first
     * @param retries how often an item is run again after the loss of its worker
     * @param headers what travels with each item, encoded
     */
    public record Settings(String name, long timeoutNanos, int priority, int retries, Bytes headers) {}

    private final long id;
    private final FunctionRef function;
    private final Settings settings;

    // Guarded by the scheduler's lock.
    boolean cancelled;
    /** Whether running items of a cancelled job are to be stopped. */
    boolean interrupt;

    boolean closed;
    /** Items in the queue, not yet given to a worker. */
    int queuedItems;

    // Its place among the open jobs.
    boolean open;

    @Nullable
    Job before;

    @Nullable
    Job after;

    /** Makes a job. */
    protected Job(long id, FunctionRef function, Settings settings) {
        this.id = id;
        this.function = function;
        this.settings = settings;
    }

    /** Whether it does not want to hear of its items any more; with the scheduler's lock held. */
    final boolean isOver() {
        return cancelled || closed;
    }

    /** Returns the number of the job. */
    public final long id() {
        return id;
    }

    /** Returns the function. */
    public final FunctionRef function() {
        return function;
    }

    /** Returns how the items are to be run. */
    public final Settings settings() {
        return settings;
    }

    /**
     * Returns how an item ends of which its worker says that it has ended so; the job may have no room for what it returned.
     * Called before that is booked, with the scheduler's lock held: it takes no other lock, and runs nothing of the user's.
     */
    protected Ending accept(long index, Ending ending) {
        return ending;
    }

    /** Consecutive items have ended, the first of them at this index. */
    protected abstract void ended(long first, List<Ending> endings);

    /** An item reports how far it is. */
    protected void progressed(long index, long done, long total) {}

    /** The pool gives the job up: whatever has not ended ends with this, and no more items may come. */
    protected abstract void abandoned(Ending ending);

    /** The pool takes no more jobs; one that pulls items without end should stop doing so. */
    protected void poolShutdown() {}

    @Override
    public final String toString() {
        return "task " + id + " '" + settings.name() + "'";
    }

    /** Names one item of this job. */
    public final String describe(long index) {
        return single() ? toString() : "item " + index + " of " + this;
    }

    /** Whether this job has just one item. */
    public boolean single() {
        return false;
    }
}
