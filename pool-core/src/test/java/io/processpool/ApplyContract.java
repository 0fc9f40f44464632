package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.processpool.testing.Gate;
import java.io.Serial;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single tasks: rows A of the conformance list. */
abstract class ApplyContract extends PoolContract {

    ApplyContract(Mode mode) {
        super(mode);
    }

    record Point(int x, int y) implements Serializable {
        Point mirrored() {
            return new Point(y, x);
        }
    }

    // A1
    @Test
    void apply_lambdaMethodReferenceAndCallable_returnWhatTheyReturnHere() {
        int captured = 5;
        Point point = new Point(1, 2);
        try (ProcessPool pool = pool(1)) {
            int byLambda = pool.apply(x -> x * x, 3);
            int byCapture = pool.apply(x -> x + captured, 3);
            int byMethod = pool.apply(Tasks::square, 3);
            Point byBoundMethod = pool.apply(point::mirrored);
            Point byUnboundMethod = pool.apply(Point::mirrored, point);
            String byCallable = pool.apply(() -> "called");

            assertThat(byLambda).isEqualTo(9);
            assertThat(byCapture).isEqualTo(8);
            assertThat(byMethod).isEqualTo(Tasks.square(3));
            assertThat(byBoundMethod).isEqualTo(point.mirrored());
            assertThat(byUnboundMethod).isEqualTo(point.mirrored());
            assertThat(byCallable).isEqualTo("called");
        }
    }

    // A1
    @Test
    void apply_valuesOfManyTypes_arriveAndReturnUnchanged() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("key", List.of(1, "two", 3.0));
        map.put(null, null);
        List<Object> values = Arrays.asList(
                true,
                (byte) -1,
                'ä',
                (short) 300,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                1.5f,
                Double.NaN,
                "",
                "text with 🙂 and \u0000",
                new BigDecimal("1e100"),
                DayOfWeek.FRIDAY,
                Duration.ofNanos(7),
                new byte[0],
                new byte[] {1, 2},
                new int[] {1, -1},
                new long[][] {{1}, null, {}},
                new double[] {0.1},
                new String[] {"a", null},
                new Object[] {1, "b", null},
                map,
                Set.of(1),
                new Point(3, 4),
                new ArrayList<>(Arrays.asList(null, "after null")));
        try (ProcessPool pool = pool(1)) {
            for (Object value : values) {
                Object returned = pool.apply(x -> x, value);
                assertThat(Objects.deepEquals(returned, value))
                        .as("%s came back as %s", value, returned)
                        .isTrue();
            }
        }
    }

    @Test
    void apply_nullArgumentAndNullResult_passAsTheyAre() {
        try (ProcessPool pool = pool(1)) {
            boolean argumentWasNull = pool.apply(x -> x == null, (Object) null);
            Object resultOfFunction = pool.apply(x -> null, 1);
            Object resultOfCallable = pool.apply(() -> null);

            assertThat(argumentWasNull).isTrue();
            assertThat(resultOfFunction).isNull();
            assertThat(resultOfCallable).isNull();
        }
    }

    @Test
    void apply_nullFunctionOrOptions_isRefusedWithItsName() {
        try (ProcessPool pool = pool(1)) {
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.apply((TaskCallable<?>) null))
                    .withMessageContaining("task");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.apply(null, 1))
                    .withMessageContaining("fn");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.applyAsync((TaskCallable<?>) null))
                    .withMessageContaining("task");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.applyAsync(null, 1))
                    .withMessageContaining("fn");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.applyAsync(() -> 1, null))
                    .withMessageContaining("options");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.applyAsync(x -> 1, 1, null))
                    .withMessageContaining("options");
            assertThat(pool.snapshot().tasksSubmitted()).isZero();
        }
    }

    // A2, A6
    @Test
    void applyAsync_getSeveralTimes_isTheSameValueEachTime() throws Exception {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<List<Integer>> future = pool.applyAsync(n -> new ArrayList<>(List.of(n, n)), 4);

            List<Integer> first = future.get();

            assertThat(first).containsExactly(4, 4);
            assertThat(future.get()).isSameAs(first);
            assertThat(future.get(Duration.ZERO)).isSameAs(first);
            assertThat(future.get(0, TimeUnit.SECONDS)).isSameAs(first);
            assertThat(future.toCompletableFuture().get()).isSameAs(first);
        }
    }

    // A4
    @Test
    void get_taskStillRuns_waitsForItsEnd() throws Exception {
        Gate gate = gate("gate");
        ExecutorService waiter = Executors.newSingleThreadExecutor();
        try (ProcessPool pool = pool(1)) {
            TaskFuture<String> future = pool.applyAsync(gate::passWith, "through");
            gate.awaitArrivals(1);
            Future<String> waiting = waiter.submit(() -> future.get());

            assertThat(future.ready()).isFalse();
            assertThatThrownBy(() -> waiting.get(SHORT.toMillis(), TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            gate.open();

            assertThat(waiting.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo("through");
            assertThat(future.ready()).isTrue();
        } finally {
            waiter.shutdownNow();
        }
    }

    // A5
    @Test
    void get_timeoutPasses_throwsAboutThenAndThePoolCanBeTerminated() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> future = pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            long start = System.nanoTime();

            assertThatThrownBy(() -> future.get(Duration.ofMillis(300)))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("task " + future.id());
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            pool.terminate();

            assertThat(waited).isBetween(Duration.ofMillis(300), Duration.ofSeconds(3));
            assertThat(pool.join(LONG)).isTrue();
            assertThat(failureOf(future)).isInstanceOf(PoolClosedException.class);
        }
    }

    // A13
    @Test
    void apply_exceptionReturnedAsValue_isASuccess() throws Exception {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Exception> future = pool.applyAsync(IllegalStateException::new, "returned, not thrown");

            assertThat(future.get())
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage("returned, not thrown");
            assertThat(future.successful()).isTrue();
            Object returned = pool.apply(() -> new TaskFailedException("also a value", null));
            assertThat(returned).isInstanceOf(TaskFailedException.class);
        }
    }

    // A19
    @Test
    void pool_madeUsedAndClosedByDifferentThreads_works() throws Exception {
        AtomicReference<ProcessPool> pool = new AtomicReference<>();
        AtomicReference<Integer> result = new AtomicReference<>();
        Thread maker = new Thread(() -> pool.set(pool(1)));
        maker.start();
        maker.join();
        Thread user = new Thread(() -> result.set(pool.get().apply(Tasks::square, 6)));
        user.start();
        user.join();

        pool.get().close();

        assertThat(result).hasValue(36);
        assertThat(pool.get().snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }

    // A20
    @Test
    void apply_taskThrowsWhatever_theNextTaskOfTheSameWorkerIsFine() {
        List<TaskCallable<?>> throwers = List.of(
                () -> {
                    throw new Exception("checked");
                },
                () -> {
                    throw new AssertionError("error");
                },
                () -> {
                    throw new StackOverflowError("looks fatal");
                },
                () -> {
                    throw Tasks.sneaky(new Throwable("neither exception nor error"));
                },
                () -> {
                    throw new ThreadDeath();
                });
        try (ProcessPool pool = pool(1)) {
            long before = pool.apply(PoolContract::pid);
            for (TaskCallable<?> thrower : throwers) {
                assertThatThrownBy(() -> pool.apply(thrower)).isInstanceOf(TaskFailedException.class);
                long after = pool.apply(PoolContract::pid);
                assertThat(after).isEqualTo(before);
            }
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    @Test
    void applyAsync_argumentAndCapturedObjectChangeLater_taskSeesThemAsTheyWere() throws Exception {
        Gate gate = gate("gate");
        List<Integer> argument = new ArrayList<>(List.of(1));
        List<Integer> captured = new ArrayList<>(List.of(2));
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass);
            TaskFuture<List<Integer>> byArgument = pool.applyAsync(list -> list, argument);
            TaskFuture<List<Integer>> byCapture = pool.applyAsync(() -> captured);

            argument.add(99);
            captured.add(99);
            gate.open();

            assertThat(byArgument.get()).containsExactly(1).isNotSameAs(argument);
            assertThat(byCapture.get()).containsExactly(2).isNotSameAs(captured);
        }
    }

    @Test
    void apply_taskChangesItsArgument_callerKeepsWhatItHad() {
        List<Integer> mine = new ArrayList<>(List.of(1));
        try (ProcessPool pool = pool(1)) {
            List<Integer> theirs = pool.apply(
                    list -> {
                        list.add(2);
                        return list;
                    },
                    mine);

            assertThat(theirs).containsExactly(1, 2);
            assertThat(mine).containsExactly(1);
        }
    }

    /** Keeps state in a field: it travels once per worker. */
    static final class Counter implements TaskFunction<String, Integer> {
        @Serial
        private static final long serialVersionUID = 1L;

        private int calls;

        @Override
        public Integer apply(String ignored) {
            return ++calls;
        }
    }

    @Test
    void apply_functionWithStateInItsFields_keepsItWithinAWorkerAndNotInTheCaller() {
        Counter counter = new Counter();
        try (ProcessPool pool = pool(1)) {
            List<Integer> counts =
                    List.of(pool.apply(counter, "a"), pool.apply(counter, "b"), pool.apply(counter, "c"));

            assertThat(counts).containsExactly(1, 2, 3);
            assertThat(counter.calls).isZero();
        }
    }

    @Test
    void applyAsync_moreDifferentFunctionsThanAreRemembered_allAreRight() throws Exception {
        try (ProcessPool pool = pool(1)) {
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 700; i++) {
                    int captured = i;
                    futures.add(pool.applyAsync(x -> x + captured, 1000));
                }
            }
            for (int i = 0; i < futures.size(); i++) {
                assertThat(futures.get(i).get(LONG)).isEqualTo(1000 + i % 700);
            }
        }
    }

    @Test
    void apply_manyCallersAtOnce_eachGetsItsOwnResult() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(8);
        try (ProcessPool pool = pool(2)) {
            List<Future<List<Integer>>> all = IntStream.range(0, 8)
                    .mapToObj(caller -> callers.submit(() -> {
                        List<Integer> results = new ArrayList<>();
                        for (int i = 0; i < 100; i++) {
                            results.add(pool.apply(x -> x + 1, caller * 1000 + i));
                        }
                        return results;
                    }))
                    .toList();
            for (int caller = 0; caller < 8; caller++) {
                int from = caller * 1000 + 1;
                assertThat(all.get(caller).get(60, TimeUnit.SECONDS))
                        .containsExactlyElementsOf(
                                IntStream.range(from, from + 100).boxed().toList());
            }
            assertThat(pool.snapshot().tasksSucceeded()).isEqualTo(800);
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void apply_callerInterrupted_cancelsTheTaskAndKeepsTheFlag() throws Exception {
        Gate gate = gate("gate");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        try (ProcessPool pool = pool(1)) {
            Thread caller = new Thread(() -> {
                thrown.set(catchThrowable(() -> pool.apply(gate::pass)));
                flag.set(Thread.currentThread().isInterrupted());
            });
            caller.start();
            gate.awaitArrivals(1);

            caller.interrupt();
            caller.join(LONG.toMillis());

            assertThat(thrown.get())
                    .isExactlyInstanceOf(ProcessPoolException.class)
                    .hasMessageContaining("interrupted");
            assertThat(flag).hasValue(true);
            int next = pool.apply(Tasks::square, 2); // the worker is free again
            assertThat(next).isEqualTo(4);
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(1);
        }
    }

    @Test
    void applyAsync_names_areUniqueIdsAndStandInMessages() {
        try (ProcessPool pool = builder().workers(1).name("names").build()) {
            TaskFuture<?> named = pool.applyAsync(
                    () -> {
                        throw new IllegalStateException("boom");
                    },
                    TaskOptions.defaults().name("render-invoice-17"));
            TaskFuture<?> unnamed = pool.applyAsync(
                    x -> {
                        throw new IllegalStateException("boom");
                    },
                    1);

            assertThat(named.id()).isNotEqualTo(unnamed.id());
            assertThat(failureOf(named))
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContainingAll("render-invoice-17", "boom", "pool=names", "task " + named.id());
            assertThat(failureOf(unnamed))
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContainingAll(ApplyContract.class.getSimpleName(), "task " + unnamed.id());
        }
    }

    @Test
    void apply_poolHasBeenShutDown_throwsThatItIsClosed() {
        ProcessPool pool = pool(1);
        pool.close();

        assertThatThrownBy(() -> pool.apply(() -> 1)).isInstanceOf(PoolClosedException.class);
        assertThatThrownBy(() -> pool.applyAsync(() -> 1)).isInstanceOf(PoolClosedException.class);
        assertThatThrownBy(() -> pool.applyAsync(x -> x, 1)).isInstanceOf(PoolClosedException.class);
    }

    @Test
    void workerContext_insideATask_tellsWhereItRuns() {
        try (ProcessPool pool = builder().workers(1).name("context").build()) {
            String where = pool.apply(() -> {
                WorkerContext context = WorkerContext.current();
                return context.poolName() + " " + context.workerId() + "." + context.generation() + " "
                        + context.cancelled();
            });
            pool.apply(() -> WorkerContext.current().state().put("left by one task", 42));
            Object found = pool.apply(() -> WorkerContext.current().state().get("left by one task"));

            assertThat(where).isEqualTo("context 0.0 false");
            assertThat(found).isEqualTo(42);
        }
        assertThatIllegalStateException()
                .isThrownBy(WorkerContext::current)
                .withMessageContaining("only inside a worker");
    }

    @Test
    void applyAsync_moreTasksThanWorkers_allRunAndNoneTwice() throws Exception {
        try (ProcessPool pool = pool(2)) {
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                futures.add(pool.applyAsync(x -> x, i));
            }
            Set<Integer> results = new HashSet<>();
            for (TaskFuture<Integer> future : futures) {
                results.add(future.get(LONG));
            }

            assertThat(results).hasSize(500);
            PoolSnapshot end = pool.snapshot();
            assertThat(end.tasksSubmitted()).isEqualTo(500);
            assertThat(end.tasksSucceeded()).isEqualTo(500);
            assertThat(end.tasksQueued() + end.tasksActive()).isZero();
        }
    }

    /** What a task keeps for the next one. */
    private static final class Kept {
        private static byte[] array = new byte[0];

        static byte[] keep(byte[] bytes) {
            bytes[0]++;
            array = bytes;
            return bytes;
        }

        static byte[] change() {
            byte was = array[0];
            array[0] = 100;
            return new byte[] {was};
        }
    }

    /** Arrays are not copied more often than they have to be. Each side still has one of its own. */
    @ParameterizedTest
    @ValueSource(ints = {10, 1 << 16, 1 << 20})
    void apply_arrayIsChangedLater_nobodyElseSeesIt(int length) throws Exception {
        byte[] argument = new byte[length];
        try (ProcessPool pool = pool(1)) {
            byte[] result = pool.apply(Kept::keep, argument);
            assertThat(argument[0]).as("the caller's").isZero();
            assertThat(result[0]).isEqualTo((byte) 1);
            result[0] = 50;

            assertThat(pool.apply(Kept::change)).as("the task's").containsExactly(1);
            assertThat(result[0]).as("the result").isEqualTo((byte) 50);

            TaskFuture<byte[]> future = pool.applyAsync(Kept::keep, argument);
            argument[0] = 7;
            assertThat(future.get(LONG)[0])
                    .as("as it was when it was submitted")
                    .isEqualTo((byte) 1);
        }
    }
}
