package io.processpool.internal.worker;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which item is running, and the right to hold it: while somebody does, it cannot end. So an interrupt reaches the item that
 * it is meant for or nobody, never the next one; and what the runner does between items, nobody else does meanwhile.
 */
final class RunningItem {

    /** No item runs. */
    static final long NONE = -1;

    /** The runner is between two items, or has none. */
    private static final int BETWEEN = 0;

    private static final int RUNS = 1;

    /** An item runs, and cannot end at this moment. */
    private static final int HELD = 2;

    private final AtomicInteger state = new AtomicInteger(BETWEEN);

    /** Taken by who holds the item, and by the runner that waits for that. */
    private final ReentrantLock holding = new ReentrantLock();

    /** Written by the runner, before and after the item runs. */
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
        key.lazySet(key(batch, index)); // whoever sees that an item runs sees which
        state.lazySet(RUNS);
    }

    /** The calling thread has ended the item; no interrupt of it is left behind. */
    void end() {
        while (!state.compareAndSet(RUNS, BETWEEN)) {
            holding.lock(); // until whoever holds the item has done with it
            holding.unlock();
        }
        key.lazySet(NONE);
        Thread.interrupted();
    }

    /** Does something while an item runs and cannot end; returns false if none runs. Not for the runner. */
    boolean hold(Runnable action) {
        holding.lock();
        try {
            if (!state.compareAndSet(RUNS, HELD)) {
                return false;
            }
            try {
                action.run();
            } finally {
                state.set(RUNS);
            }
            return true;
        } finally {
            holding.unlock();
        }
    }

    /** Returns the number of the item that runs, or {@link #NONE}. */
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
        hold(() -> {
            if (is(batch, index)) {
                thread.interrupt();
            }
        });
    }
}
