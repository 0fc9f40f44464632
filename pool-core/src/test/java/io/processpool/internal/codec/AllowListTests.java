package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.processpool.RemoteException;
import io.processpool.TaskCallable;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.testing.Allocations;
import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamConstants;
import java.io.ObjectStreamField;
import java.io.Serial;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What may be read of an untrusted worker's bytes, and that nothing is made of all others. */
@Timeout(60)
class AllowListTests {

    private enum Grade {
        GOOD,
        BAD {
            @Override
            public String toString() {
                return "not so good";
            }
        }
    }

    private record Line(String name, int count) implements Serializable {}

    private record Order(UUID id, List<Line> lines, Grade grade, Line[] more) implements Serializable {}

    private static class Base implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        int base = 1;
    }

    private static final class Derived extends Base {
        @Serial
        private static final long serialVersionUID = 1L;

        private transient String text = "x";

        @Serial
        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            out.writeUTF(text);
        }

        @Serial
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            text = in.readUTF();
        }
    }

    /** Asks for none of its fields: all of it is in what its own method has added. */
    private static final class Custom implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        private transient @Nullable Object held;

        Custom(@Nullable Object held) {
            this.held = held;
        }

        @Serial
        private void writeObject(ObjectOutputStream out) throws IOException {
            out.writeObject(held);
        }

        @Serial
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            held = in.readObject();
        }
    }

    /** Has nothing to read, and reads nothing. */
    private static final class Empty implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        @Serial
        private void readObject(ObjectInputStream in) {
            Objects.requireNonNull(in);
        }
    }

    /** Writes fields that it has not. */
    private static final class Persistent implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        @Serial
        private static final ObjectStreamField[] serialPersistentFields = {
            new ObjectStreamField("count", int.class), new ObjectStreamField("name", String.class)
        };

        private transient String text = "";

        @Serial
        private void writeObject(ObjectOutputStream out) throws IOException {
            ObjectOutputStream.PutField fields = out.putFields();
            fields.put("count", text.length());
            fields.put("name", text);
            out.writeFields();
        }

        @Serial
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            ObjectInputStream.GetField fields = in.readFields();
            text = String.valueOf(fields.get("name", "")) + fields.get("count", 0);
        }
    }

    private static final class Numbers extends ArrayList<Integer> {
        @Serial
        private static final long serialVersionUID = 1L;

        int more = 5;
    }

    /** Writes itself. */
    static final class External implements Externalizable {
        @Serial
        private static final long serialVersionUID = 1L;

        int number;

        /** For reading. */
        public External() {}

        @Override
        public void writeExternal(ObjectOutput out) throws IOException {
            out.writeInt(number);
        }

        @Override
        public void readExternal(ObjectInput in) throws IOException {
            number = in.readInt();
        }
    }

    private static final class Parent implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        @Nullable
        Parent self;
    }

    /** Does something as soon as it is read. */
    static final class Gadget implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        static final AtomicInteger READ = new AtomicInteger();

        @Serial
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            READ.incrementAndGet();
        }
    }

    private static final class Armed extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final Gadget gadget = new Gadget();

        Armed(String message) {
            super(message);
        }
    }

    /** Knows which classes it was asked for. */
    private static final class AskedLoader extends ClassLoader {

        final Set<String> asked = ConcurrentHashMap.newKeySet();

        AskedLoader() {
            super(AllowListTests.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            asked.add(name);
            return super.loadClass(name, resolve);
        }
    }

    private final ValueCodec codec = new ValueCodec(null);
    private final AskedLoader loader = new AskedLoader();

    private Bytes encode(Object value) {
        BytesOut out = new BytesOut();
        codec.encode(value, out, "result");
        return out.take();
    }

    private @Nullable Object decode(Bytes bytes, Class<?>... declared) {
        return codec.decode(bytes.open(), loader, new AllowList(List.of(declared), null), "result");
    }

    private @Nullable Object pass(Object value, Class<?>... declared) {
        return decode(encode(value), declared);
    }

    private static void assertRefused(ThrowingCallable read, String because) {
        assertThatExceptionOfType(TaskSerializationException.class)
                .isThrownBy(read)
                .withMessageContaining(because);
    }

    // ---- what is allowed ------------------------------------------------------------------------------------------

    static Stream<Object> values() {
        Map<DayOfWeek, String> byDay = new EnumMap<>(DayOfWeek.class);
        byDay.put(DayOfWeek.FRIDAY, "fish");
        return Stream.of(
                new Object[] {1, "two", 3L, '4', (short) 5, (byte) 6, 7f, 8d, true, null},
                new Integer[][] {{1, 2}, {3}, null},
                new int[][] {{1}, {2, 3}},
                new String[] {"a", "b"},
                new BigInteger("123456789012345678901234567890"),
                new BigDecimal("12.50"),
                RoundingMode.HALF_UP,
                DayOfWeek.MONDAY,
                Duration.ofMillis(5),
                Instant.EPOCH,
                LocalDate.EPOCH,
                LocalDateTime.of(2024, 2, 29, 1, 2),
                LocalTime.NOON,
                MonthDay.of(2, 29),
                OffsetDateTime.of(LocalDateTime.of(2024, 1, 1, 0, 0), ZoneOffset.ofHours(2)),
                OffsetTime.of(LocalTime.NOON, ZoneOffset.UTC),
                Period.ofDays(3),
                Year.of(2024),
                YearMonth.of(2024, 5),
                ZoneId.of("Europe/Vienna"),
                ZoneOffset.ofHours(1),
                ZonedDateTime.of(LocalDateTime.of(2024, 1, 1, 0, 0), ZoneId.of("Europe/Vienna")),
                ChronoUnit.DAYS,
                UUID.randomUUID(),
                new Date(5),
                Currency.getInstance("EUR"),
                Locale.CANADA_FRENCH,
                BitSet.valueOf(new long[] {5}),
                new ArrayList<>(List.of(1, List.of("x"))),
                new LinkedList<>(List.of(1, 2)),
                new Vector<>(List.of(1)),
                Arrays.asList("a", "b", "c"),
                List.of(),
                List.of(1),
                List.of(1, 2, 3),
                Set.of("a", "b", "c"),
                Map.of("a", 1, "b", List.of()),
                Stream.of(1, 2, 3).toList(),
                new HashMap<>(Map.of("a", new HashMap<>(Map.of("b", Set.of(1))))),
                new LinkedHashMap<>(Map.of("a", 1)),
                new Hashtable<>(Map.of("a", 1)),
                new TreeMap<>(Map.of("b", 1, "a", 2)),
                new HashSet<>(Set.of(1, 2)),
                new LinkedHashSet<>(Set.of(1)),
                new TreeSet<>(Set.of("a", "b")),
                new AbstractMap.SimpleEntry<>("a", 1),
                Collections.emptyList(),
                Collections.singletonList(1),
                Collections.singletonMap("a", 1),
                Collections.unmodifiableList(new ArrayList<>(List.of(1))),
                Collections.unmodifiableMap(new HashMap<>(Map.of("a", 1))),
                Collections.nCopies(3, "x"),
                byDay,
                EnumSet.of(DayOfWeek.FRIDAY));
    }

    @ParameterizedTest
    @MethodSource("values")
    void decode_valueOfTheJdk_isRead(Object value) {
        assertThat(pass(value)).isEqualTo(value);
        assertThat(loader.asked).as("classes that were looked for by name").isEmpty();
    }

    @Test
    void decode_valuesTogether_areRead() {
        List<Object> all = new ArrayList<>(values().toList());
        all.addAll(List.copyOf(all.subList(0, 20))); // twice, so that there are references back

        assertThat((List<?>) pass(all)).hasSameSizeAs(all);
    }

    @Test
    void decode_orderedCollections_areRead() {
        TreeMap<String, Integer> ordered = new TreeMap<>(String.CASE_INSENSITIVE_ORDER.reversed());
        ordered.putAll(Map.of("a", 1, "B", 2, "c", 3));

        assertThat(((Map<?, ?>) pass(ordered)).keySet()).map(Object::toString).containsExactly("c", "B", "a");
        assertThat((Iterable<?>) pass(new ArrayDeque<>(List.of(1, 2, 3))))
                .map(Object::toString)
                .containsExactly("1", "2", "3");
    }

    @Test
    void decode_large_isRead() {
        List<Integer> numbers =
                new ArrayList<>(IntStream.range(0, 300_000).boxed().toList());

        assertThat(pass(numbers)).isEqualTo(numbers);
    }

    @Test
    void decode_declared_isReadWithItsSuperclassesAndArrays() {
        Order order = new Order(UUID.randomUUID(), List.of(new Line("a", 1)), Grade.BAD, new Line[] {new Line("b", 2)});

        Order read = (Order) pass(order, Order.class, Line.class, Grade.class);
        Derived derived = (Derived) pass(new Derived(), Derived[].class);

        assertThat(read).usingRecursiveComparison().isEqualTo(order);
        assertThat(derived.text).isEqualTo("x");
        assertThat(derived.base).isEqualTo(1);
        assertThat(pass(new Grade[][] {{Grade.GOOD}}, Grade.class)).isEqualTo(new Grade[][] {{Grade.GOOD}});
        assertThat(loader.asked).isEmpty();
    }

    @Test
    void decode_declaredThatReadsByItsOwnMethod_isRead() {
        Persistent persistent = new Persistent();
        persistent.text = "x";
        Numbers numbers = new Numbers();
        numbers.add(3);
        External external = new External();
        external.number = 7;

        Object[] read = (Object[]) pass(
                new Object[] {new Custom("a"), persistent, numbers, external, new Empty(), "last"},
                Custom.class,
                Persistent.class,
                Numbers.class,
                External.class,
                Empty.class);

        assertThat(((Custom) read[0]).held).isEqualTo("a");
        assertThat(((Persistent) read[1]).text).isEqualTo("x1");
        assertThat(((Numbers) read[2])).containsExactly(3);
        assertThat(((Numbers) read[2]).more).isEqualTo(5);
        assertThat(((External) read[3]).number).isEqualTo(7);
        assertThat(read[5]).isEqualTo("last");
    }

    // ---- what is not ----------------------------------------------------------------------------------------------

    private static RawStream two() {
        return new RawStream()
                .tag(ObjectStreamConstants.TC_ARRAY)
                .type(Object[].class, ObjectStreamConstants.SC_SERIALIZABLE)
                .tag(ObjectStreamConstants.TC_NULL)
                .write(out -> out.writeInt(2))
                .tag(ObjectStreamConstants.TC_OBJECT);
    }

    /** The scan would see an object without anything and a text; the reader gives the text to the object. */
    @Test
    void decode_withoutTheFlagOfItsOwnWriter_isRefused() {
        Bytes bytes = two().type(Custom.class, ObjectStreamConstants.SC_SERIALIZABLE)
                .tag(ObjectStreamConstants.TC_NULL)
                .text("held")
                .text("second")
                .bytes();

        assertRefused(() -> decode(bytes, Custom.class), "Custom with the flags 2");
    }

    @Test
    void decode_withTheFlagOfAWriterThatItHasNot_isRefused() {
        Bytes bytes = two().type(Base.class, LIST, "Ibase")
                .tag(ObjectStreamConstants.TC_NULL)
                .write(out -> out.writeInt(1))
                .text("held")
                .tag(ObjectStreamConstants.TC_ENDBLOCKDATA)
                .text("second")
                .bytes();

        assertRefused(() -> decode(bytes, Base.class), "Base with the flags 3");
    }

    /** The scan would see numbers where the reader sees a text. */
    @Test
    void decode_withFieldsThatNobodyAsksFor_isRefused() {
        Bytes custom = two().type(Custom.class, LIST, "Isize")
                .tag(ObjectStreamConstants.TC_NULL)
                .tag(ObjectStreamConstants.TC_STRING) // the number: a text of one letter
                .write(out -> out.writeUTF("x"))
                .tag(ObjectStreamConstants.TC_ENDBLOCKDATA)
                .text("second")
                .bytes();
        Bytes empty = two().type(Empty.class, ObjectStreamConstants.SC_SERIALIZABLE, "Isize")
                .tag(ObjectStreamConstants.TC_NULL)
                .text("x")
                .text("third")
                .bytes();

        assertRefused(() -> decode(custom, Custom.class), "Custom has no field size of the type I");
        assertRefused(() -> decode(empty, Empty.class), "Empty has no field size of the type I");
    }

    @Test
    void decode_undeclared_isRefusedBeforeItsClassIsLookedFor() {
        int before = Gadget.READ.get();

        assertRefused(() -> pass(new Gadget()), "AllowListTests$Gadget is not among the resultTypes");
        assertRefused(() -> pass(new ArrayList<>(List.of(1, new Gadget()))), "Gadget");
        assertRefused(() -> pass(new Gadget[0]), "Gadget");
        assertRefused(() -> pass(Gadget.class), "Gadget");
        assertRefused(() -> pass(Grade.GOOD), "Grade");
        assertRefused(
                () -> pass(
                        new Order(UUID.randomUUID(), List.of(new Line("a", 1)), Grade.GOOD, new Line[0]),
                        Order.class,
                        Grade.class),
                "Line");
        assertThat(loader.asked).isEmpty();
        assertThat(Gadget.READ).hasValue(before);
    }

    @Test
    void decode_codeInDisguise_isRefused() throws IOException {
        TaskCallable<Integer> lambda = () -> 1;
        InvocationHandler handler = (InvocationHandler & Serializable) (proxy, method, arguments) -> null;
        Object proxy = Proxy.newProxyInstance(
                AllowListTests.class.getClassLoader(), new Class<?>[] {Comparable.class, Serializable.class}, handler);

        assertRefused(() -> pass(lambda), "SerializedLambda");
        assertRefused(() -> pass(proxy), "proxy");
        assertRefused(() -> pass(new java.net.URL("http://localhost/")), "java.net.URL");
        assertRefused(() -> pass(new java.util.concurrent.atomic.AtomicReference<>(1)), "AtomicReference");
        assertRefused(() -> pass(new IllegalStateException("x")), "IllegalStateException");
        assertThat(loader.asked).isEmpty();
    }

    @Test
    void decode_nestedTooDeep_isRefused() {
        List<Object> deep = new ArrayList<>();
        for (int i = 0; i < AllowList.MAX_DEPTH; i++) {
            deep = new ArrayList<>(List.of(deep));
        }
        List<Object> tooDeep = deep;

        assertRefused(() -> pass(tooDeep), "nested deeper");
    }

    @Test
    void decode_setsThatContainEachOtherTwice_areRefusedAtOnce() {
        Bytes bytes = Bytes.of(LaughingSets.encoded(50));

        assertRefused(() -> decode(bytes), "steps to hash and to compare");
    }

    @Test
    void decode_containsItself_isRefused() {
        Parent parent = new Parent();
        parent.self = parent;

        assertRefused(() -> pass(parent, Parent.class), "contains itself");
    }

    @Test
    void decode_setOfTooManyToProbe_isRefused() {
        Set<Integer> many = Set.copyOf(IntStream.range(0, 100_000).boxed().toList());

        assertRefused(() -> pass(many), "steps to hash and to compare");
        assertThat(pass(new HashSet<>(many))).isEqualTo(many);
    }

    // ---- streams that are put together by hand --------------------------------------------------------------------

    private static final int LIST = ObjectStreamConstants.SC_SERIALIZABLE | ObjectStreamConstants.SC_WRITE_METHOD;

    /** A list that says how long it is, and holds what comes next; the first one describes its class, with handle 0. */
    private static RawStream list(RawStream to, boolean first, int claimed) {
        to.tag(ObjectStreamConstants.TC_OBJECT);
        if (first) {
            to.type(ArrayList.class, LIST, "Isize").tag(ObjectStreamConstants.TC_NULL);
        } else {
            to.reference(0);
        }
        return to.write(out -> out.writeInt(claimed))
                .tag(ObjectStreamConstants.TC_BLOCKDATA)
                .write(out -> {
                    out.write(Integer.BYTES);
                    out.writeInt(claimed);
                });
    }

    @Test
    void decode_classThatIsItsOwnSuperclass_isRefused() {
        Bytes itself = new RawStream()
                .tag(ObjectStreamConstants.TC_OBJECT)
                .type(Base.class, ObjectStreamConstants.SC_SERIALIZABLE)
                .reference(0)
                .bytes();
        Bytes eachOther = new RawStream()
                .tag(ObjectStreamConstants.TC_OBJECT)
                .type(Derived.class, ObjectStreamConstants.SC_SERIALIZABLE)
                .type(Base.class, ObjectStreamConstants.SC_SERIALIZABLE)
                .reference(0)
                .bytes();

        assertRefused(() -> decode(itself, Derived.class), "in place of a class");
        assertRefused(() -> decode(eachOther, Derived.class), "in place of a class");
    }

    @Test
    void decode_superclassThatTheClassHasNot_isRefused() {
        Bytes ofRecord = new RawStream()
                .tag(ObjectStreamConstants.TC_OBJECT)
                .type(Line.class, ObjectStreamConstants.SC_SERIALIZABLE, "Icount")
                .type(Base.class, ObjectStreamConstants.SC_SERIALIZABLE, "Ibase")
                .tag(ObjectStreamConstants.TC_NULL)
                .write(out -> out.writeInt(1)) // the reader would take it for count
                .write(out -> out.writeInt(1))
                .bytes();
        Bytes without = new RawStream()
                .tag(ObjectStreamConstants.TC_OBJECT)
                .type(Derived.class, ObjectStreamConstants.SC_SERIALIZABLE)
                .tag(ObjectStreamConstants.TC_NULL)
                .bytes();

        assertRefused(() -> decode(ofRecord, Line.class, Base.class), "with the superclass");
        assertRefused(() -> decode(without, Derived.class), "with the superclass none");
    }

    @Test
    void decode_classInPlaceOfAnObject_isRefused() {
        Bytes bytes = list(new RawStream(), true, 1)
                .reference(0)
                .tag(ObjectStreamConstants.TC_ENDBLOCKDATA)
                .bytes();

        assertRefused(() -> decode(bytes), "a class in place of an object");
    }

    @Test
    void decode_objectInPlaceOfATypeOfAField_isRefused() {
        RawStream deep = new RawStream().tag(ObjectStreamConstants.TC_OBJECT);
        for (int i = 0; i < 4000; i++) {
            deep.tag(ObjectStreamConstants.TC_CLASSDESC).write(out -> {
                out.writeUTF(Base.class.getName());
                out.writeLong(1);
                out.write(ObjectStreamConstants.SC_SERIALIZABLE);
                out.writeShort(1);
                out.write('L');
                out.writeUTF("field");
                out.write(ObjectStreamConstants.TC_OBJECT);
            });
        }

        assertRefused(() -> decode(deep.bytes(), Base.class), "no type of a field");
    }

    @Test
    void decode_listsThatAllClaimToBeLong_takeNoMemory() {
        RawStream lists = new RawStream();
        for (int i = 0; i < AllowList.MAX_DEPTH - 4; i++) {
            list(lists, i == 0, 1 << 18);
        }
        lists.text("x".repeat(1 << 15));
        for (int i = 0; i < AllowList.MAX_DEPTH - 4; i++) {
            lists.tag(ObjectStreamConstants.TC_ENDBLOCKDATA);
        }
        Bytes bytes = lists.bytes();

        long allocated = Allocations.ofThisThread(() -> assertRefused(() -> decode(bytes), "in all"));

        assertThat(allocated).isLessThan(8 << 20);
    }

    @Test
    void decode_copiesOfManyTimesTheSame_areRefused() {
        List<?> thousand = Collections.nCopies(1000, "x");

        assertRefused(() -> pass(Collections.nCopies(Integer.MAX_VALUE, null)), "objects in objects");
        assertRefused(() -> pass(Collections.nCopies(1000, Collections.nCopies(1000, thousand))), "objects in objects");
        assertThat(pass(thousand)).isEqualTo(thousand);
    }

    /** Each of its elements would double its table: with 30 of them, it has a thousand million slots. */
    @Test
    void decode_setThatGrowsWithEachElement_isRefused() {
        HashSet<Integer> set = new HashSet<>(1, 1e-9f);
        set.addAll(List.of(1, 2, 3, 4, 5));

        assertRefused(() -> pass(set), "load factor");
        assertRefused(() -> pass(new HashSet<>(1, Float.MIN_VALUE)), "load factor");
    }

    static Stream<Object> largeCollections() {
        List<Integer> some = IntStream.range(0, 60_000).boxed().toList();
        Map<Integer, Integer> byNumber = new HashMap<>();
        some.forEach(each -> byNumber.put(each, each));
        Set<Integer> sparse = new HashSet<>(16, 0.25f);
        sparse.addAll(some);
        // The elements once, and then each collection needs no more than references to them.
        return Stream.of(
                List.of(new ArrayList<>(some), new HashSet<>(some), new LinkedHashSet<>(some), sparse),
                List.of(byNumber, new LinkedHashMap<>(byNumber), new Hashtable<>(byNumber), new TreeMap<>(byNumber)),
                List.of(new IdentityHashMap<Object, Object>(byNumber), new IdentityHashMap<Object, Object>(byNumber)),
                new ArrayList<>(Collections.nCopies(1 << 20, null)),
                new ArrayList<>(Collections.nCopies(1 << 20, true)),
                List.of(new Vector<>(some), new LinkedList<>(some), new TreeSet<>(some)),
                List.copyOf(some),
                Map.copyOf(new HashMap<>(Map.of("a", Set.copyOf(some)))),
                Arrays.asList(new Object[1 << 20]),
                many(() -> new ArrayList<>(List.of(1))),
                many(HashMap::new),
                many(() -> new HashMap<>(Map.of(1, 1))),
                many(() -> new LinkedHashMap<>(Map.of(1, 1))),
                many(() -> new Hashtable<>(Map.of(1, 1))),
                many(() -> new IdentityHashMap<Object, Object>(Map.of(1, 1))),
                many(() -> new HashSet<>(Set.of(1))),
                many(() -> new HashSet<>(1000)),
                many(() -> new Vector<>(10)),
                many(TreeMap::new),
                many(() -> new EnumMap<>(DayOfWeek.class)),
                many(() -> EnumSet.of(DayOfWeek.FRIDAY)));
    }

    private static List<Object> many(Supplier<Object> maker) {
        return new ArrayList<>(Stream.generate(maker).limit(10_000).toList());
    }

    /** What legitimate collections ask of the filter is far from what is too much. */
    @ParameterizedTest
    @MethodSource("largeCollections")
    void decode_largeCollection_isReadAndAsksForFewSlots(Object collection) {
        Bytes bytes = encode(collection);
        AtomicLong slots = new AtomicLong();
        AllowList list = new AllowList(List.of(), info -> {
            slots.addAndGet(Math.max(0, info.arrayLength()));
            return ObjectInputFilter.Status.UNDECIDED;
        });

        Object read = codec.decode(bytes.open(), loader, list, "result");

        assertThat(read).hasSameClassAs(collection);
        if (read instanceof Collection<?> all) {
            assertThat(all).hasSameSizeAs((Collection<?>) collection);
        }
        assertThat(slots.get()).isLessThan(2 * bytes.length());
    }

    @Test
    void decode_usersFilter_isAskedInAddition() {
        ObjectInputFilter filter = ObjectInputFilter.Config.createFilter("!java.util.BitSet");
        AllowList list = new AllowList(List.of(), filter);

        assertThat(codec.decode(encode(List.of(1)).open(), loader, list, "result"))
                .isEqualTo(List.of(1));
        assertRefused(() -> codec.decode(encode(new BitSet()).open(), loader, list, "result"), "java.util.BitSet");
    }

    @Test
    void decode_changedBytes_neverAskForAClass() {
        Random random = new Random(17);
        Order order = new Order(UUID.randomUUID(), List.of(new Line("a", 1)), Grade.BAD, new Line[0]);
        byte[] valid = encode(List.of(order, new HashMap<>(Map.of("a", 1)), LocalDate.EPOCH))
                .toArray();
        int read = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] changed = valid.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                changed[1 + random.nextInt(changed.length - 1)] = (byte) random.nextInt();
            }
            try {
                decode(Bytes.of(changed), Order.class, Line.class, Grade.class);
                read++;
            } catch (TaskSerializationException e) {
                continue;
            }
        }

        assertThat(read).isPositive();
        assertThat(loader.asked).isEmpty();
    }

    // ---- failures -------------------------------------------------------------------------------------------------

    @Test
    void decodeFailure_isTextAlone() {
        int before = Gadget.READ.get();
        BytesOut out = new BytesOut();
        FailureCodec.encode(new Armed("over\r\n2024-01-01 ERROR root: \u001b[31mforged"), out);
        Bytes bytes = out.take();

        Throwable failure = FailureCodec.decode(bytes.open(), loader, new AllowList(List.of(Armed.class), null));

        assertThat(failure).isInstanceOf(RemoteException.class);
        assertThat(((RemoteException) failure).className()).isEqualTo(Armed.class.getName());
        assertThat(((RemoteException) failure).originalMessage())
                .isEqualTo("over\\u000d\\u000a2024-01-01 ERROR root: \\u001b[31mforged");
        assertThat(failure.getStackTrace()[0].getMethodName()).isEqualTo("decodeFailure_isTextAlone");
        assertThat(Gadget.READ).hasValue(before);
        assertThat(loader.asked).isEmpty();
        assertThat(FailureCodec.decode(bytes.open(), loader, null))
                .as("trusted")
                .isInstanceOf(Armed.class);
        assertThat(Gadget.READ).hasValue(before + 1);
    }

    @Test
    void readFailure_longerThanAnyThatIsWritten_isRefused() throws IOException {
        String most = "x".repeat(FailureText.MAX_STRING);
        FailureText longest = new FailureText(most, most, List.of(), null, List.of());

        assertThat(writtenAndRead(longest)).isEqualTo(longest);
        for (FailureText tooLong : List.of(
                new FailureText("c", most + "x", List.of(), null, List.of()),
                new FailureText(most + "x", "m", List.of(), null, List.of()),
                new FailureText("c", "m", List.of(new StackTraceElement("c", most + "x", "f", 1)), null, List.of()))) {
            assertThatIOException().isThrownBy(() -> writtenAndRead(tooLong)).withMessageContaining("characters");
        }
    }

    @Test
    void decodeFailure_longNamesAndMessage_areCutByTheWriter() throws IOException {
        String tooLong = "x".repeat(1 << 20);
        Exception failure = new IllegalStateException(tooLong);
        failure.setStackTrace(
                new StackTraceElement[] {new StackTraceElement("l", tooLong, tooLong, tooLong, tooLong, tooLong, 1)});
        FailureText text = FailureText.of(failure);

        assertThat(writtenAndRead(text)).isEqualTo(text);
    }

    private static FailureText writtenAndRead(FailureText text) throws IOException {
        BytesOut out = new BytesOut();
        FailureTextForm.write(text, out);
        return FailureTextForm.read(out.take().open());
    }
}
