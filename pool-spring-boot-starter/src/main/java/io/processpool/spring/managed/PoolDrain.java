package io.processpool.spring.managed;

import io.processpool.PoolSnapshot;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shuts a pool down, and tells the log how far it is for as long as that takes. */
final class PoolDrain implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(PoolDrain.class);
    private static final Duration TOLD_EVERY = Duration.ofSeconds(5);

    private final String name;
    private final ProcessPool pool;

    PoolDrain(String name, ProcessPool pool) {
        this.name = name;
        this.pool = pool;
    }

    /** Drains, and returns once all workers are gone. The pool's own {@code shutdownTimeout} is what bounds it. */
    @Override
    public void run() {
        pool.shutdown();
        Thread reporter = new Thread(this::report, "processpool-drain-" + name);
        reporter.setDaemon(true);
        reporter.start();
        try {
            pool.close();
        } finally {
            reporter.interrupt();
            awaitEnd(reporter);
        }
    }

    /** A server that looks for threads after an undeployment must not find it. */
    private static void awaitEnd(Thread reporter) {
        try {
            reporter.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report() {
        try {
            while (!pool.join(TOLD_EVERY)) {
                PoolSnapshot snapshot = pool.snapshot();
                if (snapshot.state() == PoolState.SHUTDOWN) {
                    LOG.info(
                            "Waiting for process pool '{}' to finish its tasks: {} running, {} queued",
                            name,
                            snapshot.tasksActive(),
                            snapshot.tasksQueued());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it is drained
        }
    }
}
