package io.processpool.benchmarks.compare;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One thread that does what it is told, and is given up if that takes too long. Used by one thread. */
final class Bounded implements AutoCloseable {

    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread worker = new Thread(work, "compare");
        worker.setDaemon(true);
        return worker;
    });
    private boolean stuck;

    <R> R call(Callable<R> call, Duration limit) throws Exception {
        Future<R> future = thread.submit(call);
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            stuck = true;
            future.cancel(true);
            close();
            throw new TimeoutException("no result within " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    boolean isStuck() {
        return stuck;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
