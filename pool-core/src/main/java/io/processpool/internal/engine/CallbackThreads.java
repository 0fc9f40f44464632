package io.processpool.internal.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the callbacks of a pool, each on one of a few threads; on more of them while callbacks block. Quick callbacks by the
 * thousand share the usual number of threads. When others wait and none of those that run has ended for a moment, they are
 * taken to be blocked, and threads are added, until those that wait get their turn.
 *
 * <p>Thread-safe. What comes after the shutdown still runs, each on a thread of its own.
 */
final class CallbackThreads implements Executor {

    /** How many callbacks run at the same time without further ado, and how many threads are added at a time. */
    static final int USUAL = 16;

    /** How many threads there are at the most. */
    static final int MOST = 1024;

    /** How long no callback may have ended while others wait. */
    static final long PATIENCE_MILLIS = 20;

    private final ThreadPoolExecutor threads;
    private final ScheduledExecutorService timer;
    private final AtomicBoolean watched = new AtomicBoolean();

    /**
     * Makes an executor; it has no threads until it is used.
     *
     * @param timer looks whether callbacks are blocked
     */
    CallbackThreads(String poolName, ScheduledExecutorService timer) {
        this.timer = timer;
        this.threads = new ThreadPoolExecutor(
                USUAL,
                MOST,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new NamedThreads(poolName, "callback"),
                (late, executor) -> executor.getThreadFactory().newThread(late).start());
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable callback) {
        threads.execute(callback);
        watchIfSomeWait();
    }

    private void watchIfSomeWait() {
        if (!threads.getQueue().isEmpty() && watched.compareAndSet(false, true)) {
            lookLater();
        }
    }

    private void lookLater() {
        long endedBefore = threads.getCompletedTaskCount();
        timer.schedule(() -> look(endedBefore), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look(long endedBefore) {
        if (threads.getQueue().isEmpty()) {
            watched.set(false);
            watchIfSomeWait();
            return;
        }
        try {
            if (threads.getCompletedTaskCount() == endedBefore) {
                add(USUAL);
            }
        } finally {
            lookLater(); // also if the system has no more threads
        }
    }

    /** Adds threads for callbacks that wait; like all, they go when they have had nothing to do for a while. */
    private void add(int count) {
        threads.setCorePoolSize(Math.min(MOST, threads.getPoolSize() + count));
        threads.setCorePoolSize(USUAL);
    }

    /** Takes no more callbacks to wait, and lets those that wait run. */
    void shutdown() {
        int waiting = threads.getQueue().size();
        if (waiting > 0) {
            add(waiting); // the timer will not come any more
        }
        threads.shutdown();
    }
}
