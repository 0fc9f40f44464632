package io.processpool.internal;

import java.util.Locale;

/** Numbers of bytes as people read them. */
public final class ByteSizes {

    private static final long MEBIBYTE = 1L << 20;

    private ByteSizes() {}

    /** Returns for example {@code 1,536 MiB}. */
    public static String of(long bytes) {
        return String.format(Locale.ROOT, "%,d MiB", Math.round((double) bytes / MEBIBYTE));
    }
}
