package io.processpool.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Durations as nanoseconds, without overflow. */
public final class Nanos {

    /** Long enough for ever, and short enough to be added to a time. */
    private static final long MAX = Long.MAX_VALUE / 4;

    private Nanos() {}

    /** Returns the nanoseconds of a duration, at least 0 and at most some 70 years. */
    public static long of(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        return duration.compareTo(Duration.ofNanos(MAX)) > 0 ? MAX : duration.toNanos();
    }

    /** Returns the nanoseconds of a duration, 0 for none. */
    public static long orZero(@Nullable Duration duration) {
        return duration == null ? 0 : of(duration);
    }
}
