package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskCallable;
import io.processpool.TaskFunction;
import java.io.Externalizable;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@SuppressWarnings({"serial", "UnusedVariable"}) // The classes here are wrong on purpose, and their fields only travel.
class SerializationPathTests {

    private static final String HERE = SerializationPathTests.class.getName();

    /** What the tests look for: not serializable, and nobody may call its methods. */
    static class Connection {
        @Override
        public String toString() {
            throw new AssertionError("toString of a user's object was called");
        }

        @Override
        public boolean equals(Object other) {
            throw new AssertionError("equals of a user's object was called");
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    private static final String CONNECTION = HERE + "$Connection";

    @Test
    void explain_capturedThis_namesMethodAndSaysHowToAvoidIt() {
        assertThat(explain(new Service().task()))
                .isEqualTo("lambda in " + HERE + "$Service.task -> captured this (" + HERE + "$Service)"
                        + " is not serializable; copy the fields it needs into local variables before the lambda,"
                        + " make it a static method, or make " + HERE + "$Service Serializable");
    }

    @Test
    void explain_capturedSerializableThis_namesItsField() {
        assertThat(explain(new SerializableService().task()))
                .startsWith("lambda in " + HERE + "$SerializableService.task -> captured this (" + HERE
                        + "$SerializableService) -> field connection (" + CONNECTION + ") is not serializable; copy the"
                        + " fields it needs");
    }

    @Test
    void explain_lambdaHeldByTheThisItCaptured_isNotLostInTheCycle() {
        SerializableService service = new SerializableService();
        service.callback = service.task();

        assertThat(explain(service.callback)).contains("field connection (" + CONNECTION + ") is not serializable");
        assertThat(explain(service)).contains("field connection (" + CONNECTION + ") is not serializable");
    }

    @Test
    void explain_boundMethodReference_namesMethodAndThis() {
        assertThat(explain(new Service().methodReference()))
                .startsWith(
                        "method reference " + HERE + "$Service::run -> captured this (" + HERE + "$Service) is not");
    }

    @Test
    void explain_capturedLocal_namesWhichArgument() {
        List<Integer> numbers = List.of(1, 2);
        Map<String, Connection> connections = Map.of("x", new Connection());
        TaskCallable<Integer> task = () -> numbers.size() + connections.size();

        assertThat(explain(task))
                .startsWith("lambda in " + HERE + ".explain_capturedLocal_namesWhichArgument -> captured argument 2"
                        + " (java.util.ImmutableCollections$Map1) -> map value for key \"x\" (" + CONNECTION
                        + ") is not");
    }

    @Test
    void explain_lambdaInConstructor_saysSo() {
        assertThat(explain(new Service(true).inConstructor))
                .startsWith("lambda in " + HERE + "$Service.the constructor -> captured this");
    }

    @Test
    void explain_lambdaOfUnserializableType_saysWhichTypesAre() {
        Callable<String> task = () -> "x";

        assertThat(explain(task))
                .isEqualTo("lambda in " + HERE + ", a java.util.concurrent.Callable is not serializable; declare it as,"
                        + " or cast it to, TaskCallable, TaskFunction or another functional type of the pool, which is"
                        + " Serializable: a lambda that is just a Callable cannot leave its process");
    }

    @Test
    void explain_comparatorLambdaInside_advisesACast() {
        TreeSet<String> set = new TreeSet<>((a, b) -> b.compareTo(a));

        assertThat(explain(set))
                .startsWith("java.util.TreeSet -> ")
                .endsWith("(lambda in " + HERE + ", a java.util.Comparator) is not serializable; cast it to a"
                        + " serializable type where it is written: (Comparator & Serializable)");
    }

    @Test
    void explain_elementsEntriesAndFields_nameEachStep() {
        List<Object> list = new ArrayList<>(List.of("a", new Order(null), 3, new Order(new Connection())));
        Map<String, Object> map = new HashMap<>(Map.of("x", list));

        assertThat(explain(list))
                .startsWith("java.util.ArrayList[3] (" + HERE + "$Order) -> field owner (" + CONNECTION + ") is not");
        assertThat(explain(map))
                .startsWith(
                        "java.util.HashMap -> map value for key \"x\" (java.util.ArrayList)[3] (" + HERE + "$Order)");
        assertThat(explain(new Object[] {1, new Order(new Connection())}))
                .startsWith("java.lang.Object[1] (" + HERE + "$Order) -> field owner");
        assertThat(explain(new Connection[][] {{}, {null, new Connection()}}))
                .startsWith(CONNECTION + "[][1] (" + CONNECTION + "[])[1] (" + CONNECTION + ") is not");
        assertThat(explain(new HashSet<>(List.of(new Connection()))))
                .startsWith("java.util.HashSet -> element (" + CONNECTION + ") is not");
        assertThat(explain(new HashMap<>(Map.of(new Connection(), 1))))
                .startsWith("java.util.HashMap -> map key (" + CONNECTION + ") is not");
        assertThat(explain(List.of(1, 2, new Connection())))
                .startsWith("java.util.ImmutableCollections$ListN[2] (" + CONNECTION + ") is not");
        assertThat(explain(new AtomicReference<>(new Connection())))
                .startsWith("java.util.concurrent.atomic.AtomicReference -> field value (" + CONNECTION + ") is not");
        assertThat(explain(Collections.unmodifiableList(new ArrayList<>(List.of(new Connection())))))
                .startsWith("java.util.Collections$UnmodifiableRandomAccessList -> ")
                .contains(" (java.util.ArrayList)[0] (" + CONNECTION + ") is not");
    }

    @Test
    void explain_recordComponentSuperclassAndEnclosing_areNamed() {
        assertThat(explain(new Box("x", new Connection())))
                .startsWith(HERE + "$Box -> component content (" + CONNECTION + ") is not");
        assertThat(explain(new SpecialOrder(new Connection())))
                .startsWith(HERE + "$SpecialOrder -> field owner (" + CONNECTION + ") is not");
        assertThat(explain(new Service().new Inner()))
                .isEqualTo(
                        HERE + "$Service$Inner -> enclosing instance (" + HERE + "$Service) is not serializable; make "
                                + HERE + "$Service$Inner a static nested class or a lambda, or make " + HERE
                                + "$Service Serializable");
    }

    @Test
    void explain_anonymousClass_namesCapturedVariableOrEnclosingInstance() {
        Connection connection = new Connection();

        assertThat(explain(Service.anonymous(connection)))
                .contains(" -> captured variable connection (" + CONNECTION + ") is not");
    }

    @Test
    void explain_culpritAtTheTop_doesNotSpeakOfAField() {
        assertThat(explain(new Connection()))
                .isEqualTo(CONNECTION + " is not serializable; make " + CONNECTION + " Serializable, or pass an id and"
                        + " load it in the worker (for example in the initializer)");
        assertThat(explain(new Order(new Connection())))
                .endsWith("make " + CONNECTION + " Serializable, mark the field transient, or pass an id and load it in"
                        + " the worker (for example in the initializer)");
    }

    @Test
    void explain_jdkCulprit_isNotToBeMadeSerializable() {
        assertThat(explain(new Order(Optional.of(1))))
                .endsWith(
                        "-> field owner (java.util.Optional) is not serializable; mark the field transient, or pass an"
                                + " id and load it in the worker (for example in the initializer)");
        assertThat(explain(Thread.currentThread())).startsWith("java.lang.Thread is not serializable; pass an id");
    }

    @Test
    void explain_transientAndStaticFields_areSkipped() {
        assertThat(explain(new Selective())).startsWith(HERE + "$Selective -> field third (" + CONNECTION + ") is not");
    }

    @Test
    void explain_customSerialization_followsWhatItWrites() {
        assertThat(explain(new Replaced(new Connection())))
                .startsWith(HERE + "$Replaced -> field owner (" + CONNECTION + ") is not");
        assertThat(explain(new ReplacedByUnserializable()))
                .startsWith(HERE + "$ReplacedByUnserializable is replaced by its writeReplace with a " + CONNECTION
                        + ", which is not serializable");
        assertThat(explain(new External())).startsWith(HERE + "$External -> content (" + CONNECTION + ") is not");
    }

    @Test
    void explain_objectsWithWriteReplaceInside_areNamedAsTheyStandThere() {
        Connection connection = new Connection();
        Node node = new Node();
        node.left = List.of("fine");
        node.right = (TaskCallable<Integer>) connection::hashCode;

        assertThat(explain(node))
                .startsWith(HERE + "$Node -> field right (method reference " + CONNECTION + "::hashCode)"
                        + " -> captured argument 1 (" + CONNECTION + ") is not");
        assertThat(explain(new Object[] {new Replaced("fine"), new Replaced(connection)}))
                .startsWith("java.lang.Object[1] (" + HERE + "$Replaced) -> field owner (" + CONNECTION + ") is not");
    }

    @Test
    void explain_cyclesAndSharedObjects_findTheCulprit() {
        Node first = new Node();
        Node second = new Node();
        first.left = second;
        second.left = first;
        second.right = second;
        first.right = new Connection();

        assertThat(explain(first)).startsWith(HERE + "$Node -> field right (" + CONNECTION + ") is not");
        assertThat(explain(second))
                .startsWith(
                        HERE + "$Node -> field left (" + HERE + "$Node) -> field right (" + CONNECTION + ") is not");
    }

    @Test
    void explain_longPath_isCutOff() {
        Node first = new Node();
        Node at = first;
        for (int i = 0; i < 300; i++) {
            Node next = new Node();
            at.left = next;
            at = next;
        }
        at.left = new Connection();

        assertThat(explain(first))
                .endsWith(" -> ... cannot be written: " + NotSerializableException.class.getName() + ": " + CONNECTION);
    }

    @Test
    void explain_hugeGraph_givesUpInBoundedTime() {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < 2_000_000; i++) {
            list.add(new Node());
        }
        list.add(new Connection());

        assertThat(explain(list))
                .isEqualTo("java.util.ArrayList cannot be written: " + NotSerializableException.class.getName() + ": "
                        + CONNECTION);
    }

    @Test
    void explain_endlessGraph_givesUp() {
        assertThat(SerializationPath.explain(new Endless(), new NotSerializableException("x")))
                .startsWith(HERE + "$Endless");
    }

    @Test
    void explain_nothingWrongAnyMore_reportsTheFailure() {
        assertThat(SerializationPath.explain(new Order("fine"), new IOException("disk full")))
                .isEqualTo(HERE + "$Order cannot be written: java.io.IOException: disk full");
    }

    @Test
    void explain_failureWithThrowingMessage_doesNotThrow() {
        IOException failure = new IOException() {
            @Override
            public String getMessage() {
                throw new IllegalStateException();
            }
        };

        assertThat(SerializationPath.explain(new Order("fine"), failure))
                .contains("(getMessage() threw java.lang.IllegalStateException)");
    }

    @Test
    void explain_mapKeys_areShownWithoutUserCode() {
        assertThat(explain(new HashMap<>(Map.of(5, new Connection())))).contains("map value for key 5 (");
        assertThat(explain(new HashMap<>(Map.of(Thread.State.NEW, new Connection()))))
                .contains("for key NEW (");
        assertThat(explain(new HashMap<>(Map.of(new Order("x"), new Connection()))))
                .contains("map value for key of class " + HERE + "$Order (");
        assertThat(explain(new HashMap<>(Map.of("k".repeat(200), new Connection()))))
                .contains("\"" + "k".repeat(80) + "...\"");
        IdentityHashMap<Object, Object> identity = new IdentityHashMap<>();
        identity.put(new Order("x"), new Connection());
        assertThat(explain(identity)).contains("map value for key of class " + HERE + "$Order (");
    }

    private static String explain(Object value) {
        try (ObjectOutputStream out = new ObjectOutputStream(OutputStream.nullOutputStream())) {
            out.writeObject(value);
        } catch (IOException e) {
            return SerializationPath.explain(value, e);
        }
        throw new AssertionError("serializable after all");
    }

    /** Not serializable, like most services. */
    static class Service {
        private final int factor = 2;
        private TaskCallable<Integer> inConstructor = () -> 1;

        Service() {}

        Service(boolean captures) {
            if (captures) {
                inConstructor = () -> this.factor;
            }
        }

        TaskCallable<Integer> task() {
            return () -> factor * 2;
        }

        TaskFunction<Integer, Integer> methodReference() {
            return this::run;
        }

        int run(int value) {
            return value * factor;
        }

        static TaskCallable<Integer> anonymous(Connection connection) {
            return new TaskCallable<>() {
                private static final long serialVersionUID = 1L;

                @Override
                public Integer call() {
                    return connection.hashCode();
                }
            };
        }

        /** Has a reference to its service. */
        class Inner implements TaskCallable<Integer> {
            private static final long serialVersionUID = 1L;

            @Override
            public Integer call() {
                return factor;
            }
        }
    }

    /** Serializable but for one field. */
    static class SerializableService implements Serializable {
        private static final long serialVersionUID = 1L;
        private TaskCallable<Integer> callback;
        private final Object connection = new Connection();

        TaskCallable<Integer> task() {
            return () -> connection.hashCode();
        }
    }

    static class Order implements Serializable {
        private static final long serialVersionUID = 1L;
        private final Object owner;

        Order(Object owner) {
            this.owner = owner;
        }
    }

    static final class SpecialOrder extends Order {
        private static final long serialVersionUID = 1L;
        private final String name = "special";

        SpecialOrder(Object owner) {
            super(owner);
        }
    }

    record Box(String name, Object content) implements Serializable {}

    static final class Selective implements Serializable {
        private static final long serialVersionUID = 1L;
        private static final Connection FIRST = new Connection();
        private final transient Connection second = FIRST;
        private final Object third = new Connection();
    }

    static final class Replaced implements Serializable {
        private static final long serialVersionUID = 1L;
        private final transient Object owner;

        Replaced(Object owner) {
            this.owner = owner;
        }

        private Object writeReplace() {
            return new Order(owner);
        }
    }

    static final class ReplacedByUnserializable implements Serializable {
        private static final long serialVersionUID = 1L;

        private Object writeReplace() {
            return new Connection();
        }
    }

    /** Writes something that is no field. */
    public static final class External implements Externalizable {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeExternal(ObjectOutput out) throws IOException {
            out.writeObject(new Connection());
        }

        @Override
        public void readExternal(ObjectInput in) {}
    }

    static final class Node implements Serializable {
        private static final long serialVersionUID = 1L;
        private Object left;
        private Object right;
    }

    /** Always finds one more to write. */
    static final class Endless implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) throws IOException {
            while (true) {
                out.writeObject(new Node());
            }
        }
    }
}
