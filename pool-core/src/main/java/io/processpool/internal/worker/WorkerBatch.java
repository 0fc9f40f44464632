package io.processpool.internal.worker;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.wire.Headers;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A batch in the worker. The runner claims its items one by one, from the front; the pool may take back those that are
 * not claimed. One atomic word holds both the next item and the end, so that no item is both run and returned.
 */
final class WorkerBatch {

    private final int id;
    private final FunctionTable.@Nullable Entry function;
    private final Headers headers;
    private final BytesIn items;
    private final boolean tellsStart;
    private final boolean several;

    /** The length of the next item, if it has been read already; else -1. */
    private long nextLength = -1;

    /** The next item to claim in the upper half, the end in the lower. */
    private final AtomicLong nextAndEnd;

    private volatile @Nullable Set<Integer> cancelled;

    /** Held while items are taken back and the pool is told. */
    private final ReentrantLock recall = new ReentrantLock();

    /** Whether somebody is about to take items back, or has. */
    private volatile boolean recalled;

    WorkerBatch(Message.Tasks tasks, FunctionTable.@Nullable Entry function) throws ProtocolException {
        this.id = tasks.batch();
        this.function = function;
        this.headers = headers(tasks.headers());
        this.items = tasks.items().open();
        this.tellsStart = tasks.tellsStart();
        this.several = tasks.count() > 1;
        this.nextAndEnd = new AtomicLong(tasks.count());
    }

    private static Headers headers(Bytes encoded) throws ProtocolException {
        try {
            return Headers.decode(encoded);
        } catch (IOException e) {
            throw new ProtocolException("headers cannot be read: " + e.getMessage());
        }
    }

    int id() {
        return id;
    }

    /** Returns what came with all items. */
    Headers headers() {
        return headers;
    }

    /** Whether the pool wants to know when items begin that took a while to arrive. */
    boolean tellsStart() {
        return tellsStart;
    }

    /** Returns the function of all items, or null if each item is its own. */
    FunctionTable.@Nullable Entry function() {
        return function;
    }

    /** Takes the next item to run; returns its index, or -1 if there is none. */
    int claim() {
        while (true) {
            long word = nextAndEnd.get();
            int next = (int) (word >>> 32);
            if (next >= (int) word) {
                return -1;
            }
            if (nextAndEnd.compareAndSet(word, word + (1L << 32))) {
                return next;
            }
        }
    }

    /**
     * Takes back what is not claimed.
     *
     * @param teller tells the pool from which item on none will be run; before it hears of anything that comes after this batch
     */
    void recall(IntConsumer teller) {
        recalled = true;
        recall.lock();
        try {
            teller.accept(takeBack());
        } finally {
            recall.unlock();
        }
    }

    /** Waits until the pool has been told of what was taken back, if something was. By the runner, at the end of the batch. */
    void awaitRecall() {
        if (recalled) {
            recall.lock();
            recall.unlock();
        }
    }

    private int takeBack() {
        while (true) {
            long word = nextAndEnd.get();
            long next = word >>> 32;
            if (nextAndEnd.compareAndSet(word, next << 32 | next)) {
                return (int) next;
            }
        }
    }

    /** Tells whether all items are claimed or taken back. */
    boolean exhausted() {
        long word = nextAndEnd.get();
        return (int) (word >>> 32) >= (int) word;
    }

    /** Whether there is more than one item. */
    boolean several() {
        return several;
    }

    /** Returns the next item if it is a number, a truth value or null; else {@link ValueCodec#NO_SCALAR}, and it stays the next. */
    @Nullable
    Object nextScalar() throws IOException {
        nextLength = items.readVarLong();
        Object scalar = ValueCodec.decodeScalar(items, nextLength);
        if (scalar != ValueCodec.NO_SCALAR) {
            nextLength = -1;
        }
        return scalar;
    }

    /** Reads the bytes of the next item; by the runner, once for each claim. */
    Bytes nextItem() throws IOException {
        long length = nextLength >= 0 ? nextLength : items.readVarLong();
        nextLength = -1;
        return items.readBytes(length);
    }

    /** Marks an item as not wanted. */
    synchronized void cancel(int index) {
        Set<Integer> set = cancelled;
        if (set == null) {
            set = ConcurrentHashMap.newKeySet();
            cancelled = set;
        }
        set.add(index);
    }

    boolean isCancelled(int index) {
        Set<Integer> set = cancelled;
        return set != null && set.contains(index);
    }
}
