package io.processpool.internal;

import java.util.concurrent.TimeUnit;

/**
 * How long there is a pause before it is tried again to do what there was no memory for, or no thread: long enough for others
 * to have given some back, and short enough for whoever waits.
 */
public final class Shortage {

    /** The pause, in milliseconds. */
    public static final long PAUSE_MILLIS = 100;

    /** The same, in nanoseconds. */
    public static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);

    private Shortage() {}
}
