package io.processpool.internal.engine;

import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import io.processpool.internal.PoolConfig;
import java.io.ObjectInputFilter;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the parts of the engine share: the lock, the threads, the settings, and a few words about the whole. */
interface EngineCore {

    PoolConfig config();

    /**
     * Changes things under the pool's lock; what the change leaves to be done happens after its release. Not to be called
     * with the lock held.
     */
    default void locked(Consumer<After> change) {
        lockedFor(after -> {
            change.accept(after);
            return null;
        });
    }

    /** As {@link #locked}, and returns what the change returned. */
    <T extends @Nullable Object> T lockedFor(Function<After, T> change);

    /** Decides which classes may be read of what workers send; null for all. */
    @Nullable
    ObjectInputFilter filter();

    /** The pool's only clock. What it runs must return at once. */
    ScheduledExecutorService timer();

    /** Threads for what may block. */
    Executor housekeeping();

    ListenerRelay listeners();

    /** The thread dumps that are awaited. */
    Dumps dumps();

    /** Returns a look at a worker. */
    WorkerSnapshot snapshot(Worker worker);

    /** Returns {@code (pool=…, busy=…, idle=…, queued=…)}. */
    String suffix();

    /** Returns a new exception that says that workers cannot be started. */
    WorkerStartException startException(Throwable cause);

    /** The last worker of a closing pool is gone. */
    void workersGone();
}
