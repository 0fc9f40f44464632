package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.TaskCallable;
import io.processpool.TaskFunction;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.FunctionCodec.Encoded;
import java.io.Externalizable;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FunctionCodecTests {

    private static final ClassLoader LOADER = FunctionCodecTests.class.getClassLoader();

    private static final String SOURCE = """
            public class Caller implements io.processpool.TaskCallable<io.processpool.TaskCallable<String>> {
                public io.processpool.TaskCallable<String> call() { return () -> "lambda"; }
            }
            """;

    @Test
    void decode_lambdaMethodReferenceOrObject_works() throws Exception {
        int factor = 3;
        TaskFunction<Integer, Integer> capturing = x -> x * factor;
        TaskFunction<Integer, Integer> plain = x -> x + 1;
        TaskFunction<String, Integer> reference = Integer::parseInt;
        TaskFunction<String, ArrayList<String>> constructor = ignored -> new ArrayList<>();

        assertThat(roundTrip(capturing).apply(5)).isEqualTo(15);
        assertThat(roundTrip(plain).apply(5)).isEqualTo(6);
        assertThat(roundTrip(reference).apply("7")).isEqualTo(7);
        assertThat(roundTrip(constructor).apply("7")).isEmpty();
        assertThat(roundTrip(new Stateless()).call()).isEqualTo("stateless");
        assertThat(roundTrip(new Stateful(5)).call()).isEqualTo(5);
    }

    @Test
    void encode_stateless_serializesOncePerClass() {
        Encoded first = FunctionCodec.encode(plain(), "function");
        Encoded second = FunctionCodec.encode(plain(), "function");

        assertThat(first.stateless()).isTrue();
        assertThat(second.bytes()).isSameAs(first.bytes());
        assertThat(FunctionCodec.encode(new Stateless(), "function").bytes())
                .isSameAs(FunctionCodec.encode(new Stateless(), "function").bytes());
        TaskFunction<String, Integer> reference = Integer::parseInt;
        assertThat(FunctionCodec.encode(reference, "function").stateless()).isTrue();
    }

    @Test
    void encode_stateOrCustomSerialization_isSerializedEachTime() {
        int factor = 3;
        TaskCallable<Integer> capturing = () -> factor;

        for (Object function : List.of(
                capturing,
                new Stateful(1),
                new Inheriting(),
                new Replacing(),
                new Writing(),
                new External(),
                Constant.A)) {
            Encoded encoded = FunctionCodec.encode(function, "function");

            assertThat(encoded.stateless()).as(function.getClass().getName()).isFalse();
            assertThat(FunctionCodec.encode(function, "function").bytes())
                    .isNotSameAs(encoded.bytes())
                    .isEqualTo(encoded.bytes());
        }
    }

    @Test
    void encode_notSerializable_namesThePath() {
        Object captured = new Object();
        TaskCallable<Integer> task = captured::hashCode;

        assertThatThrownBy(() -> FunctionCodec.encode(task, "initializer"))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageStartingWith("Cannot encode initializer: method reference java.lang.Object::hashCode"
                        + " -> captured argument 1 (java.lang.Object) is not serializable; ");
        Runnable runnable = () -> {};
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> FunctionCodec.encode(runnable, "function"))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("a lambda that is just a Runnable cannot leave its process");
        }
    }

    @Test
    void decode_capturingClassUnknown_saysSoPlainly(@TempDir Path directory) throws Exception {
        try (var loader = ClassesFromSource.compile(directory, "Caller", SOURCE)) {
            Object lambda = ((TaskCallable<?>) ClassesFromSource.instance(loader, "Caller")).call();
            Bytes bytes = Bytes.of(FunctionCodec.encode(lambda, "function").bytes());

            assertThatThrownBy(() -> FunctionCodec.decode(bytes, LOADER))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessage(
                            "Cannot decode function: class elsewhere.Caller is not on the class path of this worker;"
                                    + " a lambda or method reference needs the class in which it is written, and those of all"
                                    + " that it captures");
            assertThat(((TaskCallable<?>) FunctionCodec.decode(bytes, loader)).call())
                    .isEqualTo("lambda");
        }
    }

    @Test
    void decode_capturingClassOfAnotherVersion_saysSo(@TempDir Path one, @TempDir Path two) throws Exception {
        try (var current = ClassesFromSource.compile(one, "Caller", SOURCE);
                var old = ClassesFromSource.compile(
                        two,
                        "Caller",
                        SOURCE.replace(
                                "return () -> \"lambda\";", "String s = \"\" + 1; return () -> s + \"other\";"))) {
            Object lambda = ((TaskCallable<?>) ClassesFromSource.instance(current, "Caller")).call();
            Bytes bytes = Bytes.of(FunctionCodec.encode(lambda, "function").bytes());

            assertThatThrownBy(() -> FunctionCodec.decode(bytes, old))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("is another version in this worker");
        }
    }

    @Test
    void decode_malformed_throwsTaskSerializationException() {
        byte[] bytes = FunctionCodec.encode(plain(), "function").bytes();

        assertThatThrownBy(() -> FunctionCodec.decode(Bytes.of(bytes, 0, bytes.length / 2), LOADER))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageStartingWith("Cannot decode function: malformed or incomplete data");
        assertThatThrownBy(() -> FunctionCodec.decode(Bytes.EMPTY, LOADER))
                .isInstanceOf(TaskSerializationException.class);
    }

    @Test
    void encode_statelessOfOtherLoader_doesNotHoldTheLoader(@TempDir Path directory) throws Exception {
        WeakReference<ClassLoader> loader = encodeWithThrowawayLoader(directory);

        Awaitility.await().untilAsserted(() -> {
            System.gc();
            assertThat(loader.get()).isNull();
        });
    }

    private static WeakReference<ClassLoader> encodeWithThrowawayLoader(Path directory) throws Exception {
        try (var loader = ClassesFromSource.compile(directory, "Caller", SOURCE)) {
            Object caller = ClassesFromSource.instance(loader, "Caller");
            assertThat(FunctionCodec.encode(caller, "function").stateless()).isTrue();
            assertThat(FunctionCodec.encode(((TaskCallable<?>) caller).call(), "function")
                            .stateless())
                    .isTrue();
            return new WeakReference<>(loader);
        }
    }

    private static TaskFunction<Integer, Integer> plain() {
        return x -> x + 1;
    }

    @SuppressWarnings("unchecked")
    private static <T> T roundTrip(T function) {
        return (T) FunctionCodec.decode(
                Bytes.of(FunctionCodec.encode(function, "function").bytes()), LOADER);
    }

    static final class Stateless implements TaskCallable<String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String call() {
            return "stateless";
        }
    }

    static class Stateful implements TaskCallable<Integer> {
        private static final long serialVersionUID = 1L;
        private final int value;

        Stateful(int value) {
            this.value = value;
        }

        @Override
        public Integer call() {
            return value;
        }
    }

    static final class Inheriting extends Stateful {
        private static final long serialVersionUID = 1L;

        Inheriting() {
            super(2);
        }
    }

    static final class Replacing implements Serializable {
        private static final long serialVersionUID = 1L;

        private Object writeReplace() {
            return new Stateful(3);
        }
    }

    static final class Writing implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) throws java.io.IOException {
            out.writeInt(5);
        }
    }

    public static final class External implements Externalizable {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeExternal(ObjectOutput out) {}

        @Override
        public void readExternal(ObjectInput in) {}
    }

    enum Constant implements TaskCallable<String> {
        A,
        B;

        @Override
        public String call() {
            return name();
        }
    }
}
