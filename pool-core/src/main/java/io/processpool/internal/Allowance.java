package io.processpool.internal;

/**
 * What somebody may use: so much at once, and so much in a second in the long run. Used by one thread at a time; the time is
 * given, so that tests need no clock.
 */
public final class Allowance {

    private static final double NANOS = 1e9;

    private final double burst;
    private final double perSecond;
    private double left;
    private long refilledAt;

    /**
     * Makes one that is full.
     *
     * @param burst how much at once
     * @param perSecond how much comes back in a second
     * @param now the time, by {@link System#nanoTime()}
     */
    public Allowance(long burst, long perSecond, long now) {
        this.burst = burst;
        this.perSecond = perSecond;
        this.left = burst;
        this.refilledAt = now;
    }

    /** Takes some, if there is any left; the last may take more than is there, which then is owed. */
    public boolean take(long amount, long now) {
        left = Math.min(burst, left + (now - refilledAt) / NANOS * perSecond);
        refilledAt = now;
        if (left <= 0) {
            return false;
        }
        left -= amount;
        return true;
    }
}
