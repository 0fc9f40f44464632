package io.processpool.internal.worker;

import io.processpool.internal.transport.Lookout;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The batches that wait for the runner: any thread adds, one takes, which looks for more by itself for a moment. */
final class Inbox {

    private final Lookout lookout;

    private final ConcurrentLinkedQueue<WorkerBatch> batches = new ConcurrentLinkedQueue<>();

    /** Functions to read while there is nothing to run. */
    private final ConcurrentLinkedQueue<FunctionTable.Entry> unread = new ConcurrentLinkedQueue<>();

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

    /** Lets the runner read a function before it is needed, if it has nothing to run. */
    void prepare(FunctionTable.Entry function) {
        unread.add(function);
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
     * Waits for the next batch, and reads functions meanwhile; returns null once the inbox is abandoned, or closed and empty.
     */
    @Nullable
    WorkerBatch take(Consumer<FunctionTable.Entry> reader) {
        lookout.until(this::hasNews, 0);
        WorkerBatch batch = poll();
        if (batch == null) {
            batch = await(reader);
        }
        if (batch != null) {
            lookout.busy(); // the runner looks when it has done with the batch
        }
        return batch;
    }

    private @Nullable WorkerBatch await(Consumer<FunctionTable.Entry> reader) {
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
                FunctionTable.Entry function = unread.poll();
                if (function != null) {
                    reader.accept(function);
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
