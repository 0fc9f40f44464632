package io.processpool.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks of arguments; each message names the setting, what is allowed and the value. */
public final class Checks {

    private Checks() {}

    /** Returns the value, or throws if it is null. */
    public static <T> T notNull(String setting, @Nullable T value) {
        if (value == null) {
            throw new NullPointerException(setting + " must not be null: " + setting + "=null");
        }
        return value;
    }

    /** Returns the value, or throws if it is below the minimum. */
    public static int atLeast(String setting, int value, int minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(setting + " must be >= " + minimum + ": " + setting + "=" + value);
        }
        return value;
    }

    /** Returns the value, or throws if it is below the minimum. */
    public static long atLeast(String setting, long value, long minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(setting + " must be >= " + minimum + ": " + setting + "=" + value);
        }
        return value;
    }

    /** Returns the value, or throws if it is null, zero or negative. */
    public static Duration positive(String setting, @Nullable Duration value) {
        Duration given = notNull(setting, value);
        if (given.isZero() || given.isNegative()) {
            throw new IllegalArgumentException(setting + " must be positive: " + setting + "=" + given);
        }
        return given;
    }

    /** Returns the value, or throws if it is null or negative. */
    public static Duration notNegative(String setting, @Nullable Duration value) {
        Duration given = notNull(setting, value);
        if (given.isNegative()) {
            throw new IllegalArgumentException(setting + " must not be negative: " + setting + "=" + given);
        }
        return given;
    }
}
