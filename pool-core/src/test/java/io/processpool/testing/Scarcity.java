package io.processpool.testing;

/** Memory that there is none of when a test says so. Safe for use by many threads. */
public final class Scarcity {

    private int grants;
    private int refusals;

    /** Refuses the next so many times. */
    public synchronized void refuse(int times) {
        refuse(0, times);
    }

    /** Grants so many times, and then refuses so many times. */
    public synchronized void refuse(int after, int times) {
        grants = after;
        refusals = times;
    }

    /** Takes some, or throws that there is none. */
    public synchronized void take() {
        if (grants > 0) {
            grants--;
        } else if (refusals > 0) {
            refusals--;
            throw new OutOfMemoryError("Java heap space");
        }
    }
}
