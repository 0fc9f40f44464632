package io.processpool.internal.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of results of untrusted workers may wait to be taken from a lazy map, whatever these do. What is beyond that
 * is dropped, before it is booked: so for all who look it has never been there. Safe for use by many threads, and takes no
 * lock, since the scheduler asks with its own held.
 */
final class Ration {

    /** So many bytes: half of the heap. */
    static final long MOST = Runtime.getRuntime().maxMemory() / 2;

    private final long most;
    private final AtomicLong waiting = new AtomicLong();

    /** Makes one of so many bytes. */
    Ration(long most) {
        this.most = most;
    }

    /** Takes the room that a result needs; returns false if there is none: too much waits already. */
    boolean take(long bytes) {
        long before = waiting.getAndAdd(bytes);
        boolean fits = bytes == 0 || before == 0 || before + bytes <= most;
        if (!fits) {
            giveBack(bytes);
        }
        return fits;
    }

    /** A result does not wait any more. */
    void giveBack(long bytes) {
        waiting.addAndGet(-bytes);
    }

    /** Returns how many bytes wait. */
    long waiting() {
        return waiting.get();
    }
}
