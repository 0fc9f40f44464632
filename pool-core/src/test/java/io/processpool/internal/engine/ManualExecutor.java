package io.processpool.internal.engine;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Runs what it was given when the test says so, in the thread of the test. */
final class ManualExecutor implements Executor {

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean closed;

    @Override
    public synchronized void execute(Runnable task) {
        if (closed) {
            throw new RejectedExecutionException("closed");
        }
        tasks.add(task);
    }

    private synchronized Runnable next() {
        return tasks.poll();
    }

    /** Runs all that is there and all that this brings about; returns how many that were. */
    int runAll() {
        int ran = 0;
        Runnable task = next();
        while (task != null) {
            task.run();
            ran++;
            task = next();
        }
        return ran;
    }

    synchronized int waiting() {
        return tasks.size();
    }

    synchronized void close() {
        closed = true;
    }
}
