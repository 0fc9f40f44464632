package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskCallable;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the bytes are, decoding ends with a value or a {@link TaskSerializationException}. */
@Timeout(300)
class HostileBytesTests {

    private static final int ROUNDS = 20_000;

    private static final ClassLoader LOADER = HostileBytesTests.class.getClassLoader();

    private final ValueCodec codec = new ValueCodec(null);

    @Test
    void decodeValue_randomBytes_onlyThrowsTaskSerializationException() {
        Random random = new Random(11);
        int decoded = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                // Most tags are unknown, and a stream without its header ends at once.
                bytes[0] = (byte) random.nextInt(48);
            }
            if (bytes.length > 6 && bytes[0] == 10) {
                System.arraycopy(new byte[] {(byte) 0xac, (byte) 0xed, 0, 5}, 0, bytes, 1, 4);
                bytes[5] = (byte) (0x70 + random.nextInt(16));
            }
            decoded += tries(bytes, this::decodeValue);
        }

        assertThat(decoded).isPositive();
    }

    @Test
    void decodeValue_changedValidBytes_onlyThrowsTaskSerializationException() {
        BytesOut out = new BytesOut();
        for (Object value : values()) {
            codec.encode(value, out, "argument");
            mutate(out.take().toArray(), 12, this::decodeValue);
        }
    }

    @Test
    void decodeFunction_changedValidBytes_onlyThrowsTaskSerializationException() {
        int factor = 3;
        TaskCallable<Integer> function = () -> factor;

        mutate(
                FunctionCodec.encode(function, "function").bytes(),
                13,
                bytes -> FunctionCodec.decode(Bytes.of(bytes), LOADER));
    }

    @Test
    void decodeFailure_changedValidBytes_onlyThrowsTaskSerializationException() {
        IllegalStateException failure = new IllegalStateException("boom", new RuntimeException("cause"));
        failure.addSuppressed(new IllegalArgumentException("suppressed"));
        failure.setStackTrace(Arrays.copyOf(failure.getStackTrace(), 3));
        BytesOut out = new BytesOut();
        FailureCodec.encode(failure, out);

        mutate(out.take().toArray(), 14, HostileBytesTests::decodeFailure);
    }

    @Test
    void decodeFailure_randomBytes_onlyThrowsTaskSerializationException() {
        Random random = new Random(15);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            for (int j = 0; j < bytes.length; j++) {
                // Small numbers make for more plausible lengths and counts.
                bytes[j] = (byte) (random.nextBoolean() ? bytes[j] & 3 : bytes[j]);
            }
            tries(bytes, HostileBytesTests::decodeFailure);
        }
    }

    @Test
    void decodeFailure_causesNestedWithoutEnd_throws() {
        BytesOut out = new BytesOut();
        for (int i = 0; i < 100_000; i++) {
            out.writeString("X");
            out.write(2);
            out.writeVarLong(0);
        }

        assertThat(tries(out.take().toArray(), HostileBytesTests::decodeFailure))
                .isZero();
    }

    @Test
    void decodeFailure_hugeCounts_throwBeforeAllocation() {
        BytesOut frames = new BytesOut();
        frames.writeString("X");
        frames.write(0);
        frames.writeVarLong(Integer.MAX_VALUE);
        BytesOut suppressed = new BytesOut();
        suppressed.writeString("X");
        suppressed.write(0);
        suppressed.writeVarLong(0);
        suppressed.writeVarLong(Integer.MAX_VALUE);

        assertThat(tries(frames.take().toArray(), HostileBytesTests::decodeFailure))
                .isZero();
        assertThat(tries(suppressed.take().toArray(), HostileBytesTests::decodeFailure))
                .isZero();
    }

    /** Each takes four bytes, and hundreds of bytes of memory once it is read. */
    @Test
    void decodeFailure_moreSuppressedThanAreEverWritten_throws() {
        BytesOut out = new BytesOut();
        out.write(new byte[] {0, 0, 0}, 0, 3);
        out.writeVarLong(100_000);
        for (int i = 0; i < 100_000; i++) {
            out.write(new byte[4], 0, 4);
        }
        out.write(0);

        assertThat(tries(out.take().toArray(), HostileBytesTests::decodeFailure))
                .isZero();
    }

    @Test
    void decodeFailure_moreFramesThanAreEverWritten_throws() {
        BytesOut out = new BytesOut();
        out.write(new byte[2], 0, 2);
        out.writeVarLong(100_000);
        out.write(new byte[400_000], 0, 400_000);
        out.write(new byte[2], 0, 2);

        assertThat(tries(out.take().toArray(), HostileBytesTests::decodeFailure))
                .isZero();
    }

    @SuppressWarnings("JdkObsolete") // Users have them.
    private static List<Object> values() {
        return List.of(
                new ArrayList<>(List.of("a", 1, 2L)),
                new LinkedList<>(List.of("a", "b")),
                new ArrayDeque<>(List.of("a", "b")),
                new PriorityQueue<>(List.of(2, 1)),
                new HashMap<>(Map.of("k", 1, "l", 2)),
                new TreeMap<>(Map.of("k", new int[] {1, 2})),
                new EnumMap<>(Map.of(Thread.State.NEW, "new")),
                List.of(1, 2, 3),
                Map.of("a", "b"),
                BitSet.valueOf(new long[] {5, 6}),
                new BigDecimal("12.34"),
                LocalDateTime.of(2026, 1, 2, 3, 4),
                new String[][] {{"x"}, {}},
                new Point(1, 2, new Object[] {"x", Thread.State.NEW}),
                "Grüße 世界 ".repeat(5),
                new double[] {1, 2, 3});
    }

    private void mutate(byte[] valid, int seed, Consumer<byte[]> decode) {
        Random random = new Random(seed);
        for (int i = 0; i < ROUNDS / 4; i++) {
            byte[] bytes = valid.clone();
            int changes = 1 + random.nextInt(3);
            for (int c = 0; c < changes; c++) {
                int at = random.nextInt(bytes.length);
                switch (random.nextInt(4)) {
                    case 0 -> bytes[at] = (byte) random.nextInt(256);
                    case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                    case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
                    default -> Arrays.fill(bytes, at, Math.min(at + 4, bytes.length), (byte) 0x7f);
                }
            }
            tries(bytes, decode);
        }
    }

    private static int tries(byte[] bytes, Consumer<byte[]> decode) {
        try {
            decode.accept(bytes);
            return 1;
        } catch (TaskSerializationException expected) {
            assertThat(expected).hasMessageStartingWith("Cannot decode ");
            return 0;
        } catch (Throwable e) {
            throw new AssertionError("bytes: " + Arrays.toString(bytes), e);
        }
    }

    private void decodeValue(byte[] bytes) {
        codec.decode(Bytes.of(bytes).open(), LOADER, null, "argument");
    }

    private static void decodeFailure(byte[] bytes) {
        assertThat(FailureCodec.decode(Bytes.of(bytes).open(), LOADER, null)).isNotNull();
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Point(int x, long y, Object[] more) implements Serializable {}
}
