package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.fory.ForyCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What travels and what does not with Fory. Of JDK serialization it differs where this overrides it. */
abstract class ForyContract extends SerializationContract {

    ForyContract(Mode mode) {
        super(mode);
    }

    static ForyCodec codec() {
        return ForyCodec.allowing(
                "io.processpool.SerializationContract*",
                "io.processpool.ApplyContract*",
                "io.processpool.MapContract*",
                "io.processpool.Tasks*",
                "io.processpool.TaskFailedException",
                "io.processpool.testing.*");
    }

    @Override
    ProcessPool.Builder configured(ProcessPool.Builder builder) {
        return builder.codec(codec());
    }

    record Unknown(int x) {}

    /** Fory knows an Optional and a plain object; it has no path to the culprit, but its class. */
    @Test
    @Override
    void apply_argumentNotSerializable_failsWithThePathToTheCulprit() {
        Order fine = new Order("o-1", new ArrayList<>(List.of("fine", Optional.of("fine"))));
        Order order = new Order("o-2", new ArrayList<>(List.of("fine", new Unknown(1))));
        try (ProcessPool pool = pool(1)) {
            Order back = pool.apply(x -> x, fine);
            assertThat(back).isEqualTo(fine);
            assertThatThrownBy(() -> pool.apply(x -> x, order))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("argument", "class " + Unknown.class.getName() + " is not allowed");
            assertThat(failureOf(pool.applyAsync(x -> x, new Thread())))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("argument", "java.lang.Thread", "pool=");
            assertUnharmed(pool);
        }
    }

    @Test
    @Override
    void apply_resultNotSerializable_failsWithThePathAndTheWorkerLives() {
        try (ProcessPool pool = pool(1)) {
            long before = pool.apply(PoolContract::pid);

            assertThatThrownBy(() -> pool.apply(() -> new Order("o", List.of(1, new Unknown(1)))))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("result", "class " + Unknown.class.getName() + " is not allowed");
            assertThatThrownBy(() -> pool.apply(() -> new Thread("not started")))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("Thread");
            long after = pool.apply(PoolContract::pid);

            assertThat(after).isEqualTo(before);
            assertUnharmed(pool);
        }
    }

    @Test
    @Override
    void apply_resultFailsAfterMuchWasWritten_nothingOfItRemains() {
        try (ProcessPool pool = pool(1)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pool.apply(() -> {
                            List<Object> list = new ArrayList<>(java.util.Collections.nCopies(50_000, "some text"));
                            list.add(new Unknown(1));
                            return list;
                        }))
                        .isInstanceOf(TaskSerializationException.class);
                List<String> good = pool.apply(() -> new ArrayList<>(List.of("right after")));
                assertThat(good).containsExactly("right after");
            }
        }
    }

    /** What belongs to a pool cannot be captured; as an argument it is a class like others. */
    @Test
    @Override
    void apply_taskCapturesAFutureOrAnIterator_saysWhatToDo() {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Integer> future = pool.applyAsync(Tasks::square, 3);

            assertThatThrownBy(() -> pool.apply(() -> future.get()))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("a future stays in the process of its pool: take its value with get()");
            assertThatThrownBy(() -> pool.apply(x -> x, future))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("is not allowed");
            assertUnharmed(pool);
        }
    }

    @Test
    void map_registeredRecords_comeBackEqual() {
        try (ProcessPool pool = builder()
                .workers(2)
                .codec(ForyCodec.registering(Point.class, Order.class, Colour.class))
                .build()) {
            List<Point> points =
                    numbers(500).stream().map(i -> new Point(i, -i)).toList();
            assertThat(pool.map(p -> new Point(p.y(), p.x()), points))
                    .isEqualTo(points.stream().map(p -> new Point(p.y(), p.x())).toList());
            assertThatThrownBy(() -> pool.apply(x -> 1, new Unknown(1)))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("class " + Unknown.class.getName() + " is not registered");
            assertThatThrownBy(() -> pool.apply(() -> new Unknown(1)))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("class " + Unknown.class.getName() + " is not registered");
            assertUnharmed(pool);
        }
    }

    record Report(String title, List<Integer> figures) {}

    static Stream<ForyCodec> codecsForReports() {
        return Stream.of(
                ForyCodec.registering(Report.class),
                ForyCodec.allowing("io.processpool.ForyContract*", "io.processpool.TaskFailedException"));
    }

    // The list of so many numbers is of a class of its own elsewhere, which no codec knows.
    @ParameterizedTest
    @MethodSource("codecsForReports")
    void map_manyNumbers_travelOnAloneAndInsideOfARecord(ForyCodec codec) {
        try (ProcessPool pool = builder().workers(1).codec(codec).build()) {
            List<Integer> squares =
                    pool.map(x -> x * x, numbers(1000), MapOptions.defaults().chunkSize(500)); // many in a row

            List<Integer> back = pool.apply(x -> x, squares);
            assertThat(back).isEqualTo(squares);
            Report report = pool.apply(x -> x, new Report("squares", squares));
            assertThat(report).isEqualTo(new Report("squares", squares));
            assertUnharmed(pool);
        }
    }
}
