package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.testing.Allocations;
import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamConstants;
import java.io.Serial;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.Vector;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of untrusted workers that say one thing to who looks through them and another to Java, or take years to read. */
@Timeout(60)
class StreamScanTests implements ObjectStreamConstants {

    private static final int WITH_OWN_DATA = SC_SERIALIZABLE | SC_WRITE_METHOD;
    private static final String OBJECT = "Ljava/lang/Object;";

    private static class Base implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        int base = 1;

        @Nullable
        Object other = "x";
    }

    /** What it writes is all that there is of it: nothing of its superclass. */
    static final class Own extends Base implements Externalizable {
        @Serial
        private static final long serialVersionUID = 1L;

        private String text = "";

        public Own() {}

        Own(String text) {
            this.text = text;
        }

        @Override
        public void writeExternal(ObjectOutput out) throws IOException {
            out.writeObject(text);
            out.writeInt(5);
        }

        @Override
        public void readExternal(ObjectInput in) throws IOException, ClassNotFoundException {
            text = (String) in.readObject();
        }
    }

    private record Point(int x, int y) implements Serializable {}

    private final ValueCodec codec = new ValueCodec(null);

    private @Nullable Object decode(Bytes bytes, Class<?>... declared) {
        return codec.decode(
                bytes.open(), StreamScanTests.class.getClassLoader(), new AllowList(List.of(declared), null), "result");
    }

    private @Nullable Object pass(Object value, Class<?>... declared) {
        BytesOut out = new BytesOut();
        codec.encode(value, out, "result");
        return decode(out.take(), declared);
    }

    private TaskSerializationException refusal(Bytes bytes, Class<?>... declared) {
        return catchThrowableOfType(TaskSerializationException.class, () -> decode(bytes, declared));
    }

    private TaskSerializationException refusal(Object value, Class<?>... declared) {
        return catchThrowableOfType(TaskSerializationException.class, () -> pass(value, declared));
    }

    // ---- what a class says of its fields --------------------------------------------------------------------------

    /** Begins an object whose class comes next. */
    private static RawStream describe(RawStream to, Class<?> type, int flags, int fields) {
        return to.tag(TC_OBJECT).tag(TC_CLASSDESC).write(out -> {
            out.writeUTF(type.getName());
            out.writeLong(ObjectStreamClass.lookup(type).getSerialVersionUID());
            out.write(flags);
            out.writeShort(fields);
        });
    }

    private static RawStream field(RawStream to, char code, String name) {
        return to.write(out -> {
            out.write(code);
            out.writeUTF(name);
        });
    }

    private static Class<?> singletonList() {
        return Collections.singletonList(1).getClass();
    }

    /** Java takes the field for a number of eight bytes, since its type says so, whatever its code is. */
    @Test
    void field_whoseTypeIsNotThatOfItsCode_isRefused() {
        RawStream stream = describe(new RawStream(), singletonList(), SC_SERIALIZABLE, 2);
        field(stream, 'L', "x").text("J");
        field(stream, 'L', "element").text(OBJECT).tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        stream.text("hide!").text("element");

        assertThat(refusal(stream.bytes())).hasMessageContaining("type of a field");
    }

    @Test
    void field_whoseTypeIsAReferenceToAnotherThanItsCode_isRefused() {
        RawStream stream = new RawStream()
                .tag(TC_OBJECT)
                .type(ArrayList.class, WITH_OWN_DATA, "Isize")
                .tag(TC_NULL)
                .write(out -> out.writeInt(2))
                .tag(TC_BLOCKDATA)
                .write(out -> out.write(new byte[] {4, 0, 0, 0, 2}))
                .text("J"); // number 2
        describe(stream, singletonList(), SC_SERIALIZABLE, 2);
        field(stream, 'L', "x").reference(2);
        field(stream, 'L', "element").text(OBJECT).tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        stream.text("hide!").text("element").tag(TC_ENDBLOCKDATA);

        assertThat(refusal(stream.bytes())).hasMessageContaining("type of a field");
    }

    @Test
    void field_arrayInPlaceOfAnObject_isRefused() {
        RawStream stream = describe(new RawStream(), singletonList(), SC_SERIALIZABLE, 1);
        field(stream, '[', "element").text(OBJECT).tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        stream.text("element");
        RawStream empty = describe(new RawStream(), singletonList(), SC_SERIALIZABLE, 1);
        field(empty, 'L', "element").text("").tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        empty.text("element");

        assertThat(refusal(stream.bytes())).hasMessageContaining("type of a field");
        assertThat(refusal(empty.bytes())).hasMessageContaining("type of a field");
    }

    @Test
    void field_whoseTypeIsAValueOfTheStream_isRead() {
        List<Object> values = new ArrayList<>(List.of(OBJECT.intern(), "[I".intern()));
        values.add(Collections.singletonList("x"));
        values.add(new BitSet());

        assertThat(pass(values)).isEqualTo(values);
    }

    @Test
    void field_thatTheClassHasNot_isRefused() {
        Bytes unknown = new RawStream()
                .tag(TC_OBJECT)
                .type(Base.class, SC_SERIALIZABLE, "Ibase", "Isecond")
                .tag(TC_NULL)
                .write(out -> out.writeLong(1))
                .bytes();
        Bytes twice = new RawStream()
                .tag(TC_OBJECT)
                .type(Base.class, SC_SERIALIZABLE, "Ibase", "Ibase")
                .tag(TC_NULL)
                .write(out -> out.writeLong(1))
                .bytes();
        Bytes another = new RawStream()
                .tag(TC_OBJECT)
                .type(Base.class, SC_SERIALIZABLE, "Jother")
                .tag(TC_NULL)
                .write(out -> out.writeLong(1))
                .bytes();

        assertThat(refusal(unknown, Base.class)).hasMessageContaining("no field second");
        assertThat(refusal(twice, Base.class)).hasMessageContaining("no field base");
        assertThat(refusal(another, Base.class)).hasMessageContaining("no field other");
    }

    /** To Java there are none. */
    @Test
    void fields_fewerThanNone_areRefused() {
        RawStream stream = describe(new RawStream(), Base.class, SC_SERIALIZABLE, -1);

        assertThat(refusal(stream.bytes(), Base.class)).hasMessageContaining("-1 fields");
    }

    @Test
    void externalizable_withASerializableSuperclass_isRead() {
        List<?> read = (List<?>) pass(new ArrayList<>(List.of(new Own("a"), new Own("b"))), Own.class);

        assertThat(read.stream().map(each -> ((Own) each).text)).containsExactly("a", "b");
    }

    // ---- classes as values ----------------------------------------------------------------------------------------

    private record Column(String name, Class<?> type) implements Serializable {}

    @Test
    void classAsAValue_ofWhatIsListed_isRead() {
        List<Column> columns = Stream.of(
                        String.class,
                        Object.class,
                        AbstractList.class,
                        int.class,
                        void.class,
                        long[].class,
                        Column.class)
                .map(type -> new Column(type.getName(), type))
                .collect(Collectors.toCollection(ArrayList::new));

        assertThat(pass(columns, Column.class)).isEqualTo(columns);
        assertThat(pass(Object.class)).isEqualTo(Object.class);
    }

    @Test
    void classAsAValue_ofWhatIsNotListed_isRefused() {
        assertThat(refusal(new Column("x", Runnable.class), Column.class))
                .hasMessageContaining("java.lang.Runnable is not");
        assertThat(refusal(Thread.class)).hasMessageContaining("java.lang.Thread is not");
    }

    @ParameterizedTest
    @ValueSource(classes = {Object.class, AbstractList.class, int.class})
    void object_ofAClassThatIsNotSerializable_isRefused(Class<?> type) {
        RawStream stream =
                new RawStream().tag(TC_OBJECT).type(type, 0).tag(TC_NULL).text("next");
        RawStream claims =
                new RawStream().tag(TC_OBJECT).type(type, SC_SERIALIZABLE).tag(TC_NULL);

        assertThat(refusal(stream.bytes())).hasMessageContaining("not serializable");
        assertThat(refusal(claims.bytes())).hasMessageContaining("with the flags");
    }

    @Test
    void array_ofAPrimitiveByItsName_isRefused() {
        RawStream stream = new RawStream().tag(TC_ARRAY).tag(TC_CLASSDESC).write(out -> out.writeUTF("[Lint;"));

        assertThat(refusal(stream.bytes())).hasMessageContaining("[Lint; is not among");
    }

    // ---- what would be hashed and compared for years --------------------------------------------------------------

    /** What it does not ask for is read all the same, and its square would be beyond all numbers. */
    @Test
    void decimal_withMoreThanItsNumber_isRefused() {
        RawStream stream = describe(new RawStream(), BigDecimal.class, WITH_OWN_DATA, 2);
        field(stream, 'I', "scale");
        field(stream, 'L', "intVal").text("Ljava/math/BigInteger;").tag(TC_ENDBLOCKDATA);
        stream.type(Number.class, SC_SERIALIZABLE)
                .tag(TC_NULL)
                .write(out -> out.writeInt(0))
                .tag(TC_NULL)
                .tag(TC_ARRAY)
                .type(byte[].class, SC_SERIALIZABLE)
                .tag(TC_NULL)
                .write(out -> {
                    out.writeInt(100_000);
                    out.write(new byte[100_000]);
                })
                .tag(TC_ENDBLOCKDATA);

        assertThat(refusal(stream.bytes())).hasMessageContaining("bytes of a BigDecimal");
    }

    /** Returns a list of many references to few objects. */
    private static List<Object> alternately(int count, Object... few) {
        return IntStream.range(0, count).mapToObj(i -> few[i % few.length]).collect(Collectors.toList());
    }

    private static Set<Object> setOf(int count, IntFunction<Object> maker) {
        return IntStream.range(0, count).mapToObj(maker).collect(Collectors.toCollection(HashSet::new));
    }

    /**
     * A set as only an attacker has it, the same two elements over and over.
     *
     * @param firstNumber the number of the first element in the stream: those of the set are 0 and 1
     */
    private static Bytes hashSet(int references, Object first, int firstNumber, Object second, int secondNumber) {
        BytesOut out = new BytesOut();
        new ValueCodec(null).encode(new ArrayList<>(List.of(first, second)), out, "result");
        byte[] list = out.take().toArray(); // the numbers of its elements are the same
        int start = startOfElements(list);
        RawStream stream = new RawStream()
                .tag(TC_OBJECT)
                .type(HashSet.class, WITH_OWN_DATA)
                .tag(TC_NULL)
                .tag(TC_BLOCKDATA)
                .write(to -> {
                    to.write(12);
                    to.writeInt(16);
                    to.writeFloat(0.75f);
                    to.writeInt(references + 2);
                    to.write(list, start, list.length - 1 - start);
                });
        for (int i = 0; i < references / 2; i++) {
            stream.reference(firstNumber).reference(secondNumber);
        }
        return stream.tag(TC_ENDBLOCKDATA).bytes();
    }

    private static int startOfElements(byte[] list) {
        for (int i = 0; i < list.length - 6; i++) {
            if (list[i] == TC_BLOCKDATA && list[i + 1] == 4 && list[i + 5] == 2) {
                return i + 6;
            }
        }
        throw new AssertionError("no list of two");
    }

    @Test
    void hashSet_fewElements_isRead() {
        BitSet bits = BitSet.valueOf(new long[1000]);
        bits.set(63_999);

        assertThat(decode(hashSet(100, "first", 2, "second", 3))).isEqualTo(Set.of("first", "second"));
        assertThat(decode(hashSet(100, bits, 4, new BitSet(), 7))).isEqualTo(Set.of(bits, new BitSet()));
    }

    @Test
    void hashSet_equalTextsOverAndOver_isRefused() {
        String text = "x".repeat(4 << 20);

        assertThat(refusal(hashSet(40_000, text, 2, new String(text.toCharArray()), 3)))
                .hasMessageContaining("steps to hash and to compare");
    }

    @Test
    void hashSet_longBitsOverAndOver_isRefused() {
        BitSet bits = new BitSet();
        bits.set(0, 8 << 20);

        assertThat(refusal(hashSet(20_000, bits, 4, new BitSet(), 7)))
                .hasMessageContaining("steps to hash and to compare");
    }

    @Test
    void bigInteger_tooLong_isRefused() {
        BigInteger most = BigInteger.ONE.shiftLeft((1 << 19) - 1);
        BigInteger more = most.shiftLeft(8 * 32);

        assertThat(pass(most)).isEqualTo(most);
        assertThat(pass(new BigDecimal(most))).isEqualTo(new BigDecimal(most));
        assertThat(refusal(more)).hasMessageContaining("BigInteger");
        assertThat(refusal(new BigDecimal(more))).hasMessageContaining("BigInteger");
    }

    /** Begins a list of so many objects that come next. */
    private static RawStream list(int size) {
        return new RawStream()
                .tag(TC_OBJECT)
                .type(ArrayList.class, WITH_OWN_DATA, "Isize")
                .tag(TC_NULL)
                .write(out -> out.writeInt(size))
                .tag(TC_BLOCKDATA)
                .write(out -> out.write(4))
                .write(out -> out.writeInt(size));
    }

    private static RawStream array(RawStream to, Class<?> type, int length) {
        return to.tag(TC_ARRAY).type(type, SC_SERIALIZABLE).tag(TC_NULL).write(out -> out.writeInt(length));
    }

    /** Each copies what it refers to: so a few bytes would become thousands. */
    @Test
    void bigInteger_thatRefersToTheBytesOfAnother_isRefused() {
        RawStream stream = array(list(2), byte[].class, 8).write(out -> out.writeLong(1)); // number 3
        describe(stream, BigInteger.class, WITH_OWN_DATA, 6);
        for (String name : List.of("bitCount", "bitLength", "firstNonzeroByteNum", "lowestSetBit", "signum")) {
            field(stream, 'I', name);
        }
        field(stream, '[', "magnitude").text("[B").tag(TC_ENDBLOCKDATA);
        stream.type(Number.class, SC_SERIALIZABLE).tag(TC_NULL);
        stream.write(out -> {
            for (int number : new int[] {-1, -1, -2, -2, 1}) {
                out.writeInt(number);
            }
        });
        stream.reference(3).tag(TC_ENDBLOCKDATA).tag(TC_ENDBLOCKDATA);

        assertThat(refusal(stream.bytes())).hasMessageContaining("parts of a BigInteger in another");
    }

    @Test
    void bitSets_thatReferToTheSameNumbers_areRefused() {
        RawStream stream = array(list(20_001), long[].class, 1 << 20); // number 3
        stream.write(out -> out.write(new byte[8 << 20]));
        describe(stream, BitSet.class, WITH_OWN_DATA, 1); // number 4, and 5 is the type of its field
        field(stream, '[', "bits").text("[J").tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        stream.reference(3).tag(TC_ENDBLOCKDATA);
        for (int i = 1; i < 20_000; i++) {
            stream.tag(TC_OBJECT).reference(4).reference(3).tag(TC_ENDBLOCKDATA);
        }

        assertThat(refusal(stream.tag(TC_ENDBLOCKDATA).bytes())).hasMessageContaining("steps to hash and to compare");
    }

    @Test
    void vectors_thatReferToTheSameArray_areRefused() {
        RawStream stream = array(list(101), Object[].class, 1 << 20); // number 3
        stream.write(out -> out.write("p".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII))); // as TC_NULL is
        describe(stream, Vector.class, WITH_OWN_DATA, 3); // number 4
        field(stream, 'I', "capacityIncrement");
        field(stream, 'I', "elementCount");
        field(stream, '[', "elementData")
                .text("[Ljava/lang/Object;")
                .tag(TC_ENDBLOCKDATA)
                .tag(TC_NULL);
        stream.write(out -> out.writeLong(0)).reference(3).tag(TC_ENDBLOCKDATA);
        for (int i = 1; i < 100; i++) {
            stream.tag(TC_OBJECT)
                    .reference(4)
                    .write(out -> out.writeLong(0))
                    .reference(3)
                    .tag(TC_ENDBLOCKDATA);
        }

        assertThat(refusal(stream.tag(TC_ENDBLOCKDATA).bytes())).hasMessageContaining("objects in objects");
    }

    @Test
    @SuppressWarnings("deprecation") // Java 17 has nothing else for a variant of any length.
    void locale_tooLong_isRefused() {
        assertThat(refusal(new Locale("de", "AT", "x".repeat(4000)))).hasMessageContaining("letters of a Locale");
        Locale calendar = Locale.forLanguageTag("de-AT-u-ca-gregory-x-acme-first-floor");
        assertThat(pass(calendar)).isEqualTo(calendar);
    }

    static Stream<Named<Object>> tooMuch() {
        List<Integer> numbers = IntStream.range(0, 100_000).boxed().toList();
        Map<Integer, Integer> byNumber = new HashMap<>();
        numbers.forEach(number -> byNumber.put(number, number));
        List<Set<Integer>> immutable = List.of(
                Set.copyOf(numbers.subList(0, 65_536)),
                Set.copyOf(numbers.subList(1, 65_536)),
                Set.copyOf(numbers.subList(2, 65_536)));
        BigDecimal decimal = new BigDecimal(BigInteger.ONE.shiftLeft(500_000), 1);
        return Stream.of(
                Named.of("several Set.of", immutable),
                Named.of("Hashtable", new Hashtable<>(byNumber)),
                Named.of("lists", setOf(100_000, Arrays::asList)),
                Named.of("two kinds", setOf(100_000, i -> i % 2 == 0 ? (Object) i : "text " + i)),
                Named.of("sets in sets", nested(17, "")),
                Named.of("decimals", new PriorityQueue<>(Collections.nCopies(2000, decimal))));
    }

    /** Returns sets of two in sets of two: whoever compares two of them may have to compare each with each, on all levels. */
    private static Object nested(int levels, String text) {
        return levels == 0 ? text : setOf(2, i -> nested(levels - 1, text + i));
    }

    @ParameterizedTest
    @MethodSource("tooMuch")
    void collection_thatMayTakeForeverToCompare_isRefused(Object collection) {
        assertThat(refusal(new ArrayList<>(List.of(collection)))).hasMessageContaining("steps to hash and to compare");
    }

    static Stream<Named<Object>> honest() {
        BigInteger big = BigInteger.ONE.shiftLeft(10_000);
        String header = "x".repeat(1 << 16);
        Map<Object, Object> byText = new LinkedHashMap<>();
        IntStream.range(0, 200_000).forEach(i -> byText.put("text " + i, header));
        Set<Object> withNull = setOf(200_000, i -> (long) i);
        withNull.add(null);
        return Stream.of(
                Named.of("few large objects", alternately(50_000, header, big, new BitSet())),
                Named.of("few collections", alternately(50_000, List.of(header), Map.of("header", header))),
                Named.of("map of texts", byText),
                Named.of("tree of texts", new TreeMap<>(byText)),
                Named.of("numbers and null", withNull),
                Named.of("UUIDs", setOf(200_000, i -> new UUID(i, i))),
                Named.of("long texts", setOf(200_000, i -> "text that is not so short, and has the number " + i)),
                Named.of("long numbers", setOf(2000, i -> big.add(BigInteger.valueOf(i)))),
                Named.of("lists", setOf(30_000, i -> List.of(i, "text"))),
                Named.of("decimals", setOf(30_000, i -> new BigDecimal(i).movePointLeft(2))),
                Named.of("records", setOf(50_000, i -> new Point(i, i))),
                Named.of("sets in a set", setOf(500, i -> setOf(100, j -> i + " " + j))),
                Named.of("immutable sets in a set", setOf(100, i -> Set.of(i, i + 1, i + 2))));
    }

    @ParameterizedTest
    @MethodSource("honest")
    void collection_asHonestWorkersSendIt_isRead(Object collection) {
        boolean equal = collection.equals(pass(collection, Point.class));

        assertThat(equal).isTrue();
    }

    // ---- what is told of it ---------------------------------------------------------------------------------------

    private static Bytes day(String name) {
        return new RawStream()
                .tag(TC_ENUM)
                .type(DayOfWeek.class, SC_SERIALIZABLE | SC_ENUM)
                .type(Enum.class, SC_SERIALIZABLE | SC_ENUM)
                .tag(TC_NULL)
                .text(name)
                .bytes();
    }

    // ---- how much -------------------------------------------------------------------------------------------------

    /** An array of empty texts; it and its class are two more. */
    private static Bytes texts(int count) {
        return new RawStream()
                .tag(TC_ARRAY)
                .type(Object[].class, SC_SERIALIZABLE)
                .tag(TC_NULL)
                .write(out -> {
                    out.writeInt(count);
                    for (int i = 0; i < count; i++) {
                        out.write(TC_STRING);
                        out.writeShort(0);
                    }
                })
                .bytes();
    }

    private static void scan(Bytes value) throws IOException {
        BytesIn in = value.open();
        in.read(); // what kind of value it is
        StreamScan.check(in, new AllowList(List.of(), null));
    }

    @Test
    void objects_asManyAsAreAllowed_areRead() throws IOException {
        Bytes most = texts(AllowList.MAX_OBJECTS - 2);

        scan(most);
    }

    @Test
    void objects_oneMoreThanAllowed_areRefused() {
        assertThatIOException()
                .isThrownBy(() -> scan(texts(AllowList.MAX_OBJECTS - 1)))
                .withMessage("objects are too many of an untrusted worker, allowed are " + AllowList.MAX_OBJECTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 17, AllowList.MAX_ARRAY + 1, Integer.MAX_VALUE})
    void array_claimsMoreThanThereIs_isRefusedBeforeItIsMade(int length) {
        for (Class<?> type : List.of(byte[].class, long[].class, Object[].class)) {
            Bytes bytes = new RawStream()
                    .tag(TC_ARRAY)
                    .type(type, SC_SERIALIZABLE)
                    .tag(TC_NULL)
                    .write(out -> {
                        out.writeInt(length);
                        out.write(new byte[16]);
                    })
                    .bytes();

            long allocated = Allocations.ofThisThread(
                    () -> assertThat(refusal(bytes)).hasMessageContaining("array of " + length + " in 16 bytes"));

            assertThat(allocated).as("bytes for %s", type).isLessThan(1 << 20);
        }
    }

    // ---- what is told of it ---------------------------------------------------------------------------------------

    @Test
    void refusal_textOfTheWorker_forgesNoLines() {
        TaskSerializationException refused = refusal(day("X\n2026-01-01 ERROR forged"));

        assertThat(refused).hasMessageContaining("X\\u000a2026-01-01 ERROR forged");
        assertThat(refused.getCause()).isNotNull();
        for (Throwable at = refused; at != null; at = at.getCause()) {
            assertThat(at.toString()).doesNotContain("\n");
        }
    }

    @Test
    void refusal_longTextOfTheWorker_isCut() {
        TaskSerializationException refused = refusal(day("y".repeat(60_000)));

        for (Throwable at = refused; at != null; at = at.getCause()) {
            assertThat(at.toString()).hasSizeLessThan(1200);
        }
    }
}
