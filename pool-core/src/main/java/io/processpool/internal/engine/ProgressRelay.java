package io.processpool.internal.engine;

import io.processpool.ProgressListener;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes the newest progress on to a listener, never from two threads at once; a slow listener skips steps. */
final class ProgressRelay {

    private static final Logger LOG = LoggerFactory.getLogger(ProgressRelay.class);

    private final ProgressListener listener;
    private final Executor executor;

    // Guarded by this.
    private long done;
    private long total;
    private boolean news;
    private boolean running;

    ProgressRelay(ProgressListener listener, Executor executor) {
        this.listener = listener;
        this.executor = executor;
    }

    /** Takes the newest state. */
    void report(long newDone, long newTotal) {
        synchronized (this) {
            done = newDone;
            total = newTotal;
            news = true;
            if (running) {
                return;
            }
            running = true;
        }
        try {
            executor.execute(this::passOn);
        } catch (RejectedExecutionException e) {
            LOG.debug("progress of a closed pool is not passed on");
        } catch (OutOfMemoryError e) {
            LOG.debug("no thread to be had for progress, which the next report passes on", e);
            synchronized (this) {
                running = false;
            }
        }
    }

    private void passOn() {
        while (true) {
            long currentDone;
            long currentTotal;
            synchronized (this) {
                if (!news) {
                    running = false;
                    return;
                }
                news = false;
                currentDone = done;
                currentTotal = total;
            }
            try {
                listener.progress(currentDone, currentTotal);
            } catch (Throwable e) { // of whatever kind: it is the user's, and others wait
                LOG.warn("progress listener failed at {} of {}", currentDone, currentTotal, e);
            }
        }
    }
}
