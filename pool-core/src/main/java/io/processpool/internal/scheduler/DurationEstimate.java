package io.processpool.internal.scheduler;

/**
 * How long an item of some function takes, learnt from those that have ended, and how many of them make a good batch.
 * Written by one thread at a time, read by any.
 */
public final class DurationEstimate {

    /** About this much work goes into one batch. */
    static final long BATCH_NANOS = 1_000_000;

    static final int MAX_BATCH = 4096;

    /** Further items of the same mean tell nothing new; and so many doublings lead from 1 to {@link #MAX_BATCH}. */
    private static final int MAX_STEPS = 12;

    /** What counts for a function of which nothing is known. */
    static final long UNKNOWN_NANOS = 100_000_000;

    private volatile long nanosPerItem = -1;
    private volatile int batchSize = 1;
    private volatile boolean tiny;

    // Only who writes.
    private double longTermNanos;
    private int longTermItems;

    /** Longer than this makes no difference; and a worker may claim anything, which must not overflow in sums. */
    static final long LONGEST_LEARNT_NANOS = 60_000_000_000L;

    /** What takes no longer than this does nothing but to compute. */
    private static final double TINY_NANOS = 20_000;

    /** So many items make the long-term mean. */
    private static final int LONG_TERM_ITEMS = 1_000;

    /** Takes in some items that have ended. */
    void learn(long totalNanos, int items) {
        long mean = Math.max(1, Math.min(LONGEST_LEARNT_NANOS, totalNanos / items));
        int steps = Math.min(items, MAX_STEPS);
        long updated = nanosPerItem;
        for (int i = 0; i < steps; i++) {
            updated = next(updated, mean);
        }
        nanosPerItem = updated;
        longTermItems = Math.min(LONG_TERM_ITEMS, longTermItems + items);
        longTermNanos += (mean - longTermNanos) * Math.min(1.0, (double) items / longTermItems);
        tiny = longTermNanos <= TINY_NANOS;
        long fitting = Math.max(1, Math.min(MAX_BATCH, BATCH_NANOS / updated));
        batchSize = (int) Math.min(fitting, (long) batchSize << steps);
    }

    private static long next(long old, long mean) {
        if (old < 0) {
            return mean;
        } else if (mean < old / 2) {
            return (old + mean) / 2; // the first calls are slow, that soon passes
        }
        return (old * 4 + mean) / 5;
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

    /**
     * Tells whether items are so short that to wake a worker costs more than several of them: the mean of the last thousand.
     * That of a few would be of no use, since on a busy machine some items take as long as others have the processor.
     */
    boolean tiny() {
        return tiny;
    }
}
