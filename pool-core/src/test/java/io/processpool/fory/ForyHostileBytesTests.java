package io.processpool.fory;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes are, reading them with Fory ends with a value or a {@link TaskSerializationException}. */
@Timeout(300)
class ForyHostileBytesTests {

    private static final int ROUNDS = 1_000;

    private static final ClassLoader LOADER = ForyHostileBytesTests.class.getClassLoader();

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Point(int x, long y, Object[] more) {}

    static List<ForyCodec> codecs() {
        return List.of(ForyCodec.registering(Point.class), ForyCodec.allowing(Point.class.getName()));
    }

    private static List<Object> values() {
        return List.of(
                new ArrayList<>(List.of("a", 1, 2L)),
                new ArrayDeque<>(List.of("a", "b")),
                new HashMap<>(Map.of("k", 1, "l", 2)),
                new TreeMap<>(Map.of("k", new int[] {1, 2})),
                new EnumMap<>(Map.of(Thread.State.NEW, "new")),
                List.of(1, 2, 3),
                new BigDecimal("12.34"),
                LocalDateTime.of(2026, 1, 2, 3, 4),
                new String[][] {{"x"}, {}},
                new Object[] {new long[3], "Grüße 世界", new Integer[3]},
                new Point(1, 2, new Object[] {"x", Thread.State.NEW}));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_changedValidBytes_onlyThrowsTaskSerializationException(ForyCodec codec) {
        ValueCodec values = new ValueCodec(codec);
        Random random = new Random(12);
        for (Object value : values()) {
            byte[] valid = encode(values, value);
            for (int i = 0; i < ROUNDS / 4; i++) {
                tries(values, changed(valid, random));
            }
            assertThat(tries(values, valid)).as("afterwards").isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_randomBytes_onlyThrowsTaskSerializationException(ForyCodec codec) {
        ValueCodec values = new ValueCodec(codec);
        byte[] start = Arrays.copyOf(encode(values, List.of()), 2);
        Random random = new Random(11);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[2 + random.nextInt(40)];
            random.nextBytes(bytes);
            System.arraycopy(start, 0, bytes, 0, 2); // what else begins otherwise ends at once
            tries(values, bytes);
        }
    }

    @Test
    void decode_truncatedAnywhere_throws() {
        ValueCodec values = new ValueCodec(ForyCodec.registering(Point.class));
        byte[] whole = encode(values, new Point(1, 2, new Object[] {"text", new int[3], List.of(1, 2)}));
        for (int length = 0; length < whole.length; length++) {
            assertThat(tries(values, Arrays.copyOf(whole, length))).isZero();
        }
        assertThat(tries(values, Arrays.copyOf(whole, whole.length + 1)))
                .as("one byte too many")
                .isZero();
    }

    private static byte[] changed(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        int changes = 1 + random.nextInt(3);
        for (int c = 0; c < changes; c++) {
            int at = 1 + random.nextInt(Math.max(1, bytes.length - 1));
            if (at >= bytes.length) {
                continue;
            }
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
                default -> Arrays.fill(bytes, at, Math.min(at + 4, bytes.length), (byte) 0x7f);
            }
        }
        return bytes;
    }

    private static byte[] encode(ValueCodec values, Object value) {
        BytesOut out = new BytesOut();
        values.encode(value, out, "argument");
        return out.take().toArray();
    }

    private static int tries(ValueCodec values, byte[] bytes) {
        try {
            values.decode(Bytes.of(bytes).open(), LOADER, null, "argument");
            return 1;
        } catch (TaskSerializationException expected) {
            assertThat(expected).hasMessageStartingWith("Cannot decode ");
            return 0;
        } catch (Throwable e) {
            throw new AssertionError("bytes: " + Arrays.toString(bytes), e);
        }
    }
}
