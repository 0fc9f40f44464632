package io.processpool.internal.codec;

import static io.processpool.fuzz.FuzzChecks.bounded;
import static io.processpool.fuzz.FuzzChecks.join;
import static io.processpool.fuzz.FuzzChecks.sliced;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values and exceptions, made of any bytes. */
public final class CodecFuzz {

    private static final ValueCodec VALUES = new ValueCodec(null);

    /** Of what is serialized, only this is read: bytes that choose classes are somebody else's subject. */
    private static final ObjectInputFilter FILTER = ObjectInputFilter.Config.createFilter(
            "maxdepth=8;maxrefs=500;maxarray=500;maxbytes=8192;java.lang.Throwable;java.lang.Exception;"
                    + "java.lang.RuntimeException;java.lang.IllegalStateException;java.lang.StackTraceElement;"
                    + "java.util.Collections$EmptyList;!*");

    private CodecFuzz() {}

    /** An exception. */
    public static void failures(byte[] input) {
        String outcome = bounded(input, () -> failure(Bytes.of(input)));
        assertThat(failure(sliced(input, 5))).as("in slices").isEqualTo(outcome);
    }

    private static String failure(Bytes bytes) {
        Throwable failure;
        try {
            failure = FailureCodec.decode(bytes.open(), CodecFuzz.class.getClassLoader(), FILTER);
        } catch (TaskSerializationException e) {
            return "refused: " + e.getMessage();
        }
        FailureText text = FailureText.of(failure);
        FailureText read = writtenAndRead(text);
        assertThat(read.toString()).as("written again").isEqualTo(text.toString());
        assertThat(writtenAndRead(read)).as("written twice").isEqualTo(read);
        return text.toString();
    }

    private static FailureText writtenAndRead(FailureText text) {
        BytesOut out = new BytesOut();
        FailureTextForm.write(text, out);
        try {
            return FailureTextForm.read(out.take().open());
        } catch (IOException e) {
            throw new AssertionError("refuses what it has written of " + text, e);
        }
    }

    /** Returns exceptions with and without objects. */
    public static List<byte[]> failureSeeds() {
        Exception plain = new IllegalStateException("no");
        Exception nested = new RuntimeException("outer", new Exception("inner"));
        nested.addSuppressed(new IllegalStateException());
        for (Throwable each : List.of(plain, nested, nested.getCause())) {
            each.setStackTrace(Arrays.copyOf(each.getStackTrace(), 2));
        }
        List<byte[]> seeds = new ArrayList<>();
        for (Exception each : List.of(plain, nested)) {
            BytesOut whole = new BytesOut();
            FailureCodec.encode(each, whole);
            seeds.add(whole.take().toArray());
            BytesOut text = new BytesOut();
            FailureTextForm.write(FailureText.of(each), text);
            text.write(0);
            seeds.add(text.take().toArray());
        }
        return seeds;
    }

    /** A value. */
    public static void values(byte[] input) {
        String outcome = bounded(input, () -> value(Bytes.of(input)));
        assertThat(value(sliced(input, 3))).as("in slices").isEqualTo(outcome);
        BytesIn in = Bytes.of(input).open();
        Object scalar = ValueCodec.decodeScalar(in, input.length);
        if (scalar == ValueCodec.NO_SCALAR) {
            assertThat(in.position()).as("what was read of no scalar").isZero();
        } else {
            assertThat(shown(scalar)).isEqualTo(outcome);
        }
    }

    private static String value(Bytes bytes) {
        Object value;
        try {
            value = VALUES.decode(bytes.open(), CodecFuzz.class.getClassLoader(), FILTER, "result");
        } catch (TaskSerializationException e) {
            return "refused: " + e.getMessage();
        }
        if (value instanceof Throwable) {
            return value.toString();
        }
        BytesOut out = new BytesOut();
        VALUES.encode(value, out, "result");
        Object again = VALUES.decode(out.take().open(), CodecFuzz.class.getClassLoader(), FILTER, "result");
        assertThat(shown(again)).as("written again").isEqualTo(shown(value));
        return shown(value);
    }

    private static String shown(@Nullable Object value) {
        return Arrays.deepToString(new Object[] {value});
    }

    /** Returns one value of each raw form. */
    public static List<byte[]> valueSeeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (Object value : Arrays.asList(
                null,
                true,
                (byte) 1,
                (short) -300,
                'c',
                -1,
                Long.MIN_VALUE,
                1.5f,
                Double.NaN,
                "text",
                "h\u20ac",
                "\ud800",
                new byte[] {1, 2},
                new boolean[] {true},
                new char[] {'a'},
                new short[] {1},
                new int[] {1, 2, 3},
                new long[] {1},
                new float[] {1},
                new double[] {1},
                new IllegalStateException("no"))) {
            BytesOut out = new BytesOut();
            VALUES.encode(value, out, "result");
            seeds.add(out.take().toArray());
        }
        return seeds;
    }

    private record Named(String name, int number, Named[] more) implements Serializable {}

    /** A serialized value of an untrusted worker. */
    public static void untrusted(byte[] input) {
        byte[] value = join(new byte[] {RawStream.VALUE}, input);
        String outcome = bounded(value, () -> untrusted(Bytes.of(value)));
        assertThat(untrusted(sliced(value, 3))).as("in slices").isEqualTo(outcome);
    }

    private static String untrusted(Bytes bytes) {
        AllowList allowed = new AllowList(List.of(Named.class), null);
        Object value;
        try {
            value = VALUES.decode(bytes.open(), NoLoader.INSTANCE, allowed, "result");
        } catch (TaskSerializationException e) {
            return "refused: " + e.getMessage();
        }
        return value.getClass().getName();
    }

    /** Nobody may ask it: no class is looked for because bytes name it. */
    private static final class NoLoader extends ClassLoader {

        static final NoLoader INSTANCE = new NoLoader();

        @Override
        protected Class<?> loadClass(String name, boolean resolve) {
            throw new AssertionError("asks for the class " + name);
        }
    }

    /** Returns values and collections of several kinds. */
    public static List<byte[]> untrustedSeeds() {
        Named named = new Named("a", 1, new Named[] {new Named("b", 2, new Named[0])});
        List<byte[]> seeds = new ArrayList<>();
        for (Object value : List.of(
                named,
                new ArrayList<>(List.of(1, 2L, named)),
                new HashMap<>(Map.of("a", new HashSet<>(List.of(1, 2)))),
                new IdentityHashMap<>(Map.of("a", 1)),
                new TreeMap<>(Map.of("a", DayOfWeek.FRIDAY)),
                new ArrayDeque<>(List.of(1)),
                Collections.unmodifiableList(new ArrayList<>(List.of(1))),
                Collections.nCopies(3, "x"),
                EnumSet.of(DayOfWeek.FRIDAY),
                Set.of(1, 2, 3),
                Map.of("a", LocalDate.EPOCH),
                new Object[] {BigDecimal.ONE, Integer.class, new int[] {1}, List.of()})) {
            BytesOut out = new BytesOut();
            VALUES.encode(value, out, "result");
            byte[] encoded = out.take().toArray();
            seeds.add(Arrays.copyOfRange(encoded, 1, encoded.length));
        }
        return seeds;
    }
}
