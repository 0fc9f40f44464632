package io.processpool.internal.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the callbacks of a pool, each on one of a few threads; on more of them while callbacks block. A thread that has
 * nothing to do comes before a new one, and quick callbacks by the thousand share the usual number of threads. When others wait and none of those that run has ended for a moment, they are
 * taken to be blocked, and threads are added, until those that wait get their turn.
 *
 * <p>Nothing gets lost if the system has no more threads: callbacks wait for one of those that there are, or until there are
 * some again.
 *
 * <p>Thread-safe. What comes after the shutdown still runs, each on a thread of its own, or in the calling one if there is no
 * other.
 */
final class CallbackThreads implements Executor {

    /** How many callbacks run at the same time without further ado, and how many threads are added at a time. */
    static final int USUAL = 16;

    /** How many threads there are at the most. */
    static final int MOST = 1024;

    /** How long no callback may have ended while others wait. */
    static final long PATIENCE_MILLIS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(CallbackThreads.class);

    private final CallbackLine line = new CallbackLine();
    private final ThreadPoolExecutor threads;
    private final ScheduledExecutorService timer;
    private final AtomicBoolean watched = new AtomicBoolean();

    /**
     * Makes an executor; it has no threads until it is used.
     *
     * @param timer looks whether callbacks are blocked
     */
    CallbackThreads(String poolName, ScheduledExecutorService timer) {
        this(new NamedThreads(poolName, "callback"), timer);
    }

    /** Makes an executor with certain threads. */
    CallbackThreads(ThreadFactory factory, ScheduledExecutorService timer) {
        this.timer = timer;
        this.threads =
                new ThreadPoolExecutor(
                        USUAL, MOST, 5, TimeUnit.SECONDS, line, factory, (late, executor) -> runLate(late)) {
                    @Override
                    protected void afterExecute(Runnable callback, @Nullable Throwable failure) {
                        watchIfSomeWait(); // should there have been no memory for that when they came
                    }
                };
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable callback) {
        if (line.offerToIdle(callback)) {
            runLateIfShutDown(callback);
            startIfNobodyIsLeft();
        } else {
            try {
                threads.execute(callback);
            } catch (OutOfMemoryError e) {
                LOG.debug("no thread to be had, the callback waits", e);
                line.add(callback);
                runLateIfShutDown(callback);
            }
        }
        watchIfSomeWait();
    }

    /** The thread that a callback was left to may have gone at that moment, since it had nothing to do for so long. */
    private void startIfNobodyIsLeft() {
        try {
            if (line.isLongerThanIdle()) {
                threads.prestartCoreThread();
            }
        } catch (OutOfMemoryError e) {
            LOG.debug("no thread to be had, trying again soon", e);
        }
    }

    private void runLateIfShutDown(Runnable callback) {
        if (threads.isShutdown() && line.remove(callback)) {
            runLate(callback);
        }
    }

    private void runLate(Runnable callback) {
        try {
            threads.getThreadFactory().newThread(callback).start();
        } catch (OutOfMemoryError e) {
            LOG.debug("no thread to be had for a callback after the end of its pool", e);
            callback.run();
        }
    }

    private void watchIfSomeWait() {
        if (!line.isEmpty() && watched.compareAndSet(false, true)) {
            lookLater();
        }
    }

    /** If there is no memory for that, the next occasion is the next callback that comes or ends. */
    private void lookLater() {
        try {
            long endedBefore = threads.getCompletedTaskCount();
            timer.schedule(() -> look(endedBefore), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (OutOfMemoryError e) {
            watched.set(false);
        }
    }

    private void look(long endedBefore) {
        if (line.isEmpty()) {
            watched.set(false);
            watchIfSomeWait();
            return;
        }
        try {
            if (threads.getCompletedTaskCount() == endedBefore) {
                add(USUAL);
            }
        } catch (OutOfMemoryError e) {
            LOG.debug("no more threads to be had, trying again soon", e);
        } finally {
            lookLater();
        }
    }

    /** Adds threads for callbacks that wait; like all, they go when they have had nothing to do for a while. */
    private void add(int count) {
        try {
            for (int i = 0; i < count && threads.getPoolSize() < USUAL && !line.isEmpty(); i++) {
                threads.prestartCoreThread(); // of the usual ones, if the system had none when they were wanted
            }
            threads.setCorePoolSize(Math.min(MOST, Math.max(USUAL, threads.getPoolSize() + count)));
        } finally {
            threads.setCorePoolSize(USUAL);
        }
    }

    /** Takes no more callbacks to wait, and lets those that wait run. */
    void shutdown() {
        int waiting = line.size();
        if (waiting > 0) {
            try {
                add(waiting); // the timer will not come any more
            } catch (OutOfMemoryError e) {
                LOG.debug("no threads to be had for the callbacks that wait", e);
            }
        }
        threads.shutdown();
    }

    /** Runs, after the shutdown, what still waits though there is no thread to take it. */
    void runRest() {
        while (threads.isShutdown() && threads.getPoolSize() == 0) {
            Runnable callback = line.poll();
            if (callback == null) {
                return;
            }
            try {
                callback.run();
            } catch (Throwable e) { // of whatever kind: it is the user's, and others wait
                LOG.warn("a callback failed", e);
            }
        }
    }
}
