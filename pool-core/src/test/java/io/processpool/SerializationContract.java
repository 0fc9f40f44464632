package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.processpool.testing.Ledger;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What travels and what does not: rows D5, D8, D9 and B24. */
abstract class SerializationContract extends PoolContract {

    SerializationContract(Mode mode) {
        super(mode);
    }

    record Point(int x, int y) implements Serializable {}

    /** Like a Spring bean: not serializable, and its lambdas use its fields. */
    private static final class Service {
        private final int factor = 3;

        TaskFunction<Integer, Integer> capturesThis() {
            return x -> x * factor;
        }

        TaskFunction<Integer, Integer> capturesAValue() {
            int copy = factor;
            return x -> x * copy;
        }

        TaskFunction<Integer, Integer> innerClass() {
            return new TaskFunction<>() {
                @Serial
                private static final long serialVersionUID = 1L;

                @Override
                public Integer apply(Integer x) {
                    return x * factor;
                }
            };
        }
    }

    static void assertUnharmed(ProcessPool pool) {
        int next = pool.apply(Tasks::square, 3);
        assertThat(next).isEqualTo(9);
        assertThat(pool.snapshot().workersLost()).isZero();
        assertThat(pool.snapshot().tasksQueued() + pool.snapshot().tasksActive())
                .isZero();
    }

    // M1
    @Test
    void allCalls_lambdaCapturesThis_failWithAMessageThatSaysSo() {
        TaskFunction<Integer, Integer> bad = new Service().capturesThis();
        List<Integer> items = List.of(1, 2);
        try (ProcessPool pool = pool(1)) {
            for (Throwable failure : List.of(
                    catchThrowable(() -> pool.apply(bad, 1)),
                    failureOf(pool.applyAsync(bad, 1)),
                    catchThrowable(() -> pool.map(bad, items)),
                    failureOf(pool.mapAsync(bad, items)),
                    catchThrowable(() -> pool.imap(bad, items).next()),
                    catchThrowable(() -> pool.imapUnordered(bad, items).next()))) {
                assertThat(failure)
                        .isInstanceOf(TaskSerializationException.class)
                        .hasMessageContainingAll("captured this", "Service", "pool=");
            }
            assertThatThrownBy(() -> pool.apply(new Service().innerClass(), 1))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("enclosing instance", "Service");
            int fine = pool.apply(new Service().capturesAValue(), 5);
            assertThat(fine).isEqualTo(15);
            assertUnharmed(pool);
        }
    }

    /** A bean that has the pool, as beans do, and can travel but for that. */
    private static final class Submitter implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        private final ProcessPool pool;

        Submitter(ProcessPool pool) {
            this.pool = pool;
        }

        TaskFunction<Integer, Integer> usesThePool() {
            return x -> pool.apply(Tasks::square, x);
        }
    }

    @Test
    void apply_taskCapturesItsPool_saysWhatToDo() {
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.apply(() -> pool.snapshot().name()))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("captured argument 1", "a pool stays in the process that made it");
            assertThatThrownBy(() -> pool.apply(new Submitter(pool).usesThePool(), 1))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("captured this", "field pool", "a pool stays in the process that made it");
            assertUnharmed(pool);
        }
    }

    @Test
    void apply_taskCapturesAFutureOrAnIterator_saysWhatToDo() {
        try (ProcessPool pool = pool(1);
                ResultIterator<Integer> results = pool.imap(Tasks::square, List.of(1, 2))) {
            TaskFuture<Integer> future = pool.applyAsync(Tasks::square, 3);

            assertThatThrownBy(() -> pool.apply(() -> future.get()))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("a future stays in the process of its pool: take its value with get()");
            assertThatThrownBy(() -> pool.apply(x -> x, future))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("a future stays in the process of its pool: take its value with get()");
            assertThatThrownBy(() -> pool.apply(() -> results.next()))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("an iterator of results stays in the process of its pool");
            assertThat(failureOf(pool.applyAsync(() -> WorkerContext.current())))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("call WorkerContext.current() inside the task");
            results.forEachRemaining(value -> assertThat(value).isPositive());
            assertUnharmed(pool);
        }
    }

    record Order(String id, List<Object> lines) implements Serializable {}

    // D5, M1
    @Test
    void apply_argumentNotSerializable_failsWithThePathToTheCulprit() {
        Order order = new Order("o-1", new ArrayList<>(List.of("fine", Optional.of("not fine"))));
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.apply(x -> x, order))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("argument", "Order", "lines", "[1]", "Optional");
            assertThat(failureOf(pool.applyAsync(x -> x, new Thread())))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("argument", "java.lang.Thread", "pool=");
            assertUnharmed(pool);
        }
    }

    // D5, M4
    @Test
    void apply_resultNotSerializable_failsWithThePathAndTheWorkerLives() {
        try (ProcessPool pool = pool(1)) {
            long before = pool.apply(PoolContract::pid);

            assertThatThrownBy(() -> pool.apply(() -> new Order("o", List.of(1, new Object()))))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("result", "Order", "lines", "[1]", "java.lang.Object");
            assertThatThrownBy(() -> pool.apply(() -> new Thread("not started")))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("Thread");
            long after = pool.apply(PoolContract::pid);

            assertThat(after).isEqualTo(before);
            assertThat(pool.snapshot().tasksFailed()).isEqualTo(2);
            assertUnharmed(pool);
        }
    }

    @Test
    void apply_resultFailsAfterMuchWasWritten_nothingOfItRemains() {
        try (ProcessPool pool = pool(1)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pool.apply(() -> {
                            List<Object> list = new ArrayList<>(Collections.nCopies(50_000, "some text"));
                            list.add(new Object());
                            return list;
                        }))
                        .isInstanceOf(TaskSerializationException.class);
                List<String> good = pool.apply(() -> new ArrayList<>(List.of("right after")));
                assertThat(good).containsExactly("right after");
            }
        }
    }

    /** Throws in the four places where it can. */
    static final class Bomb implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        private final String place;

        Bomb(String place) {
            this.place = place;
        }

        private static String here(String action) {
            return action + " in " + (Tasks.inWorker() ? "worker" : "caller");
        }

        @Serial
        private void writeObject(ObjectOutputStream out) throws IOException {
            if (place.equals(here("written"))) {
                throw new IllegalStateException("bomb " + place);
            }
            out.defaultWriteObject();
        }

        @Serial
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            if (place.equals(here("read"))) {
                throw new IllegalStateException("bomb " + place);
            }
        }
    }

    // D5, D8, and the crash matrix M1 to M5 for errors
    @Test
    void apply_valueThrowsWhenWrittenOrRead_failsWithTypeAndTextOfThatFailure() {
        try (ProcessPool pool = pool(1)) {
            for (String place : List.of("written in caller", "read in worker", "written in worker", "read in caller")) {
                Throwable failure = catchThrowable(() -> pool.apply(x -> x, new Bomb(place)));

                assertThat(failure)
                        .as(place)
                        .isInstanceOf(TaskSerializationException.class)
                        .hasMessageContainingAll("IllegalStateException", "bomb " + place);
                assertThat(failure).hasRootCauseMessage("bomb " + place);
                assertUnharmed(pool);
            }
        }
    }

    // loky's test_queue_full_deadlock
    @Test
    void applyAsync_manyBadTasksAmongGoodOnes_eachGetsItsOwnEnd() throws Exception {
        try (ProcessPool pool = pool(1)) {
            List<TaskFuture<Integer>> good = new ArrayList<>();
            List<TaskFuture<Integer>> bad = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                bad.add(pool.applyAsync(x -> 1, new Bomb(i % 2 == 0 ? "written in caller" : "read in worker")));
                good.add(pool.applyAsync(Tasks::square, i));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(good.get(i).get(LONG)).isEqualTo(i * i);
                assertThat(failureOf(bad.get(i))).isInstanceOf(TaskSerializationException.class);
            }
        }
    }

    private static List<Object> nested(int depth) {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            List<Object> outer = new ArrayList<>();
            outer.add(list);
            list = outer;
        }
        return list;
    }

    @Test
    void apply_valueNestedTooDeep_failsThatTaskOnly() {
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.apply(x -> 1, nested(200_000)))
                    .isInstanceOf(TaskSerializationException.class);
            assertThatThrownBy(() -> pool.apply(() -> nested(200_000))).isInstanceOf(TaskSerializationException.class);
            assertUnharmed(pool);
        }
    }

    enum Colour {
        RED
    }

    static final class Single implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        static final Single INSTANCE = new Single();

        @Serial
        private Object readResolve() {
            return INSTANCE;
        }
    }

    @Test
    void apply_enumsAndSingletons_keepTheirIdentity() {
        try (ProcessPool pool = pool(1)) {
            Colour colour = pool.apply(x -> x, Colour.RED);
            Single single = pool.apply(x -> x, Single.INSTANCE);
            boolean there = pool.apply(x -> x == Single.INSTANCE, Single.INSTANCE);

            assertThat(colour).isSameAs(Colour.RED);
            assertThat(single).isSameAs(Single.INSTANCE);
            assertThat(there).isTrue();
        }
    }

    @Test
    void apply_functionWithLargeCapture_travelsAndIsReused() {
        byte[] table = new byte[3_000_000];
        table[2_999_999] = 42;
        try (ProcessPool pool = pool(1)) {
            TaskFunction<Integer, Byte> lookUp = i -> table[i];
            for (int i = 0; i < 20; i++) {
                byte found = pool.apply(lookUp, 2_999_999);
                assertThat(found).isEqualTo((byte) 42);
            }
            assertThat(pool.map(lookUp, List.of(0, 2_999_999))).containsExactly((byte) 0, (byte) 42);
        }
    }

    /** Writes points its own way, and keeps a record of who did what. */
    static final class PointCodec implements Codec {
        @Serial
        private static final long serialVersionUID = 1L;

        private final Ledger ledger;

        PointCodec(Ledger ledger) {
            this.ledger = ledger;
        }

        @Override
        public void encode(Object value, OutputStream out) throws IOException {
            if (!(value instanceof Point point)) {
                throw new IOException(
                        "writes points only, not " + value.getClass().getSimpleName());
            }
            if (point.x() < 0) {
                throw new IllegalArgumentException("x is negative");
            }
            ledger.add("encode in " + (Tasks.inWorker() ? "worker" : "caller"));
            DataOutputStream data = new DataOutputStream(out);
            data.writeInt(point.x());
            data.writeInt(point.y());
            data.flush();
        }

        @Override
        public Object decode(InputStream in, ClassLoader loader, ObjectInputFilter filter) throws IOException {
            ledger.add("decode in " + (Tasks.inWorker() ? "worker" : "caller"));
            DataInputStream data = new DataInputStream(in);
            Point point = new Point(data.readInt(), data.readInt());
            if (in.read() != -1) {
                throw new IOException("more than was written");
            }
            if (point.x() == 13) {
                throw new IOException("13 is refused");
            }
            return point;
        }
    }

    // D9
    @Test
    void codec_ofTheUser_writesArgumentsAndResultsInThatOrder() {
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool =
                builder().workers(1).codec(new PointCodec(ledger)).build()) {
            Point result = pool.apply(p -> new Point(p.y(), p.x()), new Point(1, 2));

            assertThat(result).isEqualTo(new Point(2, 1));
            assertThat(ledger.lines())
                    .containsExactly("encode in caller", "decode in worker", "encode in worker", "decode in caller");

            int number = pool.apply(Tasks::square, 4); // what the pool handles itself
            String text = pool.apply(x -> x == null ? "null" : "not null", (Point) null);
            assertThat(number).isEqualTo(16);
            assertThat(text).isEqualTo("null");
            assertThat(ledger.lines()).hasSize(4);

            assertThat(pool.map(p -> p, List.of(new Point(3, 3), new Point(4, 4))))
                    .containsExactly(new Point(3, 3), new Point(4, 4));
            assertThat(pool.starmap(
                            (a, b) -> new Point(a.x(), b.y()), List.of(Map.entry(new Point(1, 2), new Point(3, 4)))))
                    .containsExactly(new Point(1, 4));
        }
    }

    // D9
    @Test
    void codec_ofTheUserFails_failsThatTaskOnly() {
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool =
                builder().workers(1).codec(new PointCodec(ledger)).build()) {
            assertThatThrownBy(() -> pool.apply(x -> 1, List.of("no point")))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("argument", "PointCodec", "writes points only");
            assertThatThrownBy(() -> pool.apply(x -> 1, new Point(-1, 0)))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("x is negative");
            assertThatThrownBy(() -> pool.apply(x -> 1, new Point(13, 0)))
                    .as("refused in the worker")
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("13 is refused");
            assertThatThrownBy(() -> pool.apply(x -> new Point(13, x), 0))
                    .as("refused in the caller")
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("13 is refused");
            assertThatThrownBy(() -> pool.apply(x -> List.of(x), 0))
                    .as("refused as a result")
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("writes points only");
            assertUnharmed(pool);
        }
    }

    @Test
    void resultFilter_refusesAClass_failsThatTaskOnly() {
        ObjectInputFilter filter = info -> info.serialClass() == Point.class
                ? ObjectInputFilter.Status.REJECTED
                : ObjectInputFilter.Status.UNDECIDED;
        try (ProcessPool pool = builder().workers(1).resultFilter(filter).build()) {
            int x = pool.apply(Point::x, new Point(5, 6)); // arguments are ours
            assertThat(x).isEqualTo(5);
            assertThatThrownBy(() -> pool.apply(() -> new Point(1, 2)))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("result");
            List<Integer> fine = pool.apply(() -> new ArrayList<>(List.of(1, 2)));
            assertThat(fine).containsExactly(1, 2);
            assertUnharmed(pool);
        }
    }

    @Test
    void build_hookCannotTravel_throwsAndLeavesNothing() {
        Service service = new Service();
        TaskFunction<Integer, Integer> captured = service.capturesThis();
        ProcessPool.Builder builder = builder().workers(1).initializer(() -> captured.apply(1));

        assertThatThrownBy(builder::build)
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContainingAll("initializer", "Service");
    }

    @Test
    void apply_lambdaThatIsNoTask_cannotBeMistaken() {
        Runnable plain = () -> {};
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.apply(() -> {
                        plain.run();
                        return null;
                    }))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("SerializationContract");
            assertUnharmed(pool);
        }
    }
}
