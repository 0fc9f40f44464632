package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.processpool.Codec;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamConstants;
import java.io.OutputStream;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class ValueCodecTests {

    private static final ClassLoader LOADER = ValueCodecTests.class.getClassLoader();

    private final ValueCodec codec = new ValueCodec(null);

    static Stream<Object> values() {
        return Stream.of(
                true,
                false,
                Byte.MIN_VALUE,
                (byte) 7,
                Byte.MAX_VALUE,
                Short.MIN_VALUE,
                Short.MAX_VALUE,
                'x',
                Character.MAX_VALUE,
                0,
                -1,
                63,
                -64,
                64,
                Integer.MIN_VALUE,
                Integer.MAX_VALUE,
                0L,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                0.0f,
                -0.0f,
                Float.MIN_VALUE,
                Float.NEGATIVE_INFINITY,
                Float.NaN,
                0.0,
                -0.0,
                Double.MIN_VALUE,
                Double.POSITIVE_INFINITY,
                Double.NaN,
                "",
                "plain",
                "Grüße ÿ",
                "Żółć \u0100",
                "世界",
                "mixed 😀 text",
                "\ud83d lone high",
                "lone low \ude00",
                "\ude00\ud83d swapped",
                "ends high \ud83d",
                "\0",
                "a".repeat(200_000),
                "ü".repeat(200_000),
                "世".repeat(200_000),
                "\udc00".repeat(200_000),
                "a".repeat(200_000) + "😀",
                new byte[0],
                new byte[] {-128, 0, 127},
                new boolean[0],
                new boolean[] {true, false, true},
                new char[0],
                new char[] {'a', '\uffff', '\ud800'},
                new short[0],
                new short[] {Short.MIN_VALUE, -1, 0x0102, Short.MAX_VALUE},
                new int[0],
                new int[] {Integer.MIN_VALUE, -1, 0x01020304, Integer.MAX_VALUE},
                new long[0],
                new long[] {Long.MIN_VALUE, -1, 0x0102030405060708L, Long.MAX_VALUE},
                new float[0],
                new float[] {-0.0f, 1.5f, Float.NaN},
                new double[0],
                new double[] {-0.0, 1.5, Double.NaN},
                randomBytes(70_001),
                new Random(2).ints(70_001).toArray(),
                new Random(3).longs(70_001).toArray(),
                new Random(4).doubles(70_001).toArray(),
                new BigInteger("123456789012345678901234567890"),
                new BigDecimal("1.50"),
                Duration.ofMillis(5),
                Thread.State.BLOCKED,
                String.class,
                int.class,
                int[][].class,
                List.of(1, "two", 3.0),
                Collections.singletonList(null),
                new TreeMap<>(Map.of("k", List.of("v"))),
                new String[] {"a", null, "c"},
                new int[][] {{1}, {}, {2, 3}},
                new Integer[] {1, null});
    }

    @ParameterizedTest
    @MethodSource("values")
    void decode_whatWasEncoded_isEqualInClassAndValueAcrossAnySegments(Object value) {
        byte[] bytes = encode(value).toArray();
        for (int segment :
                bytes.length > 1000 ? new int[] {4097, bytes.length} : new int[] {1, 2, 3, 7, bytes.length}) {
            Object decoded = decode(Segmented.split(bytes, segment));

            assertThat(decoded).hasSameClassAs(value);
            assertThat(Arrays.deepEquals(new Object[] {decoded}, new Object[] {value}))
                    .isTrue();
        }
    }

    @Test
    void decode_null_isNull() {
        assertThat(encode(null).length()).isEqualTo(1);
        assertThat(decode(encode(null))).isNull();
    }

    @Test
    void decode_notANumber_keepsItsPayload() {
        double quiet = Double.longBitsToDouble(0x7ff8_dead_beef_0001L);
        float quietFloat = Float.intBitsToFloat(0x7fc0_1234);
        double[] quiets = {quiet, Double.longBitsToDouble(0xfff8_0000_0000_0042L)};

        assertThat(Double.doubleToRawLongBits((Double) decode(encode(quiet)))).isEqualTo(0x7ff8_dead_beef_0001L);
        assertThat(Float.floatToRawIntBits((Float) decode(encode(quietFloat)))).isEqualTo(0x7fc0_1234);
        double[] decoded = (double[]) decode(encode(quiets));
        assertThat(Double.doubleToRawLongBits(decoded[0])).isEqualTo(0x7ff8_dead_beef_0001L);
        assertThat(Double.doubleToRawLongBits(decoded[1])).isEqualTo(0xfff8_0000_0000_0042L);
    }

    @Test
    void encode_rawForms_areTheseBytes() {
        assertThat(encode(true).toArray()).containsExactly(2);
        assertThat(encode(-1).toArray()).containsExactly(6, 1);
        assertThat(encode(300L).toArray()).containsExactly(7, 0xd8, 4);
        assertThat(encode(1.0).toArray()).containsExactly(9, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0);
        assertThat(encode("aÿ").toArray()).containsExactly(16, 'a', 0xff);
        assertThat(encode("aĀ").toArray()).containsExactly(17, 'a', 0xc4, 0x80);
        assertThat(encode("世").toArray()).containsExactly(18, 0x16, 0x4e);
        assertThat(encode(new byte[] {5}).toArray()).containsExactly(32, 5);
        assertThat(encode(new int[] {1, 2}).toArray()).containsExactly(36, 1, 0, 0, 0, 2, 0, 0, 0);
    }

    @Test
    void encode_string_takesTheShortestFormThatKeepsIt() {
        assertThat(encode("ü".repeat(100)).length()).isEqualTo(101);
        assertThat(encode("a".repeat(100) + "世").length()).isEqualTo(104);
        assertThat(encode("世".repeat(100)).length()).isEqualTo(201);
        assertThat(encode("a".repeat(100) + "\ud800").length()).isEqualTo(203);
    }

    @Test
    void encode_arrayBeyondOneSegment_roundTrips() {
        long[] large = new Random(5).longs(9 << 20).toArray();

        assertThat(Arrays.equals((long[]) decode(encode(large)), large)).isTrue();
    }

    @Test
    void encode_severalItemsInOneFrame_eachDecodesFromItsOwnPart() throws IOException {
        BytesOut out = new BytesOut();
        List<Object> items = List.of(1, "two", new ArrayList<>(List.of(3)), 4.0);
        List<Long> ends = new ArrayList<>();
        for (Object item : items) {
            codec.encode(item, out, "argument");
            ends.add(out.length());
        }
        var frame = out.take().open();

        long start = 0;
        for (int i = 0; i < items.size(); i++) {
            assertThat(decode(frame.readBytes(ends.get(i) - start))).isEqualTo(items.get(i));
            start = ends.get(i);
        }
    }

    @Test
    void encode_notSerializable_namesWhatClassAndAdviceAndRestoresOut() {
        BytesOut out = new BytesOut();
        codec.encode("before", out, "argument");
        long length = out.length();
        List<Object> value = new ArrayList<>(List.of("x".repeat(5000), new Object()));

        assertThatThrownBy(() -> codec.encode(value, out, "result"))
                .isInstanceOf(TaskSerializationException.class)
                .hasCauseInstanceOf(java.io.NotSerializableException.class)
                .hasMessageStartingWith(
                        "Cannot encode result: java.util.ArrayList[1] (java.lang.Object) is not serializable; ")
                .hasMessageContaining("in the initializer");
        assertThat(out.length()).isEqualTo(length);
        codec.encode("after", out, "argument");
        assertThat(out.take().length()).isEqualTo(length + 6);
    }

    @Test
    void encode_tooDeepGraph_failsWithTaskSerializationException() {
        assertThatThrownBy(() -> encode(new Nested(100_000)))
                .isInstanceOf(TaskSerializationException.class)
                .hasCauseInstanceOf(StackOverflowError.class)
                .hasMessageContaining("Nested holds objects that are nested too deep");
    }

    @Test
    void encode_writeObjectThrows_namesTheException() {
        assertThatThrownBy(() -> encode(List.of(new ThrowingWriter(new IllegalStateException("boom")))))
                .isInstanceOf(TaskSerializationException.class)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("[0] (" + ThrowingWriter.class.getName()
                        + ") cannot be written: java.lang.IllegalStateException: boom");
        assertThatThrownBy(() -> encode(new ThrowingWriter(new NoClassDefFoundError("com/acme/Gone"))))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("NoClassDefFoundError: com/acme/Gone");
    }

    @Test
    void encode_outOfMemory_passesThroughAndRestoresOut() {
        BytesOut out = new BytesOut();
        OutOfMemoryError error = new OutOfMemoryError("test");

        assertThatThrownBy(() -> codec.encode(new ThrowingWriter(error), out, "argument"))
                .isSameAs(error);
        assertThat(out.length()).isZero();
    }

    @Test
    void encode_customCodec_getsAllButTheRawForms() {
        ValueCodec custom = new ValueCodec(new ClassNameCodec());
        BytesOut out = new BytesOut();

        custom.encode(new BigInteger("5"), out, "argument");
        Bytes bytes = out.take();

        assertThat(bytes.toArray()).isEqualTo("\njava.math.BigInteger!".getBytes(StandardCharsets.US_ASCII));
        assertThat(custom.decode(bytes.open(), LOADER, null, "argument")).isEqualTo(List.of("java.math.BigInteger"));
        custom.encode(5, out, "argument");
        assertThat(out.take().length()).isEqualTo(2);
    }

    @Test
    void encode_customCodecFails_namesCodecAndValue() {
        ValueCodec custom = new ValueCodec(new ClassNameCodec());

        assertThatThrownBy(() -> custom.encode(new Object(), new BytesOut(), "argument"))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessage("Cannot encode argument of class java.lang.Object with codec "
                        + ClassNameCodec.class.getName() + ": java.io.IOException: no plain objects");
    }

    @Test
    void decode_emptyUnknownOrTrailing_throws() {
        assertThatThrownBy(() -> decode(Bytes.EMPTY)).isInstanceOf(TaskSerializationException.class);
        assertThatThrownBy(() -> decode(bytes(99)))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessage("Cannot decode result: malformed or incomplete data: java.io.IOException: unknown tag 99");
        assertThatThrownBy(() -> decode(bytes(6, 0, 0))).hasMessageContaining("1 bytes too many");
        assertThatThrownBy(() -> decode(bytes(36, 1, 0, 0, 0, 2))).hasMessageContaining("5 bytes are not a int[]");
        assertThatThrownBy(() -> decode(bytes(18, 1))).isInstanceOf(TaskSerializationException.class);
        assertThatThrownBy(() -> decode(bytes(3, 0x80, 2))).hasMessageContaining("number out of range: 128");
        assertThatThrownBy(() -> decode(Bytes.concat(List.of(encode(BigInteger.TEN), bytes(0)))))
                .hasMessageContaining("1 bytes too many");
    }

    static Stream<byte[]> serialized() {
        byte[] nothing =
                new RawStream().tag(ObjectStreamConstants.TC_NULL).bytes().toArray();
        ValueCodec codec = new ValueCodec(null);
        return Stream.concat(Stream.of(nothing), values().map(value -> {
                    BytesOut out = new BytesOut();
                    codec.encode(value, out, "argument");
                    return out.take().toArray();
                }))
                .filter(bytes -> bytes[0] == RawStream.VALUE);
    }

    /** A stream that read ahead would take them as well, if they lay in the same array. */
    @ParameterizedTest
    @MethodSource("serialized")
    void decode_bytesBehindWhatWasSerialized_areRefusedHoweverTheyAreCut(byte[] value) {
        for (int more : new int[] {1, 111, 100_000}) {
            byte[] bytes = Arrays.copyOf(value, value.length + more);
            for (int segment : new int[] {1, 3, value.length, bytes.length}) {
                assertThatThrownBy(() -> decode(Segmented.split(bytes, segment)))
                        .isInstanceOf(TaskSerializationException.class)
                        .hasMessageContaining(": " + more + " bytes too many");
            }
        }
    }

    @Test
    void decode_truncatedAnywhere_throws() {
        byte[] whole = encode(new ArrayList<>(List.of("a", 1, Duration.ZERO, new int[3])))
                .toArray();
        for (int length = 0; length < whole.length; length++) {
            Bytes part = Bytes.of(whole, 0, length);
            assertThatThrownBy(() -> decode(part)).isInstanceOf(TaskSerializationException.class);
        }
    }

    @Test
    void decode_hugeArrayInFewBytes_isRejectedBeforeAllocation() {
        byte[] whole = encode(new Integer[] {}).toArray();
        // The count is the last thing in the stream of an empty array.
        Arrays.fill(whole, whole.length - 4, whole.length, (byte) 0x7f);

        assertThatThrownBy(() -> decode(Bytes.of(whole)))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("an array of 2139062143 elements in");
    }

    @Test
    void decode_unknownClass_namesIt(@TempDir Path directory) throws Exception {
        try (var loader = ClassesFromSource.compile(
                directory, "Order", "public class Order implements java.io.Serializable {}")) {
            Bytes bytes = encode(List.of(ClassesFromSource.instance(loader, "Order")));

            assertThatThrownBy(() -> decode(bytes))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasCauseInstanceOf(ClassNotFoundException.class)
                    .hasMessage("Cannot decode result: class elsewhere.Order is not known here: it is not on the class"
                            + " path of this process");
            assertThat(((List<?>) codec.decode(bytes.open(), loader, null, "result"))
                            .get(0)
                            .getClass()
                            .getName())
                    .isEqualTo("elsewhere.Order");
        }
    }

    @Test
    void decode_otherVersionOfClass_saysSo(@TempDir Path one, @TempDir Path two) throws Exception {
        try (var old = ClassesFromSource.compile(
                        one, "Order", "public class Order implements java.io.Serializable { int a; }");
                var current = ClassesFromSource.compile(
                        two, "Order", "public class Order implements java.io.Serializable { int a; int b; }")) {
            Bytes bytes = encode(ClassesFromSource.instance(old, "Order"));

            assertThatThrownBy(() -> codec.decode(bytes.open(), current, null, "argument"))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("elsewhere.Order")
                    .hasMessageContaining("use the same class path in both");
        }
    }

    @Test
    void decode_rejectedByFilter_namesTheClass() {
        ObjectInputFilter filter = ObjectInputFilter.Config.createFilter("java.base/*;!*");
        Bytes bytes = encode(new ArrayList<>(List.of(new Nested(1))));

        assertThatThrownBy(() -> codec.decode(bytes.open(), LOADER, filter, "result"))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("rejected by the resultFilter: class " + Nested.class.getName());
        assertThat(codec.decode(encode(List.of(1, 2)).open(), LOADER, filter, "result"))
                .isEqualTo(List.of(1, 2));
        assertThat(codec.decode(encode("raw").open(), LOADER, info -> ObjectInputFilter.Status.REJECTED, "result"))
                .isEqualTo("raw");
    }

    @Test
    void decode_filterLimitOrFilterThrows_saysWhich() {
        Bytes bytes = encode(new ArrayList<>(List.of(new ArrayList<>(List.of(BigInteger.TEN)))));

        assertThatThrownBy(() -> codec.decode(
                        bytes.open(), LOADER, ObjectInputFilter.Config.createFilter("maxdepth=1"), "result"))
                .hasMessageContaining("rejected by the resultFilter");
        assertThatThrownBy(() -> codec.decode(
                        bytes.open(),
                        LOADER,
                        info -> {
                            throw new IllegalStateException("no idea");
                        },
                        "result"))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("it threw java.lang.IllegalStateException: no idea");
    }

    @Test
    void decode_readObjectThrowsAnything_becomesTaskSerializationException() {
        for (Throwable thrown : List.of(
                new IllegalStateException("boom"),
                new StackOverflowError(),
                new NoClassDefFoundError("com/acme/Gone"),
                new ExceptionInInitializerError("init"),
                new AssertionError("assert"))) {
            ThrowingReader.thrown = () -> thrown;
            Bytes bytes = encode(new ThrowingReader());

            TaskSerializationException failure =
                    catchThrowableOfType(TaskSerializationException.class, () -> decode(bytes));

            assertThat(failure).hasCause(thrown).hasMessageStartingWith("Cannot decode result: ");
        }
        OutOfMemoryError error = new OutOfMemoryError("test");
        ThrowingReader.thrown = () -> error;
        assertThatThrownBy(() -> decode(encode(new ThrowingReader()))).isSameAs(error);
    }

    private Bytes encode(Object value) {
        BytesOut out = new BytesOut();
        codec.encode(value, out, "argument");
        return out.take();
    }

    private Object decode(Bytes bytes) {
        return codec.decode(bytes.open(), LOADER, null, "result");
    }

    private static Bytes bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Bytes.of(bytes);
    }

    private static byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    /** A chain of objects. */
    static final class Nested implements Serializable {
        private static final long serialVersionUID = 1L;
        private Nested inner;

        Nested(int depth) {
            Nested at = this;
            for (int i = 1; i < depth; i++) {
                at.inner = new Nested(1);
                at = at.inner;
            }
        }
    }

    /** Throws when written. */
    static final class ThrowingWriter implements Serializable {
        private static final long serialVersionUID = 1L;
        private final transient Throwable thrown;

        ThrowingWriter(Throwable thrown) {
            this.thrown = thrown;
        }

        private void writeObject(ObjectOutputStream out) {
            Thrower.sneak(thrown);
        }
    }

    /** Throws when read. */
    static final class ThrowingReader implements Serializable {
        private static final long serialVersionUID = 1L;
        private static Supplier<Throwable> thrown;

        private void readObject(ObjectInputStream in) {
            Thrower.sneak(thrown.get());
        }
    }

    /** Throws anything. */
    static final class Thrower {
        private Thrower() {}

        @SuppressWarnings({"unchecked", "DoNotCallSuggester"})
        static <E extends Throwable> void sneak(Throwable thrown) throws E {
            throw (E) thrown;
        }
    }

    /** Writes the class name, reads a list of it, and leaves a trailer unread. */
    static final class ClassNameCodec implements Codec {
        private static final long serialVersionUID = 1L;

        @Override
        public void encode(Object value, OutputStream out) throws IOException {
            if (value.getClass() == Object.class) {
                out.write(1);
                throw new IOException("no plain objects");
            }
            out.write((value.getClass().getName() + "!").getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public Object decode(InputStream in, ClassLoader loader, ObjectInputFilter filter) throws IOException {
            return List.of(new String(in.readNBytes(in.available() - 1), StandardCharsets.US_ASCII));
        }
    }
}
