package io.processpool.internal.worker;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The batches that wait for the runner: any thread adds, one takes. */
final class Inbox {

    private final ConcurrentLinkedQueue<WorkerBatch> batches = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Thread waiting;
    private volatile boolean closed;
    private volatile boolean abandoned;

    void add(WorkerBatch batch) {
        batches.add(batch);
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

    /** Waits for the next batch; returns null once the inbox is abandoned, or closed and empty. */
    @Nullable
    WorkerBatch take() {
        WorkerBatch batch = poll();
        if (batch != null) {
            return batch;
        }
        waiting = Thread.currentThread();
        try {
            while (true) {
                batch = poll();
                if (batch != null) {
                    return batch;
                }
                if (closed) {
                    return poll();
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

    private @Nullable WorkerBatch poll() {
        return abandoned ? null : batches.poll();
    }
}
