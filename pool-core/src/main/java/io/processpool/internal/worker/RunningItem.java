package io.processpool.internal.worker;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Which item is running, and the right to interrupt it: an interrupt reaches that item or nobody, never the next one.
 */
final class RunningItem {

    /** No item runs. */
    static final long NONE = -1;

    /** The item that runs is just being interrupted. */
    static final long INTERRUPTING = -2;

    private final AtomicLong key = new AtomicLong(NONE);
    private volatile Thread thread = Thread.currentThread();

    /** Returns the number that stands for an item. */
    static long key(int batch, int index) {
        return (long) batch << 32 | index;
    }

    /** The calling thread begins an item. */
    void begin(int batch, int index) {
        if (thread != Thread.currentThread()) {
            thread = Thread.currentThread();
        }
        key.set(key(batch, index));
    }

    /** The calling thread has ended the item; no interrupt of it is left behind. */
    void end(int batch, int index) {
        long expected = key(batch, index);
        while (!key.compareAndSet(expected, NONE)) {
            Thread.onSpinWait();
        }
        Thread.interrupted();
    }

    /** Returns the number of the item that runs, {@link #NONE} or {@link #INTERRUPTING}. */
    long current() {
        return key.get();
    }

    boolean is(int batch, int index) {
        return key.get() == key(batch, index);
    }

    /** Returns the stack of the item, or an empty one if it does not run. */
    StackTraceElement[] stack(int batch, int index) {
        if (!is(batch, index)) {
            return new StackTraceElement[0];
        }
        StackTraceElement[] stack = thread.getStackTrace();
        return is(batch, index) ? stack : new StackTraceElement[0];
    }

    /** Interrupts the item if it runs. */
    void interrupt(int batch, int index) {
        long expected = key(batch, index);
        if (key.compareAndSet(expected, INTERRUPTING)) {
            thread.interrupt();
            key.set(expected);
        }
    }
}
