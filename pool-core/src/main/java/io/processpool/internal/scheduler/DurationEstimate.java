package io.processpool.internal.scheduler;

/**
 * How long an item of some function takes, learnt from those that have ended, and how many of them make a good batch.
 * Written by one thread at a time, read by any.
 */
public final class DurationEstimate {

    /** About this much work goes into one batch. */
    static final long BATCH_NANOS = 1_000_000;

    static final int MAX_BATCH = 4096;

    /** What counts for a function of which nothing is known. */
    static final long UNKNOWN_NANOS = 100_000_000;

    private volatile long nanosPerItem = -1;
    private volatile int batchSize = 1;

    /** Takes in some items that have ended. */
    void learn(long totalNanos, int items) {
        long mean = Math.max(1, totalNanos / items);
        long old = nanosPerItem;
        long updated;
        if (old < 0) {
            updated = mean;
        } else if (mean < old / 2) {
            updated = (old + mean) / 2; // the first calls are slow, that soon passes
        } else {
            updated = (old * 4 + mean) / 5;
        }
        nanosPerItem = updated;
        long fitting = Math.max(1, Math.min(MAX_BATCH, BATCH_NANOS / updated));
        batchSize = (int) Math.min(fitting, batchSize * 2L);
    }

    /** Returns the nanoseconds that an item takes, or a large number if nothing is known. */
    public long nanosPerItem() {
        long known = nanosPerItem;
        return known < 0 ? UNKNOWN_NANOS : known;
    }

    /** Returns how many items make about a millisecond of work; grows step by step. */
    public int batchSize() {
        return batchSize;
    }
}
