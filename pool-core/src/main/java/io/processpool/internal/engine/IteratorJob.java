package io.processpool.internal.engine;

import io.processpool.PoolClosedException;
import io.processpool.ProcessPoolException;
import io.processpool.ResultIterator;
import io.processpool.TaskOutcome;
import io.processpool.TaskSerializationException;
import io.processpool.internal.Checks;
import io.processpool.internal.Nanos;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.transport.Lookout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The job behind {@code imap}: hands out the endings one by one, in the order of the items or as they come. */
final class IteratorJob<R> extends FeedJob implements ResultIterator<R> {

    /** An ending with the item that it belongs to. */
    private record Arrival(long index, Ending ending) {}

    private final boolean ordered;

    /** How much may wait, or null if workers are trusted. */
    private final @Nullable Ration ration;

    private final DefaultTaskFuture.Looking looking;

    /** Whether there is nothing to hand out, and more may come; written with the mutex held. */
    private volatile boolean nothingToTake = true;

    // Guarded by the mutex: what can be handed out, and, if ordered, what has come too early.
    private final ArrayDeque<Arrival> ready = new ArrayDeque<>();
    private final Map<Long, Ending> early = new HashMap<>();
    private final HeldBytes held = new HeldBytes();
    private long nextInOrder;
    private long consumed;
    private boolean finished;
    private boolean closed;
    private boolean truncated;
    private boolean endTold;
    private @Nullable Ending terminal;

    /** What it was {@linkplain #breakOff broken off} by, or null. */
    private @Nullable Throwable brokenBy;

    /** Whether it has ended by itself, so that nobody else tells the observers of its end. */
    private boolean tellsEnd;

    /** What it takes to end, made before there is no memory left for that. */
    private final Runnable finish = this::finish;

    IteratorJob(Setup setup, boolean ordered) {
        this(setup, ordered, Ration.MOST);
    }

    /** Makes one for which so many bytes of results of untrusted workers may wait. */
    IteratorJob(Setup setup, boolean ordered, long most) {
        super(setup);
        this.ordered = ordered;
        this.ration = services().decoder().distrustsWorkers() ? new Ration(most) : null;
        this.looking = services().looking(this, 0);
    }

    @Override
    long longestFillNanos() {
        return 2 * MAX_FILL_NANOS;
    }

    @Override
    long outstanding() {
        return fed - consumed;
    }

    @Override
    long affordable(int workers, int chunk) {
        return held.room(fed - ended, workers, chunk);
    }

    @Override
    long affordablePart(int workers, int chunk) {
        return held.part(workers, chunk);
    }

    @Override
    protected Ending accept(long index, Ending ending) {
        if (ration == null) {
            return ending;
        }
        long bytes = HeldBytes.of(ending);
        return ration.take(bytes) ? ending : dropped(index, bytes, ration.waiting());
    }

    private Ending dropped(long index, long bytes, long waiting) {
        return new Ending.Failed(TaskOutcome.FAILURE, () -> {
            String message = describe(index) + ": its result of " + bytes + " bytes was dropped, since " + waiting
                    + " bytes of results of this map over untrusted workers wait to be taken"
                    + services().decoder().suffix();
            return new TaskSerializationException(message, null);
        });
    }

    @Override
    Runnable take(long first, List<Ending> endings) {
        ended += endings.size();
        for (int i = 0; i < endings.size() && !closed && terminal == null && brokenBy == null; i++) {
            Ending ending = ration == null ? endings.get(i) : HeldBytes.ownBytes(endings.get(i));
            held.add(ending);
            arrive(first + i, ending);
        }
        signalRoom();
        tracking().itemsEnded(first, endings);
        return afterChange();
    }

    private void arrive(long index, Ending ending) {
        boolean wasEmpty = ready.isEmpty();
        if (!ordered) {
            ready.addLast(new Arrival(index, ending));
        } else if (index != nextInOrder) {
            early.put(index, ending);
            return;
        } else {
            Ending next = ending;
            while (next != null) {
                ready.addLast(new Arrival(nextInOrder, next));
                nextInOrder++;
                next = early.isEmpty() ? null : early.remove(nextInOrder);
            }
        }
        if (wasEmpty) {
            noteReadiness();
            changed.signalAll();
        }
    }

    @Override
    Runnable afterChange() {
        if (finished || !(sourceDone || truncated) || !allEnded()) {
            return NOTHING;
        }
        tellsEnd = !over(); // else whoever stopped the job tells it
        finished = true;
        noteReadiness();
        changed.signalAll();
        return finish;
    }

    /** All items have ended, and nothing changes any more. */
    private void finish() {
        services().scheduler().close(this);
        if (tellsEnd && truncated) {
            tracking().ended(TaskOutcome.ABANDONED, this::cutShort);
        } else if (tellsEnd) {
            tracking().allEnded(this, services().decoder(), sourceFailure);
        }
    }

    @Override
    void breakOff(Throwable cause) {
        mutex.lock();
        try {
            if (over()) {
                return;
            }
            brokenBy = cause;
            early.clear(); // what is missing before it never comes
            noteReadiness();
            stopFeeding();
        } finally {
            mutex.unlock();
        }
        cancelBroken();
        tracking().ended(TaskOutcome.FAILURE, () -> cause);
    }

    private PoolClosedException cutShort() {
        return new PoolClosedException("the pool was shut down before the source of " + this + " was exhausted", null);
    }

    @Override
    protected void abandoned(Ending ending) {
        boolean first;
        mutex.lock();
        try {
            first = !over();
            terminal = ending;
            early.clear();
            noteReadiness();
            stopFeeding();
        } finally {
            mutex.unlock();
        }
        if (first) {
            tracking().ended(ending.outcome(), () -> services().decoder().failureOf(this, 0, ending));
        }
    }

    @Override
    protected void poolShutdown() {
        mutex.lock();
        try {
            truncated = !sourceDone; // the source may keep the feeder for ever; nobody waits for that
            stopFeeding();
        } finally {
            mutex.unlock();
        }
        submitMeanwhile();
        Runnable after;
        mutex.lock();
        try {
            after = afterChange();
        } finally {
            mutex.unlock();
        }
        after.run();
    }

    /** With the mutex held. */
    private void noteReadiness() {
        boolean nothing = ready.isEmpty() && !over();
        if (nothing != nothingToTake) {
            nothingToTake = nothing;
        }
    }

    /** Whether nothing more can come; with the mutex held. */
    private boolean over() {
        return closed || terminal != null || brokenBy != null || finished;
    }

    @Override
    public boolean hasNext() {
        look();
        mutex.lock();
        try {
            while (ready.isEmpty() && !over()) {
                await(Long.MAX_VALUE);
            }
            return !closed && (!ready.isEmpty() || (!endTold && endsWithFailure()));
        } finally {
            mutex.unlock();
        }
    }

    private boolean endsWithFailure() {
        return terminal != null || brokenBy != null || sourceFailure != null || truncated;
    }

    @Override
    public R next() {
        try {
            return next(Long.MAX_VALUE);
        } catch (TimeoutException e) {
            throw new AssertionError("waited for ever and timed out", e);
        }
    }

    @Override
    public R next(Duration timeout) throws TimeoutException {
        return next(Nanos.of(Checks.notNull("timeout", timeout)));
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // a task may return null
    private R next(long timeoutNanos) throws TimeoutException {
        Arrival arrival;
        long left = timeoutNanos;
        if (timeoutNanos == Long.MAX_VALUE) {
            look();
        } else if (timeoutNanos > Lookout.LOOK_NANOS) {
            long deadline = System.nanoTime() + timeoutNanos;
            look(() -> !nothingToTake || System.nanoTime() - deadline >= 0);
            left = Math.max(0, deadline - System.nanoTime());
        }
        mutex.lock();
        try {
            while (ready.isEmpty() && !over()) {
                if (left <= 0) {
                    throw new TimeoutException("no result of " + this + " within " + Duration.ofNanos(timeoutNanos));
                }
                left = await(left);
            }
            arrival = closed ? null : ready.pollFirst();
            noteReadiness();
            if (arrival == null) {
                throw end();
            }
            consumed++;
            held.remove(arrival.ending());
            if (ration != null) {
                ration.giveBack(HeldBytes.of(arrival.ending()));
            }
            signalRoom();
        } finally {
            mutex.unlock();
        }
        return (R) services().decoder().decode(this, arrival.index(), arrival.ending());
    }

    /** Looks for results for a moment before it waits for them. */
    private void look() {
        look(() -> !nothingToTake);
    }

    private void look(BooleanSupplier condition) {
        if (nothingToTake && !Thread.currentThread().isInterrupted()) {
            looking.until(condition);
        }
    }

    /** Waits for a change; returns how much of the time is left. */
    private long await(long nanos) {
        try {
            if (nanos == Long.MAX_VALUE) {
                changed.await();
                return nanos;
            }
            return changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessPoolException("interrupted while waiting for a result of " + this, e);
        }
    }

    /** Returns, or throws, what there is to say at the end: a failure once, then that there is nothing. */
    private RuntimeException end() {
        if (!closed && !endTold && endsWithFailure()) {
            endTold = true;
            if (terminal instanceof Ending.Failed failed) {
                return failed.error().get();
            } else if (brokenBy != null) {
                return Sneaky.rethrow(brokenBy);
            } else if (sourceFailure != null) {
                return Sneaky.rethrow(sourceFailure);
            }
            return cutShort();
        }
        return new NoSuchElementException(closed ? this + " was closed" : this + " has no more results");
    }

    @Override
    public Stream<R> stream() {
        int order = ordered ? Spliterator.ORDERED : 0;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, order), false)
                .onClose(this::close);
    }

    @Override
    public long completed() {
        mutex.lock();
        try {
            return ended;
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public void close() {
        boolean first;
        mutex.lock();
        try {
            if (closed) {
                return;
            }
            first = !over();
            closed = true;
            ready.clear();
            noteReadiness();
            early.clear();
            stopFeeding();
        } finally {
            mutex.unlock();
        }
        services().scheduler().cancel(this, true);
        if (first) {
            tracking().cancelled();
        }
    }
}
