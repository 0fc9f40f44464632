package io.processpool.internal.worker;

import io.processpool.internal.transport.Lookout;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The batches that wait for the runner: any thread adds, one takes, which looks for more by itself for a moment. */
final class Inbox {

    private final Lookout lookout;

    private final ConcurrentLinkedQueue<WorkerBatch> batches = new ConcurrentLinkedQueue<>();

    /** What to do while there is nothing to run. */
    private final ConcurrentLinkedQueue<Runnable> chores = new ConcurrentLinkedQueue<>();

    private volatile @Nullable Thread waiting;
    private volatile boolean closed;
    private volatile boolean abandoned;

    Inbox(Lookout lookout) {
        this.lookout = lookout;
    }

    void add(WorkerBatch batch) {
        batches.add(batch);
        wake();
    }

    /** Lets the runner do something before it is needed, if it has nothing to run. The action does not throw. */
    void whenIdle(Runnable chore) {
        chores.add(chore);
        wake();
    }

    /** No more batches will come; those that are there will still be taken. */
    void close() {
        closed = true;
        wake();
    }

    /** No batch will be taken any more. */
    void abandon() {
        abandoned = true;
        close();
    }

    boolean isAbandoned() {
        return abandoned;
    }

    private void wake() {
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /**
     * Waits for the next batch, and does chores meanwhile; returns null once the inbox is abandoned, or closed and empty.
     */
    @Nullable
    WorkerBatch take() {
        lookout.until(this::hasNews, 0);
        WorkerBatch batch = poll();
        if (batch == null) {
            batch = await();
        }
        if (batch != null) {
            lookout.busy(); // the runner looks when it has done with the batch
        }
        return batch;
    }

    private @Nullable WorkerBatch await() {
        waiting = Thread.currentThread();
        try {
            lookout.rest();
            while (true) {
                WorkerBatch batch = poll();
                if (batch != null) {
                    return batch;
                }
                if (closed) {
                    return poll();
                }
                Runnable chore = chores.poll();
                if (chore != null) {
                    chore.run();
                    continue;
                }
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    continue; // a late interrupt of some task's making; nobody here wants it
                }
            }
        } finally {
            waiting = null;
        }
    }

    private boolean hasNews() {
        return closed || !batches.isEmpty();
    }

    private @Nullable WorkerBatch poll() {
        return abandoned ? null : batches.poll();
    }
}
