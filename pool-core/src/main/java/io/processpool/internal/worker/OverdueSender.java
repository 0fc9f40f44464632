package io.processpool.internal.worker;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A thread that sends results which have waited for too long, since the item after them runs. It sleeps as long as results
 * leave by themselves. Exists from the first result on that waits.
 */
final class OverdueSender {

    /** How many rounds it keeps looking after there was nothing to send. */
    private static final int IDLE_ROUNDS = 4;

    /** How often it looks. Less often than results are overdue: as long as items are quick, the runner sends them in time. */
    private static final long ROUND_NANOS = 2 * ResultBuffer.MAX_WAIT_NANOS;

    /** How soon it tries again if the runner was just between two items. */
    private static final long SOON_NANOS = 50_000;

    /** How soon it tries again if the system had no thread to give. Each time, the JVM writes a line to the worker's output. */
    static final long NO_THREAD_NANOS = 1_000_000_000;

    private final RunningItem running;
    private final Runnable flushOverdue;
    private final Function<Runnable, Thread> starter;

    /** Whether results wait; written by whoever has the buffer. */
    private volatile boolean waiting;

    private volatile boolean awake;

    /** How often it has looked. */
    private volatile int rounds;

    // Only the runner.
    private @Nullable Thread thread;
    private int seen;
    private boolean noThread;
    private long noThreadAt;

    OverdueSender(RunningItem running, Runnable flushOverdue) {
        this(running, flushOverdue, OverdueSender::start);
    }

    /** Makes one whose thread comes from a certain place. */
    OverdueSender(RunningItem running, Runnable flushOverdue, Function<Runnable, Thread> starter) {
        this.running = running;
        this.flushOverdue = flushOverdue;
        this.starter = starter;
    }

    private static Thread start(Runnable rounds) {
        Thread thread = newThread(rounds);
        thread.start();
        return thread;
    }

    /**
     * Results wait from now on; by the runner.
     *
     * @param now about what time it is
     * @return false if the system has no thread to give: then nobody would send them, so they must not wait
     */
    boolean begin(long now) {
        if (noThread && now - noThreadAt < NO_THREAD_NANOS) {
            return false;
        }
        waiting = true;
        if (!awake) {
            awake = true;
            if (thread == null) {
                startThread(now);
            } else {
                LockSupport.unpark(thread);
            }
        }
        return thread != null;
    }

    /** Makes its thread, for which it does not matter what task has just run on the calling one. */
    static Thread newThread(Runnable work) {
        Thread thread = new Thread(null, work, "processpool-results", 0, false);
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(OverdueSender.class.getClassLoader());
        return thread;
    }

    private void startThread(long now) {
        try {
            thread = starter.apply(this::run);
            noThread = false;
        } catch (OutOfMemoryError e) {
            // Most likely a limit of threads: no reason to fail for a task that has ended.
            waiting = false;
            awake = false;
            noThread = true;
            noThreadAt = now;
        }
    }

    /** No results wait any more. */
    void end() {
        waiting = false;
    }

    /** Tells the runner whether a good deal of time has passed since it asked last, as far as this can tell for nothing. */
    boolean ticked() {
        int now = rounds;
        boolean ticked = now != seen;
        seen = now;
        return ticked;
    }

    private void run() {
        int idleRounds = 0;
        long pause = ROUND_NANOS;
        while (true) {
            LockSupport.parkNanos(this, pause);
            Thread.interrupted(); // of some task's making; else it would not park any more
            rounds = rounds + 1;
            pause = ROUND_NANOS;
            if (waiting) {
                idleRounds = 0;
                if (!running.hold(flushOverdue)) {
                    pause = SOON_NANOS;
                }
            } else if (++idleRounds > IDLE_ROUNDS) {
                idleRounds = 0;
                sleep();
            }
        }
    }

    /** Sleeps until the runner needs somebody. */
    private void sleep() {
        fallAsleep();
        while (!awake) {
            LockSupport.park(this);
            Thread.interrupted();
        }
    }

    /** Is asleep from now on, unless results wait. Either this sees that they do, or {@link #begin} that it is asleep. */
    void fallAsleep() {
        awake = false;
        if (waiting) {
            awake = true;
        }
    }

    boolean isAwake() {
        return awake;
    }
}
