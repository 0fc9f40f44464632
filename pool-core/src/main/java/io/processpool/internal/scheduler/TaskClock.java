package io.processpool.internal.scheduler;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Knows when the running items are to be looked at: for their time-out, and for the log of slow tasks. Guarded by the
 * scheduler's lock.
 *
 * <p>A lane has at most one timer; when it fires too early, because meanwhile another item runs, it is set anew. So
 * quick items with a time-out cost no timer each.
 */
final class TaskClock {

    /** What the scheduler has to do when the clock has looked at a lane. */
    enum Verdict {
        /** Nothing. */
        FINE,
        /** The running item has passed its time-out. */
        TIMED_OUT,
        /** The running item is on its way for long; whether it has left is to be found out. */
        NOT_THERE,
        /** The running item is slower than the threshold, and this was not logged yet. */
        SLOW
    }

    /**
     * An item that has left for so long is there, though its worker has not told. It is more than an honest worker that
     * answers its heartbeats needs to read what is left in buffers.
     */
    private static final long ARRIVAL_NANOS = 30_000_000_000L;

    /** A timer that fires so late tells that this process did not run: it was stopped, or collected garbage. */
    private static final long LATE_NANOS = 1_000_000_000L;

    /** What the workers have sent meanwhile is read in this time. */
    private static final long CATCH_UP_NANOS = 250_000_000L;

    private final ScheduledExecutorService timer;
    private final LongSupplier nanoTime;
    private final long slowNanos;
    private final Consumer<Lane> check;

    /**
     * Makes a clock.
     *
     * @param nanoTime tells the time, as {@link System#nanoTime()}
     * @param slowNanos from when on a task counts as slow, 0 for never
     * @param check is called on the timer's thread, without the lock, when a lane is to be looked at
     */
    TaskClock(ScheduledExecutorService timer, LongSupplier nanoTime, long slowNanos, Consumer<Lane> check) {
        this.timer = timer;
        this.nanoTime = nanoTime;
        this.slowNanos = slowNanos;
        this.check = check;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /** Whether it matters when the items of a job begin. */
    boolean times(Job job) {
        return slowNanos != 0 || job.settings().timeoutNanos() != 0;
    }

    /**
     * The first unfinished item of a lane has just begun, unless it is on its way: then its worker will tell, or is not
     * believed to be waiting for it any more after a while.
     */
    void itemStarted(Lane lane) {
        Batch batch = lane.current();
        if (batch != null) {
            long due = batch.onItsWay ? ARRIVAL_NANOS : due(lane, batch);
            if (due != 0) {
                setTimer(lane, lane.currentSince + due);
            }
        }
    }

    /**
     * The first item of a batch is about to begin in a lane that has nothing to do. Before the lane is given the batch: there
     * may be no memory for a timer, and an item without one would never time out.
     */
    void itemStarts(Lane lane, Batch batch, long now) {
        long due = batch.onItsWay ? ARRIVAL_NANOS : due(lane, batch);
        if (due != 0) {
            setTimer(lane, now + due);
        }
    }

    /** Returns after how long the running item is to be looked at, or 0 for never. */
    private long due(Lane lane, Batch batch) {
        long timeout = batch.job().settings().timeoutNanos();
        if (slowNanos == 0 || lane.slowLogged) {
            return timeout;
        }
        return timeout == 0 ? slowNanos : Math.min(timeout, slowNanos);
    }

    private void setTimer(Lane lane, long at) {
        if (lane.checkAt == Long.MAX_VALUE || at - lane.checkAt < 0) {
            timer.schedule(() -> check.accept(lane), Math.max(0, at - now()), TimeUnit.NANOSECONDS);
            lane.checkAt = at; // now that the timer is set
        }
    }

    /** Looks at the running item of a lane, after the timer has fired. */
    Verdict look(Lane lane) {
        long now = now();
        if (lane.checkAt == Long.MAX_VALUE || lane.checkAt - now > 0) {
            return Verdict.FINE; // an earlier timer has seen to it
        }
        boolean late = now - lane.checkAt > LATE_NANOS;
        lane.checkAt = Long.MAX_VALUE;
        Batch batch = lane.current();
        if (batch == null || lane.stopSent) {
            return Verdict.FINE;
        }
        if (late && !lane.lookedLate) {
            lane.lookedLate = true; // it may have ended in time, and nobody here was able to hear it
            setTimer(lane, now + CATCH_UP_NANOS);
            return Verdict.FINE;
        }
        long ran = now - lane.currentSince;
        if (batch.onItsWay) {
            return lookOut(lane, batch, ran >= ARRIVAL_NANOS);
        }
        long timeout = batch.job().settings().timeoutNanos();
        if (timeout != 0 && ran >= timeout) {
            return Verdict.TIMED_OUT;
        }
        boolean slow = slowNanos != 0 && !lane.slowLogged && ran >= slowNanos;
        if (slow) {
            lane.slowLogged = true;
        }
        itemStarted(lane);
        return slow ? Verdict.SLOW : Verdict.FINE;
    }

    /** Looks at an item that is on its way. */
    private Verdict lookOut(Lane lane, Batch batch, boolean forLong) {
        if (forLong && !batch.sent) {
            return Verdict.NOT_THERE;
        }
        if (forLong) {
            batch.onItsWay = false;
            lane.currentSince = now();
        }
        itemStarted(lane);
        return Verdict.FINE;
    }

    /** It was found out whether the running item, which is on its way, has left. */
    void looked(Lane lane, Batch batch, boolean sent) {
        batch.sent = sent;
        lane.currentSince = now();
        itemStarted(lane);
    }

    /** Calls an action after a while, on the timer's thread, without the lock. */
    void later(long nanos, Runnable action) {
        timer.schedule(action, nanos, TimeUnit.NANOSECONDS);
    }
}
