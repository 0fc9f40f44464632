package io.processpool.internal.worker;

import java.util.function.LongSupplier;

/**
 * Measures how long items take: each by itself, or, since a look at the clock costs as much as a tiny item, several together
 * while they take less than half a microsecond. Only the runner; while an item runs, whoever holds it.
 */
final class ItemClock {

    private static final long TINY_NANOS = 500;
    private static final int MAX_STRIDE = 8;

    private final boolean each;
    private final LongSupplier nanoTime;
    private long last;
    private int stride = 1;

    /** How many items have ended since the last look. */
    private int ended;

    private long beforeLast;

    /**
     * Makes a clock.
     *
     * @param each whether it has to look for each item
     */
    ItemClock(boolean each) {
        this(each, System::nanoTime);
    }

    /** Makes a clock that looks at another. */
    ItemClock(boolean each, LongSupplier nanoTime) {
        this.each = each;
        this.nanoTime = nanoTime;
        this.last = nanoTime.getAsLong();
    }

    /** What has passed since the last look does not count; and nothing is known of the next item. */
    void restart() {
        last = nanoTime.getAsLong();
        ended = 0;
        stride = 1;
    }

    /** An item has ended; tells whether to {@linkplain #look} now. */
    boolean ticks() {
        ended++;
        return ended >= stride;
    }

    /** Whether items have ended since the last look. */
    boolean behind() {
        return ended > 0;
    }

    /**
     * An item runs, and those that have ended since the last look are told of before the next. Returns how long they have taken: as
     * long as tiny ones do, if so much has passed. All else is the running item's.
     */
    long share() {
        long share = ended == 0 ? 0 : Math.min(nanoTime.getAsLong() - last, TINY_NANOS * ended);
        last += share;
        ended = 0;
        return share;
    }

    /** Returns the time since the last look, in which one item or several have ended. */
    long look() {
        long now = nanoTime.getAsLong();
        long passed = now - last;
        last = now;
        stride = each || passed > TINY_NANOS * ended ? 1 : Math.min(2 * stride, MAX_STRIDE);
        beforeLast = ended <= 1 ? 0 : Math.min(passed / ended, TINY_NANOS) * (ended - 1);
        ended = 0;
        return passed;
    }

    /** Returns how much of the time up to the last look was not the last item's, but of those before it. */
    long beforeLast() {
        return beforeLast;
    }

    /** Returns when it has looked last, by {@link System#nanoTime()}. */
    long last() {
        return last;
    }
}
