package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.processpool.RecordedSubmissions.End;
import io.processpool.testing.Gate;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever becomes of a submission, its {@link SubmissionObserver} hears of its end exactly once. */
abstract class SubmissionEndContract extends PoolContract {

    private final RecordedSubmissions recorder = new RecordedSubmissions();

    SubmissionEndContract(Mode mode) {
        super(mode);
    }

    /** Makes one submission to a pool with one worker, and sees to its end. */
    interface Course {
        void take(ProcessPool pool, Gate gate) throws Exception;
    }

    private ProcessPool.Builder observed() {
        return builder().workers(1).cancelGrace(Duration.ofMillis(50)).submissionObserver(recorder);
    }

    private static Iterable<Integer> endless() {
        return () -> IntStream.iterate(0, i -> i + 1).iterator();
    }

    /** Yields some numbers and then throws. */
    private static Iterable<Integer> brokenAfter(int count, RuntimeException failure) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (next == count) {
                    throw failure;
                }
                return next++;
            }
        };
    }

    /** Does what fails; how, the observer has to tell. */
    private static void attempt(ThrowingCallable action) {
        assertThat(catchThrowable(action)).isNotNull();
    }

    private static Arguments course(
            String name, TaskOutcome outcome, @Nullable Class<? extends Throwable> failure, Course course) {
        return arguments(name, outcome, failure, course);
    }

    static Stream<Arguments> courses() {
        return Stream.of(successes(), failures(), cancellations(), losses()).flatMap(each -> each);
    }

    private static Stream<Arguments> successes() {
        return Stream.of(
                course("apply", TaskOutcome.SUCCESS, null, (pool, gate) -> pool.apply(Tasks::square, 3)),
                course("apply of a callable", TaskOutcome.SUCCESS, null, (pool, gate) -> pool.apply(() -> 3)),
                course("result not read", TaskOutcome.SUCCESS, null, (pool, gate) -> pool.applyAsync(() -> 3)),
                course("map", TaskOutcome.SUCCESS, null, (pool, gate) -> pool.map(Tasks::square, numbers(500))),
                course(
                        "map of nothing",
                        TaskOutcome.SUCCESS,
                        null,
                        (pool, gate) -> pool.map(Tasks::square, numbers(0))),
                course("mapAsync", TaskOutcome.SUCCESS, null, (pool, gate) -> pool.mapAsync(Tasks::square, numbers(9))),
                course(
                        "imap read",
                        TaskOutcome.SUCCESS,
                        null,
                        (pool, gate) -> pool.imap(Tasks::square, numbers(500)).forEachRemaining(any -> {})),
                course(
                        "imap of nothing",
                        TaskOutcome.SUCCESS,
                        null,
                        (pool, gate) -> pool.imap(Tasks::square, numbers(0))),
                course("imap read, then closed", TaskOutcome.SUCCESS, null, (pool, gate) -> {
                    try (ResultIterator<Integer> results = pool.imapUnordered(Tasks::square, numbers(500))) {
                        results.forEachRemaining(any -> {});
                    }
                }));
    }

    private static Stream<Arguments> failures() {
        TaskOutcome failure = TaskOutcome.FAILURE;
        MapOptions failFast = MapOptions.defaults().onError(OnError.FAIL_FAST);
        Object unserializable = new Object();
        return Stream.of(
                course(
                        "apply that throws",
                        failure,
                        TaskFailedException.class,
                        (pool, gate) -> attempt(() -> pool.apply(i -> 1 / i, 0))),
                course(
                        "map",
                        failure,
                        TaskFailedException.class,
                        (pool, gate) -> attempt(() -> pool.map(i -> 10 / (i % 5), numbers(20)))),
                course(
                        "map that fails fast",
                        failure,
                        TaskFailedException.class,
                        (pool, gate) -> attempt(() -> pool.map(i -> 10 / (i % 5), numbers(2000), failFast))),
                course("imap", failure, TaskFailedException.class, (pool, gate) -> {
                    ResultIterator<Integer> results = pool.imap(i -> 10 / (i % 5), numbers(20));
                    while (results.hasNext()) {
                        Throwable thrown = catchThrowable(results::next);
                        assertThat(thrown == null || thrown instanceof TaskFailedException)
                                .isTrue();
                    }
                }),
                course(
                        "source of map",
                        failure,
                        ArithmeticException.class,
                        (pool, gate) ->
                                attempt(() -> pool.map(Tasks::square, brokenAfter(7, new ArithmeticException())))),
                course(
                        "source of mapAsync",
                        failure,
                        ArithmeticException.class,
                        (pool, gate) ->
                                attempt(() -> pool.mapAsync(Tasks::square, brokenAfter(7, new ArithmeticException()))
                                        .get(LONG))),
                course(
                        "source of imap",
                        failure,
                        ArithmeticException.class,
                        (pool, gate) ->
                                attempt(() -> pool.imap(Tasks::square, brokenAfter(7, new ArithmeticException()))
                                        .forEachRemaining(any -> {}))),
                course(
                        "callable not encoded",
                        failure,
                        TaskSerializationException.class,
                        (pool, gate) -> pool.applyAsync(() -> unserializable.hashCode())),
                course(
                        "function not encoded",
                        failure,
                        TaskSerializationException.class,
                        (pool, gate) -> pool.applyAsync(i -> unserializable.hashCode(), 1)),
                course(
                        "argument not encoded",
                        failure,
                        TaskSerializationException.class,
                        (pool, gate) -> pool.applyAsync(Object::hashCode, new Object())),
                course(
                        "function of map not encoded",
                        failure,
                        TaskSerializationException.class,
                        (pool, gate) -> attempt(() -> pool.map(i -> unserializable.hashCode(), numbers(3)))),
                course(
                        "function of mapAsync not encoded",
                        failure,
                        TaskSerializationException.class,
                        (pool, gate) -> pool.mapAsync(i -> unserializable.hashCode(), numbers(3))),
                course(
                        "function of imap not encoded",
                        failure,
                        TaskSerializationException.class,
                        (pool, gate) -> attempt(() -> pool.imap(i -> unserializable.hashCode(), numbers(3)))),
                course(
                        "item not encoded",
                        failure,
                        TaskSerializationException.class,
                        (pool, gate) -> attempt(() -> pool.map(Object::hashCode, List.of(1, new Object())))),
                course(
                        "result not encoded",
                        failure,
                        TaskSerializationException.class,
                        (pool, gate) -> attempt(() -> pool.apply(i -> new Object(), 1))));
    }

    private static Stream<Arguments> cancellations() {
        TaskOutcome cancelled = TaskOutcome.CANCELLED;
        return Stream.of(
                course("running task cancelled", cancelled, null, (pool, gate) -> {
                    TaskFuture<Void> running = pool.applyAsync(gate::pass);
                    gate.awaitArrivals(1);
                    running.cancel(true);
                    running.cancel(true);
                }),
                course("running task cancelled, not interrupted", cancelled, null, (pool, gate) -> {
                    TaskFuture<Void> running = pool.applyAsync(gate::pass);
                    gate.awaitArrivals(1);
                    running.cancel(false);
                    gate.open();
                }),
                course(
                        "cancelled through its stage",
                        cancelled,
                        null,
                        (pool, gate) -> pool.applyAsync(gate::pass)
                                .toCompletableFuture()
                                .cancel(true)),
                course("map cancelled", cancelled, null, (pool, gate) -> {
                    TaskFuture<List<Integer>> map = pool.mapAsync(gate::passWith, numbers(3));
                    gate.awaitArrivals(1);
                    map.cancel(true);
                }),
                course("caller of apply interrupted", cancelled, null, (pool, gate) -> {
                    Thread.currentThread().interrupt();
                    attempt(() -> pool.apply(gate::pass));
                    assertThat(Thread.interrupted()).isTrue();
                }),
                course(
                        "imap closed unread",
                        cancelled,
                        null,
                        (pool, gate) -> pool.imap(gate::passWith, numbers(3)).close()),
                course("imap closed half-read", cancelled, null, (pool, gate) -> {
                    try (ResultIterator<Integer> results = pool.imap(Tasks::square, endless())) {
                        results.next();
                    }
                }));
    }

    private static Stream<Arguments> losses() {
        TaskOptions brief = TaskOptions.defaults().timeout(Duration.ofMillis(20));
        return Stream.of(
                course(
                        "timeout",
                        TaskOutcome.TIMEOUT,
                        TaskTimeoutException.class,
                        (pool, gate) ->
                                attempt(() -> pool.applyAsync(gate::pass, brief).get(LONG))),
                course("timeout ignored", TaskOutcome.TIMEOUT, TaskTimeoutException.class, (pool, gate) -> {
                    attempt(() -> pool.applyAsync(gate::passStubbornly, brief).get(LONG));
                    gate.open();
                }),
                course("worker lost", TaskOutcome.WORKER_LOST, WorkerLostException.class, (pool, gate) -> {
                    TaskFuture<Void> running = pool.applyAsync(gate::pass);
                    gate.awaitArrivals(1);
                    pool.kill(0);
                    failureOf(running);
                }),
                course("worker of imap lost", TaskOutcome.WORKER_LOST, WorkerLostException.class, (pool, gate) -> {
                    ResultIterator<Integer> results = pool.imap(gate::passWith, numbers(3));
                    gate.awaitArrivals(1);
                    pool.kill(0);
                    attempt(results::next);
                    gate.open();
                    results.forEachRemaining(any -> {});
                }),
                course("pool terminated", TaskOutcome.ABANDONED, PoolClosedException.class, (pool, gate) -> {
                    pool.applyAsync(gate::pass);
                    gate.awaitArrivals(1);
                    pool.terminate();
                }),
                course("pool of map terminated", TaskOutcome.ABANDONED, PoolClosedException.class, (pool, gate) -> {
                    pool.mapAsync(gate::passWith, numbers(3));
                    gate.awaitArrivals(1);
                    pool.terminate();
                }),
                course("pool of imap terminated", TaskOutcome.ABANDONED, PoolClosedException.class, (pool, gate) -> {
                    try (ResultIterator<Integer> results = pool.imap(gate::passWith, endless())) {
                        gate.awaitArrivals(1);
                        pool.terminate();
                    }
                }),
                course(
                        "pool of endless imap shut down",
                        TaskOutcome.ABANDONED,
                        PoolClosedException.class,
                        (pool, gate) -> {
                            ResultIterator<Integer> results = pool.imap(Tasks::square, endless());
                            results.next();
                            pool.shutdown();
                            attempt(() -> results.forEachRemaining(any -> {}));
                        }),
                course("closed pool", TaskOutcome.ABANDONED, PoolClosedException.class, (pool, gate) -> {
                    pool.close();
                    attempt(() -> pool.apply(Tasks::square, 1));
                }),
                course("closed pool, map", TaskOutcome.ABANDONED, PoolClosedException.class, (pool, gate) -> {
                    pool.close();
                    attempt(() -> pool.mapAsync(Tasks::square, numbers(3)));
                }),
                course("closed pool, imap", TaskOutcome.ABANDONED, PoolClosedException.class, (pool, gate) -> {
                    pool.close();
                    attempt(() -> pool.imap(Tasks::square, numbers(3)));
                }));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("courses")
    void end_anyCourse_isToldOnceOnACallbackThread(
            String name, TaskOutcome outcome, @Nullable Class<? extends Throwable> failure, Course course)
            throws Exception {
        try (ProcessPool pool = observed().name("watched").build()) {
            course.take(pool, gate("gate"));
            recorder.awaitEnds();
        }

        End end = recorder.finalEnd("pool-watched-");
        assertThat(end.outcome()).isEqualTo(outcome);
        if (failure == null) {
            assertThat(end.failure()).isNull();
        } else {
            assertThat(end.failure()).isInstanceOf(failure);
        }
        assertThat(end.thread()).startsWith("pool-watched-callback");
    }

    @Test
    void end_cancelledWhileQueued_isCancelled() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = observed().build()) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);

            pool.applyAsync(Tasks::square, 1).cancel(false);
            gate.open();

            assertThat(recorder.ends())
                    .extracting(End::outcome)
                    .containsExactly(TaskOutcome.SUCCESS, TaskOutcome.CANCELLED);
        }
    }

    @Test
    void end_queueFull_isAbandoned() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool =
                observed().queueCapacity(1).saturation(Saturation.REJECT).build()) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            pool.applyAsync(() -> 1);

            assertThatThrownBy(() -> pool.applyAsync(() -> 2)).isInstanceOf(PoolSaturatedException.class);
            gate.open();

            End refused = recorder.ends().get(2);
            assertThat(refused.outcome()).isEqualTo(TaskOutcome.ABANDONED);
            assertThat(refused.failure()).isInstanceOf(PoolSaturatedException.class);
        }
    }

    // The feeder that notices the end of the window could tell that all items have ended.
    @Test
    void end_lazyMapClosedWhileItsFeederWaits_isNeverSuccess() {
        MapOptions narrow = MapOptions.defaults().maxInFlight(2);
        try (ProcessPool pool = observed().build()) {
            for (int i = 0; i < 500; i++) {
                try (ResultIterator<Integer> results = pool.imap(Tasks::square, endless(), narrow)) {
                    results.next();
                }
            }

            assertThat(recorder.ends()).extracting(End::outcome).containsOnly(TaskOutcome.CANCELLED);
        }
    }

    @Test
    void end_failure_isNotTheObjectThatTheCallerGets() {
        try (ProcessPool pool = observed().build()) {
            Throwable thrown = catchThrowable(() -> pool.apply(i -> 1 / i, 0));
            Throwable told = recorder.onlyEnd().failure();

            assertThat(told)
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessage(thrown.getMessage())
                    .isNotSameAs(thrown);
            assertThat(told.getCause()).isInstanceOf(ArithmeticException.class).isNotSameAs(thrown.getCause());
        }
    }

    @Test
    void end_mapFails_givesTheFirstFailureToBeKnown() {
        Gate gate = gate("gate");
        try (ProcessPool pool = observed().workers(2).build()) {
            TaskFuture<List<Integer>> map = pool.mapAsync(
                    i -> {
                        if (i == 0) {
                            gate.pass();
                        }
                        throw new IllegalStateException("item " + i);
                    },
                    numbers(2),
                    MapOptions.defaults().chunkSize(1).progress((done, total) -> gate.open()));

            assertThat(failureOf(map)).hasMessageContaining("item 0");
            assertThat(recorder.onlyEnd().failure()).hasMessageContaining("item 1");
        }
    }

    /** Counts how often values are decoded in this process. */
    static final class Counted implements Serializable {
        private static final long serialVersionUID = 1L;

        static final AtomicInteger DECODED = new AtomicInteger();

        private void readObject(ObjectInputStream in) {
            DECODED.incrementAndGet();
        }
    }

    private static Counted countedOrNot(int i) {
        if (i == 3) {
            throw new IllegalStateException("not counted");
        }
        return new Counted();
    }

    @Test
    void end_values_areNotDecodedForIt() throws Exception {
        Counted.DECODED.set(0);
        try (ProcessPool pool = observed().build()) {
            TaskFuture<Counted> one = pool.applyAsync(SubmissionEndContract::countedOrNot, 1);
            pool.mapAsync(SubmissionEndContract::countedOrNot, numbers(3));
            pool.mapAsync(SubmissionEndContract::countedOrNot, numbers(10));
            // Nobody takes the results, so there must be room for all of them and for the look at the end.
            pool.imap(
                    SubmissionEndContract::countedOrNot,
                    numbers(10),
                    MapOptions.defaults().maxInFlight(100));

            assertThat(recorder.ends())
                    .extracting(End::outcome)
                    .containsExactly(
                            TaskOutcome.SUCCESS, TaskOutcome.SUCCESS, TaskOutcome.FAILURE, TaskOutcome.FAILURE);
            assertThat(Counted.DECODED).hasValue(0);
            one.get(LONG);
            assertThat(Counted.DECODED).hasValue(1);
        }
    }

    @Test
    void end_cancelledTask_callerGetsItsCancellation() {
        Gate gate = gate("gate");
        try (ProcessPool pool = observed().build()) {
            TaskFuture<Void> running = pool.applyAsync(gate::pass);
            running.cancel(true);

            assertThatThrownBy(() -> running.get(LONG)).isInstanceOf(CancellationException.class);
            assertThat(recorder.onlyEnd().failure()).isNull();
        }
    }
}
