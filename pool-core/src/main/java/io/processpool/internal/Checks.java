package io.processpool.internal;

import java.io.Serializable;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** Returns a copy of words for a command line, or throws if one is null, blank, or contains NUL. */
    public static List<String> words(String setting, @Nullable List<String> words) {
        int index = 0;
        for (String word : notNull(setting, words)) {
            String name = setting + "[" + index++ + "]";
            if (notNull(name, word).isBlank() || word.indexOf(0) >= 0) {
                throw new IllegalArgumentException(
                        setting + " must contain no blank element and no NUL: " + name + "=\"" + word + "\"");
            }
        }
        return List.copyOf(notNull(setting, words));
    }

    /** Returns a copy of names, or throws if one is null or blank. */
    public static Set<String> names(String setting, @Nullable Collection<String> names) {
        for (String name : notNull(setting, names)) {
            if (notNull(setting + " element", name).isBlank()) {
                throw new IllegalArgumentException(
                        setting + " must contain no blank element: " + setting + "=" + names);
            }
        }
        return Set.copyOf(notNull(setting, names));
    }

    /** Returns the class, or throws if no instance of it could be read: it is none, or is not serializable. */
    public static Class<?> resultType(String setting, @Nullable Class<?> type) {
        Class<?> element = notNull(setting + " element", type);
        while (element.isArray()) {
            element = element.getComponentType();
        }
        if (!element.isPrimitive() && !Serializable.class.isAssignableFrom(element)) {
            throw new IllegalArgumentException(
                    setting + " must be serializable classes: " + setting + "=" + element.getName());
        }
        return notNull(setting, type);
    }

    /** Returns a copy of environment variables, or throws if a process cannot have one. Values are not told. */
    public static Map<String, String> variables(String setting, @Nullable Map<String, String> variables) {
        notNull(setting, variables).forEach((name, value) -> {
            if (notNull(setting + " name", name).isEmpty() || name.indexOf('=') >= 0 || name.indexOf(0) >= 0) {
                throw new IllegalArgumentException(
                        setting + " must have names without = and NUL: " + setting + "={" + name + "=...}");
            }
            if (notNull(setting + " " + name, value).indexOf(0) >= 0) {
                throw new IllegalArgumentException(
                        setting + " must have values without NUL: " + setting + "={" + name + "=...}");
            }
        });
        return Map.copyOf(notNull(setting, variables));
    }
}
