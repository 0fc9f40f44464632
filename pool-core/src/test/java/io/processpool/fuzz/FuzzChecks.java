package io.processpool.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.testing.Allocations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** What several targets look for. */
public final class FuzzChecks {

    /** What reading may allocate however short the input is: buffers, messages of exceptions, what a fuzzer adds. */
    private static final long BASE = 4 << 20;

    /** What reading may allocate for each byte of the input. */
    private static final long PER_BYTE = 4096;

    private FuzzChecks() {}

    /** Reads, and looks how much that allocates: lengths that the input only claims must not count. */
    public static <T> T bounded(byte[] input, Supplier<T> reading) {
        List<T> results = new ArrayList<>();
        long limit = BASE + PER_BYTE * input.length;
        long allocated = Allocations.ofThisThread(() -> results.add(reading.get()));
        if (allocated > limit) { // the first time, classes are loaded
            allocated = Allocations.ofThisThread(() -> results.add(reading.get()));
        }
        assertThat(allocated)
                .as("bytes allocated for an input of %d", input.length)
                .isLessThanOrEqualTo(limit);
        return results.get(0);
    }

    /** Returns the same bytes in slices of one size. */
    public static Bytes sliced(byte[] input, int size) {
        List<Bytes> slices = new ArrayList<>();
        for (int from = 0; from < input.length; from += size) {
            slices.add(Bytes.of(Arrays.copyOfRange(input, from, Math.min(input.length, from + size))));
        }
        return Bytes.concat(slices);
    }

    /** Returns the rest of an input. */
    public static byte[] from(byte[] input, int at) {
        return at >= input.length ? new byte[0] : Arrays.copyOfRange(input, at, input.length);
    }

    /** Returns a byte of an input, 0 behind its end. */
    public static int at(byte[] input, int index) {
        return index < input.length ? input[index] & 0xFF : 0;
    }

    /** Joins arrays. */
    public static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] joined = new byte[length];
        int to = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, joined, to, part.length);
            to += part.length;
        }
        return joined;
    }
}
