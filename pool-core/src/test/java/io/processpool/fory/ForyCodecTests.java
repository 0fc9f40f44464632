package io.processpool.fory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.processpool.Codec;
import io.processpool.TaskCallable;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.testing.CapturedLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.fory.Fory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What travels with Fory, what does not, and what is said then. */
@Timeout(60)
class ForyCodecTests {

    private static final ClassLoader LOADER = ForyCodecTests.class.getClassLoader();

    private static final Class<?>[] CLASSES = {
        Order.class, Line.class, Colour.class, Node.class, Single.class, Hooked.class, Generic.class
    };

    enum Colour {
        RED,
        GREEN {
            @Override
            int number() {
                return 2;
            }
        };

        int number() {
            return 1;
        }
    }

    record Line(String name, BigDecimal price, Line next) {}

    record Generic<T>(T value, List<? extends Map<String, T>> more) {}

    @SuppressWarnings("ArrayRecordComponent") // Compared by hand.
    record Order(
            String id,
            List<Line> lines,
            Map<String, List<Line>> byName,
            Colour colour,
            LocalDate day,
            Optional<String> note,
            int[] numbers,
            Line[] array,
            Object any) {}

    static final class Node {
        private Node next;
        private Object value;
    }

    static final class Single implements Serializable {
        private static final long serialVersionUID = 1L;
        static final Single INSTANCE = new Single();

        private Object readResolve() {
            return INSTANCE;
        }
    }

    /** Has code of its own for writing and reading. */
    static final class Hooked implements Serializable {
        private static final long serialVersionUID = 1L;
        private transient String text;

        Hooked(String text) {
            this.text = text;
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            if (text.equals("write")) {
                throw new IllegalStateException("boom");
            }
            out.defaultWriteObject();
            out.writeUTF(text);
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            text = in.readUTF();
            if (text.equals("read")) {
                throw new IllegalStateException("boom");
            }
        }
    }

    record Stranger(int x) implements Serializable {}

    static Stream<ForyCodec> codecs() {
        return Stream.of(ForyCodec.registering(CLASSES), ForyCodec.allowing(allowed()));
    }

    private static String[] allowed() {
        return Arrays.stream(CLASSES).map(type -> type.getName() + "*").toArray(String[]::new);
    }

    static Stream<Arguments> values() {
        return codecs().flatMap(codec -> Stream.of(
                        new BigInteger("123456789012345678901234567890"),
                        new BigDecimal("1.50"),
                        Duration.ofMillis(5),
                        Instant.ofEpochSecond(1, 2),
                        LocalDateTime.of(2026, 1, 2, 3, 4),
                        ZonedDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneId.of("Europe/Berlin")),
                        ZoneId.of("Europe/Berlin"),
                        DayOfWeek.MONDAY,
                        RoundingMode.HALF_UP,
                        Thread.State.BLOCKED,
                        Colour.GREEN,
                        Locale.GERMANY,
                        new UUID(1, 2),
                        URI.create("http://localhost/x"),
                        new File("x"),
                        Optional.of("x"),
                        Optional.empty(),
                        String.class,
                        int[][].class,
                        Line.class,
                        List.of(1, "two", 3.0),
                        List.of(new Line("a", null, null)),
                        Set.of(1, 2, 3),
                        Map.of("a", 1),
                        Arrays.asList(1, null),
                        Collections.singletonList(null),
                        Collections.unmodifiableList(new ArrayList<>(List.of(1))),
                        new HashMap<>(Map.of("k", new ArrayList<>(List.of(Colour.RED, Colour.GREEN)))),
                        new LinkedHashMap<>(Map.of(1, 2L)),
                        new TreeMap<>(Map.of("k", List.of("v"))),
                        new ConcurrentHashMap<>(Map.of(1, 2)),
                        new EnumMap<>(Map.of(Colour.GREEN, "green")),
                        BitSet.valueOf(new long[] {5}),
                        new AbstractMap.SimpleEntry<>("k", 1),
                        new Generic<>("x", List.of(Map.of("k", "v"))),
                        new String[] {"a", null, "Grüße", "世界", "\ud83d lone", "😀"},
                        new int[][] {{1}, {}, {2, 3}},
                        new Integer[] {1, null},
                        new Object[] {1, "x", new Line("a", BigDecimal.ONE, null)},
                        new Line[] {new Line("a", null, null), null},
                        new Line[][] {{}, {new Line("b", null, null)}},
                        new ArrayList<>(List.of(new Random(1).ints(100_000).toArray())),
                        new ArrayList<>(IntStream.range(0, 50_000)
                                .mapToObj(i -> "text " + i)
                                .toList()))
                .map(value -> Arguments.of(codec, value)));
    }

    @ParameterizedTest
    @MethodSource("values")
    void decode_whatWasEncodedOnTheOtherSide_isEqualInClassAndValue(ForyCodec codec, Object value) throws Exception {
        Object decoded = decode(travelled(codec), encode(codec, value), null);

        assertThat(decoded).hasSameClassAs(value);
        assertThat(Arrays.deepEquals(flat(decoded), flat(value))).isTrue();
    }

    /** An array in a list has no equals of its own. */
    private static Object[] flat(Object value) {
        return value instanceof List<?> list ? list.toArray() : new Object[] {value};
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_record_keepsFieldsNullsAndIdentity(ForyCodec codec) {
        Line shared = new Line("shared", null, null);
        Order order = new Order(
                "o",
                List.of(shared, new Line("other", BigDecimal.TEN, shared), shared),
                new TreeMap<>(Map.of("k", new ArrayList<>(List.of(shared)))),
                Colour.GREEN,
                null,
                Optional.empty(),
                new int[] {1, 2},
                new Line[] {null, shared},
                new ArrayList<>(List.of(1, "x")));

        Order copy = (Order) decode(codec, encode(codec, order), null);

        assertThat(copy).usingRecursiveComparison().isEqualTo(order);
        assertThat(copy.lines().get(0)).isSameAs(copy.lines().get(2)).isSameAs(copy.array()[1]);
        assertThat(copy.colour()).isSameAs(Colour.GREEN);
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_circle_isOneAgain(ForyCodec codec) {
        Node node = new Node();
        node.next = node;
        node.value = new ArrayList<>(List.of(node));

        Node copy = (Node) decode(codec, encode(codec, node), null);

        assertThat(copy.next).isSameAs(copy);
        assertThat(((List<?>) copy.value).get(0)).isSameAs(copy);
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_classesWithSerializationCodeOfTheirOwn_useIt(ForyCodec codec) {
        assertThat(decode(codec, encode(codec, Single.INSTANCE), null)).isSameAs(Single.INSTANCE);
        assertThat(((Hooked) decode(codec, encode(codec, new Hooked("text")), null)).text)
                .isEqualTo("text");
        assertThatThrownBy(() -> encode(codec, new Hooked("write")))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("IllegalStateException: boom")
                .hasRootCauseMessage("boom");
        Bytes bytes = encode(codec, new Hooked("read"));
        assertThatThrownBy(() -> decode(codec, bytes, null))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("the code that reads its objects threw java.lang.IllegalStateException: boom");
    }

    // ---- what does not travel -------------------------------------------------------------------------------------

    /** Of which Fory warns. */
    private static final class Custom implements Serializable {

        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
        }
    }

    @Test
    void warningOfFory_goesToTheLog() throws Exception {
        try (CapturedLog log = CapturedLog.of("org.apache.fory")) {
            ForyCodec.registering(Custom.class).encode(new Custom(), new ByteArrayOutputStream());

            assertThat(log.events(Level.WARN, Custom.class.getName())).isNotEmpty();
        }
    }

    @Test
    void encode_notRegistered_namesClassAndRemedy() {
        ForyCodec codec = ForyCodec.registering(CLASSES);
        String remedy = "class " + Stranger.class.getName() + " is not registered: add it to ForyCodec.registering";

        for (Object value : List.of(
                new Stranger(1), List.of(new Stranger(1)), new Stranger[] {new Stranger(1)}, nodeOf(new Stranger(1)))) {
            assertThatThrownBy(() -> encode(codec, value))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining(remedy);
        }
        assertThat(decode(codec, encode(codec, List.of(1)), null))
                .as("afterwards")
                .isEqualTo(List.of(1));
    }

    @Test
    void encode_notAllowed_namesClassAndRemedy() {
        ForyCodec codec = ForyCodec.allowing(allowed());
        String remedy = "class " + Stranger.class.getName() + " is not allowed: add it, or its package";

        for (Object value : List.of(
                new Stranger(1), List.of(new Stranger(1)), new Stranger[] {new Stranger(1)}, nodeOf(new Stranger(1)))) {
            assertThatThrownBy(() -> encode(codec, value))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining(remedy);
        }
    }

    @Test
    void encode_lambdaOrProxy_saysThatTheyDoNotTravel() {
        Comparator<Integer> lambda = (Comparator<Integer> & Serializable) (a, b) -> 0;
        ForyCodec codec = ForyCodec.allowing("io.processpool.*");
        for (ForyCodec each : List.of(codec, ForyCodec.registering(CLASSES))) {
            assertThatThrownBy(() -> encode(each, nodeOf(lambda)))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("do not travel inside of values");
            Object proxy =
                    Proxy.newProxyInstance(LOADER, new Class<?>[] {Comparable.class}, (any, method, arguments) -> 0);
            assertThatThrownBy(() -> encode(each, nodeOf(proxy))).isInstanceOf(TaskSerializationException.class);
        }
    }

    /** A worker that does not keep to the rules may send what Fory by itself would write and read. */
    @Test
    void decode_lambdaOrProxyFromAHostileWorker_isRefused() throws Exception {
        Object lambda = (TaskCallable<Integer>) () -> 1;
        Object proxy = Proxy.newProxyInstance(LOADER, new Class<?>[] {Comparable.class}, new Handler());
        Method replacement = lambda.getClass().getDeclaredMethod("writeReplace");
        replacement.setAccessible(true);
        Object form = replacement.invoke(lambda);
        for (Object value :
                List.of(lambda, proxy, form, nodeOf(lambda), nodeOf(proxy), nodeOf(form), List.of(lambda))) {
            assertRefused(ForyCodec.registering(Node.class, Handler.class), hostile(true, value));
            assertRefused(ForyCodec.allowing("io.processpool.*"), hostile(false, value));
        }
        // What it writes is read, but for that.
        assertThat(decode(ForyCodec.registering(Node.class, Handler.class), hostile(true, nodeOf(1)), null))
                .isInstanceOf(Node.class);
        assertThat(decode(ForyCodec.allowing("io.processpool.*"), hostile(false, nodeOf(1)), null))
                .isInstanceOf(Node.class);
    }

    private static Bytes hostile(boolean registering, Object value) {
        Fory fory = Fory.builder()
                .withXlang(false)
                .withRefTracking(true)
                .withCompatible(false)
                .registerGuavaTypes(false)
                .requireClassRegistration(registering)
                .build();
        List<Class<?>> classes = new ArrayList<>(JdkClasses.ALL);
        if (registering) {
            classes.addAll(List.of(Node.class, Handler.class));
        }
        classes.forEach(type -> {
            if (!fory.getTypeResolver().isRegistered(type)) {
                fory.register(type);
            }
        });
        BytesOut out = new BytesOut();
        out.write(encode(ForyCodec.registering(), List.of()).toArray()[0]); // the tag of a codec's value
        byte[] bytes = fory.serialize(value);
        out.write(bytes, 0, bytes.length);
        return out.take();
    }

    private static void assertRefused(Codec codec, Bytes bytes) {
        assertThatThrownBy(() -> decode(codec, bytes, null))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("lambdas and proxies are not read");
    }

    /** Of a proxy. */
    static final class Handler implements InvocationHandler, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            return 0;
        }
    }

    @Test
    void encode_boundToTheProcessOrTooDeep_isRefused() {
        ForyCodec codec = ForyCodec.registering(CLASSES);
        Node deep = new Node();
        for (int i = 0; i < 200_000; i++) {
            Node outer = new Node();
            outer.next = deep;
            deep = outer;
        }
        Node tooDeep = deep;

        assertThatThrownBy(() -> encode(codec, nodeOf(new Thread())))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("class java.lang.Thread does not travel");
        assertThatThrownBy(() -> encode(codec, tooDeep))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("nested too deep");
    }

    @Test
    void decode_classThatOnlyTheOtherSideAllows_isRefusedBeforeItIsMade() {
        Bytes bytes = encode(ForyCodec.allowing("io.processpool.*"), nodeOf(new Stranger(1)));

        assertThatThrownBy(() -> decode(ForyCodec.allowing(allowed()), bytes, null))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("class " + Stranger.class.getName() + " is not allowed");
    }

    @Test
    void decode_unknownClass_namesIt() throws Exception {
        Bytes bytes = encode(ForyCodec.allowing(allowed()), List.of(new Line("x", null, null)));
        ForyCodec codec = ForyCodec.allowing(allowed());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader empty = new URLClassLoader(new URL[0], null)) {
            thread.setContextClassLoader(empty); // Fory looks there, too
            assertThatThrownBy(() -> new ValueCodec(codec).decode(bytes.open(), empty, null, "result"))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("class " + Line.class.getName() + " is not known here");
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    // ---- the filter -----------------------------------------------------------------------------------------------

    private static ObjectInputFilter rejecting(Class<?> type) {
        return info ->
                info.serialClass() == type ? ObjectInputFilter.Status.REJECTED : ObjectInputFilter.Status.UNDECIDED;
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_rejectedByFilter_namesTheClass(ForyCodec codec) {
        Bytes line = encode(codec, List.of(new Line("x", BigDecimal.ONE, null)));
        Bytes lines = encode(codec, new Line[] {new Line("x", null, null)});
        Bytes list = encode(codec, nodeOf(new ArrayList<>(List.of(1))));
        Bytes map = encode(codec, new HashMap<>(Map.of(1, 2)));

        assertRejected(codec, line, rejecting(Line.class), "class " + Line.class.getName());
        assertRejected(codec, lines, rejecting(Line.class), "class " + Line.class.getName());
        assertRejected(codec, line, rejecting(BigDecimal.class), "class java.math.BigDecimal");
        assertRejected(codec, line, rejecting(Number.class), "class java.lang.Number");
        assertRejected(codec, list, rejecting(ArrayList.class), "class java.util.ArrayList");
        assertRejected(codec, map, rejecting(HashMap.class), "class java.util.HashMap");
        assertRejected(
                codec, map, ObjectInputFilter.Config.createFilter("io.processpool.**;!*"), "class java.util.HashMap");
        assertThat(decode(codec, line, rejecting(Node.class))).isEqualTo(List.of(new Line("x", BigDecimal.ONE, null)));
        assertThat(decode(codec, line, null)).isEqualTo(List.of(new Line("x", BigDecimal.ONE, null)));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_filterThrows_saysSo(ForyCodec codec) {
        Bytes line = encode(codec, new Line("x", null, null));

        assertThatThrownBy(() -> decode(codec, line, info -> {
                    throw new IllegalStateException("no idea");
                }))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("it threw java.lang.IllegalStateException: no idea");
    }

    @Test
    void decode_withFilter_asksForEachClassOnce() {
        ForyCodec codec = ForyCodec.allowing(allowed());
        Map<Class<?>, Integer> asked = new ConcurrentHashMap<>();
        ObjectInputFilter counting = info -> {
            asked.merge(info.serialClass(), 1, Integer::sum);
            return rejecting(Node.class).checkInput(info);
        };
        Bytes line = encode(codec, List.of(new Line("x", null, null), new Line("y", null, null)));
        Bytes node = encode(codec, nodeOf(1));

        for (int i = 0; i < 3; i++) {
            decode(codec, line, counting);
            assertRejected(codec, node, counting, "class " + Node.class.getName());
        }

        assertThat(asked).containsEntry(Line.class, 1).containsEntry(Node.class, 1);
    }

    private static void assertRejected(Codec codec, Bytes bytes, ObjectInputFilter filter, String name) {
        assertThatThrownBy(() -> decode(codec, bytes, filter))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("rejected by the resultFilter: " + name);
    }

    // ---- making one -----------------------------------------------------------------------------------------------

    @Test
    void make_invalid_namesWhatIsWrong() {
        for (Class<?> type : List.of(int.class, int[].class, List.class, Number.class)) {
            assertThatThrownBy(() -> ForyCodec.registering(type))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(type.getTypeName());
        }
        assertThatThrownBy(() -> ForyCodec.registering(Runtime.class)).isInstanceOf(IllegalArgumentException.class);
        for (String pattern : List.of("*", "", " ", "com.*.x", "com/acme", "!com.acme")) {
            assertThatThrownBy(() -> ForyCodec.allowing(pattern))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + pattern + "'");
        }
        assertThatThrownBy(ForyCodec::allowing).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void make_withoutFory_saysWhatToAdd() throws Exception {
        URL[] own = {
            ForyCodec.class.getProtectionDomain().getCodeSource().getLocation(),
        };
        try (URLClassLoader withoutFory = new URLClassLoader(own, ClassLoader.getPlatformClassLoader())) {
            Class<?> type = withoutFory.loadClass(ForyCodec.class.getName());

            assertThatThrownBy(
                            () -> type.getMethod("registering", Class[].class).invoke(null, (Object) new Class<?>[0]))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .cause()
                    .hasMessageContainingAll("not on the class path", "org.apache.fory:fory-core:");
        }
    }

    // ---- threads --------------------------------------------------------------------------------------------------

    @Test
    void encodeAndDecode_manyThreadsAtOnce_eachGetsItsOwn() throws Exception {
        ForyCodec codec = ForyCodec.registering(CLASSES);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> futures = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int thread = t;
                futures.add(threads.submit(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        Line line = new Line("line " + thread + " " + i, BigDecimal.valueOf(i), null);
                        List<Line> lines =
                                new ArrayDeque<>(List.of(line, line)).stream().toList();
                        assertThat(decode(codec, encode(codec, new ArrayList<>(lines)), null))
                                .isEqualTo(lines);
                    }
                }));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Blocks while it is written. */
    static final class Blocking implements Serializable {
        private static final long serialVersionUID = 1L;
        private static volatile CountDownLatch entered = new CountDownLatch(0);
        private static volatile CountDownLatch released = new CountDownLatch(0);

        private void writeObject(ObjectOutputStream out) throws IOException {
            entered.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.defaultWriteObject();
        }
    }

    @Test
    void encode_manyOthersBlockInTheirOwnCode_goesOn() throws Exception {
        ForyCodec codec = ForyCodec.registering(Blocking.class);
        int others = 4 * Runtime.getRuntime().availableProcessors();
        Blocking.entered = new CountDownLatch(others);
        Blocking.released = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(others);
        try {
            List<Future<Bytes>> blocked = new ArrayList<>();
            for (int i = 0; i < others; i++) {
                blocked.add(threads.submit(() -> encode(codec, new Blocking())));
            }
            Blocking.entered.await();

            assertThat(decode(codec, encode(codec, List.of(1)), null)).isEqualTo(List.of(1));

            Blocking.released.countDown();
            for (Future<Bytes> future : blocked) {
                assertThat(decode(codec, future.get(), null)).isInstanceOf(Blocking.class);
            }
        } finally {
            Blocking.released.countDown();
            threads.shutdownNow();
        }
    }

    private static Node nodeOf(Object value) {
        Node node = new Node();
        node.value = value;
        return node;
    }

    /** Returns the codec as it comes to a worker. */
    private static ForyCodec travelled(ForyCodec codec) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(codec);
        return (ForyCodec) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    }

    private static Bytes encode(Codec codec, Object value) {
        BytesOut out = new BytesOut();
        new ValueCodec(codec).encode(value, out, "argument");
        return out.take();
    }

    private static Object decode(Codec codec, Bytes bytes, ObjectInputFilter filter) {
        return new ValueCodec(codec).decode(bytes.open(), LOADER, filter, "result");
    }
}
