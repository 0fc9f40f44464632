package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import io.processpool.testing.Sources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps whose items, source or caller fail, or that are given up: rows B of the conformance list. */
abstract class MapFailureContract extends PoolContract {

    MapFailureContract(Mode mode) {
        super(mode);
    }

    /** Fails for odd numbers, each with a message of its own. */
    private static int evenOnly(int x) {
        if (x % 2 != 0) {
            throw new IllegalArgumentException("odd " + x);
        }
        return x;
    }

    // B14, and the default policy
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 100})
    void map_itemsFail_waitsForAllAndThrowsTheFirstByIndexWithTheOthersSuppressed(int chunk) {
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = pool(2)) {
            TaskFailedException failure = catchFailure(() -> pool.map(
                    x -> {
                        ledger.add(x);
                        return evenOnly(x);
                    },
                    numbers(8),
                    chunks(chunk)));

            assertThat(failure).hasMessageContaining("item 1").hasRootCauseMessage("odd 1");
            assertThat(failure.getSuppressed())
                    .extracting(suppressed -> suppressed.getCause().getMessage())
                    .containsExactly("odd 3", "odd 5", "odd 7");
            assertThat(failure.getSuppressed()).hasOnlyElementsOfType(TaskFailedException.class);
            assertThat(ledger.lines()).hasSize(8);
            assertThat(pool.snapshot().tasksFailed()).isEqualTo(4);
            assertThat(pool.snapshot().tasksSucceeded()).isEqualTo(4);
        }
    }

    private static TaskFailedException catchFailure(Runnable call) {
        Throwable failure = catchThrowable(call::run);
        assertThat(failure).isInstanceOf(TaskFailedException.class);
        return (TaskFailedException) failure;
    }

    @Test
    void map_veryManyItemsFail_suppressedOnesAreBounded() {
        try (ProcessPool pool = pool(1)) {
            TaskFailedException failure = catchFailure(() -> pool.map(
                    x -> {
                        throw new IllegalStateException("no " + x);
                    },
                    numbers(1000)));

            assertThat(failure).hasRootCauseMessage("no 0");
            assertThat(failure.getSuppressed()).hasSizeBetween(1, 100);
        }
    }

    @Test
    void mapAsync_itemFails_futureFailsWithTheSame() {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<List<Integer>> future = pool.mapAsync(MapFailureContract::evenOnly, numbers(4));

            assertThat(failureOf(future))
                    .isInstanceOf(TaskFailedException.class)
                    .hasRootCauseMessage("odd 1")
                    .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
            assertThat(future.successful()).isFalse();
        }
    }

    @Test
    void map_failFast_throwsAtOnceAndRunsNothingFurther() {
        Gate gate = gate("gate");
        Gate begun = gate("begun");
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = builder().workers(2).cancelGrace(LONG).build()) {
            TaskFailedException failure = catchFailure(() -> pool.map(
                    x -> {
                        ledger.add(x);
                        if (x == 0) {
                            begun.open();
                            gate.pass(); // is interrupted, or this test ends with a timeout
                        }
                        begun.pass();
                        return evenOnly(x);
                    },
                    numbers(50),
                    chunks(1).onError(OnError.FAIL_FAST)));

            assertThat(failure).hasRootCauseMessage("odd 1");
            assertThat(failure.getSuppressed()).isEmpty();
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            await().atMost(LONG).until(() -> pool.snapshot().tasksActive() == 0);
            assertThat(ledger.lines()).contains("0", "1").hasSizeLessThan(50);
            PoolSnapshot end = pool.snapshot();
            assertThat(end.tasksQueued()).isZero();
            assertThat(end.workersLost()).isZero();
        }
    }

    @Test
    void mapAsync_failFast_cancelsWhatIsInTheQueue() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            TaskFuture<List<Integer>> future = pool.mapAsync(
                    x -> {
                        ledger.add(x);
                        return evenOnly(x + 1);
                    },
                    numbers(10),
                    chunks(5).onError(OnError.FAIL_FAST));
            gate.open();

            assertThat(failureOf(future)).hasRootCauseMessage("odd 1");
            pool.apply(Tasks::square, 1);
            assertThat(ledger.lines().size()).isLessThan(10);
        }
    }

    @Test
    void mapAsync_cancelled_runsNothingFurther() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = builder().workers(1).cancelGrace(LONG).build()) {
            TaskFuture<List<Integer>> future = pool.mapAsync(
                    x -> {
                        ledger.add(x);
                        gate.pass();
                        return x;
                    },
                    numbers(100),
                    chunks(10));
            gate.awaitArrivals(1);

            assertThat(future.cancel(true)).isTrue();

            assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            assertThat(ledger.lines()).containsExactly("0");
            PoolSnapshot end = pool.snapshot();
            assertThat(end.tasksQueued() + end.tasksActive()).isZero();
            assertThat(end.workersLost()).isZero();
        }
    }

    // B16
    @Test
    void mapAsync_getTimesOut_mapGoesOn() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<List<Integer>> future = pool.mapAsync(
                    x -> {
                        if (x == 2) {
                            gate.pass();
                        }
                        return x;
                    },
                    numbers(4));

            assertThatThrownBy(() -> future.get(SHORT)).isInstanceOf(TimeoutException.class);
            assertThat(future.ready()).isFalse();
            gate.open();
            assertThat(future.get(LONG)).containsExactly(0, 1, 2, 3);
        }
    }

    // B17
    @Test
    void map_itemsTimeOutWithinAChunk_onlyThoseFail() {
        Gate gate = gate("gate");
        try (ProcessPool pool = builder().workers(1).cancelGrace(LONG).build()) {
            ResultIterator<Integer> results = pool.imap(
                    x -> {
                        if (x % 3 == 1) {
                            gate.pass();
                        }
                        return x;
                    },
                    numbers(6),
                    chunks(6).timeout(Duration.ofMillis(300)));

            assertThat(results.next()).isZero();
            assertThatExceptionOfType(TaskTimeoutException.class)
                    .isThrownBy(results::next)
                    .withMessageContainingAll("item 1", "timeout=PT0.3S");
            assertThat(results.next()).isEqualTo(2);
            assertThat(results.next()).isEqualTo(3);
            assertThatExceptionOfType(TaskTimeoutException.class)
                    .isThrownBy(results::next)
                    .withMessageContaining("item 4");
            assertThat(results.next()).isEqualTo(5);
            assertThat(results.hasNext()).isFalse();
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    /** The limit counts from the start of each item, however long the chunk takes. */
    @Test
    void map_chunkTakesLongerThanTheTimeoutOfAnItem_isFine() {
        try (ProcessPool pool = pool(1)) {
            List<Long> slept = pool.map(
                    x -> {
                        long start = System.nanoTime();
                        Deeds.workFor(Duration.ofMillis(60));
                        return System.nanoTime() - start;
                    },
                    numbers(20),
                    chunks(20).timeout(Duration.ofMillis(1000)));

            assertThat(slept).hasSize(20);
            assertThat(slept.stream().mapToLong(Long::longValue).sum()).isGreaterThan(1_000_000_000);
        }
    }

    // B19
    @Test
    void maps_poolTerminatedMeanwhile_endWithAnErrorNotAHang() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<List<Integer>> future = pool.mapAsync(gate::passWith, numbers(10), chunks(5));
            ResultIterator<Integer> results = pool.imap(gate::passWith, numbers(10), chunks(5));
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread mapper = new Thread(
                    () -> thrown.set(catchThrowable(() -> pool.map(gate::passWith, numbers(10), chunks(5)))));
            mapper.start();
            gate.awaitArrivals(1);
            await().atMost(LONG).until(() -> pool.snapshot().tasksSubmitted() == 30);

            pool.terminate();
            mapper.join(LONG.toMillis());

            assertThat(failureOf(future)).isInstanceOf(PoolClosedException.class);
            assertThat(thrown.get()).isInstanceOf(PoolClosedException.class);
            assertThatThrownBy(results::next).isInstanceOf(PoolClosedException.class);
        }
    }

    // B20, D2
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void map_sourceThrowsAtSomeElement_itemsBeforeRunAndTheExceptionArrivesAsItIs(int chunk) {
        for (int at : new int[] {0, 1, 5}) {
            Ledger ledger = ledger("runs-" + at);
            IllegalStateException ofSource = new IllegalStateException("source broke");
            try (ProcessPool pool = pool(1)) {
                assertThatThrownBy(() -> pool.map(
                                x -> {
                                    ledger.add(x);
                                    return x;
                                },
                                Sources.throwingInNext(at, ofSource),
                                chunks(chunk)))
                        .isSameAs(ofSource);
                assertThat(ledger.lines()).hasSize(at);
                TaskFuture<?> future = pool.mapAsync(
                        x -> {
                            ledger.add(x);
                            return x;
                        },
                        Sources.throwingInNext(at, ofSource),
                        chunks(chunk));
                assertThat(failureOf(future)).isSameAs(ofSource);
                assertThat(ledger.lines()).hasSize(2 * at);
                assertClosesQuickly(pool);
            }
        }
    }

    @Test
    void map_sourceThrowsInHasNextOrIterator_poolIsNotHurt() {
        IllegalStateException ofSource = new IllegalStateException("source broke");
        for (Iterable<Integer> source :
                List.of(Sources.throwingInHasNext(3, ofSource), Sources.throwingInIterator(ofSource))) {
            try (ProcessPool pool = pool(1)) {
                assertThatThrownBy(() -> pool.map(x -> x, source)).isSameAs(ofSource);
                assertThat(failureOf(pool.mapAsync(x -> x, source))).isSameAs(ofSource);
                int next = pool.apply(Tasks::square, 3);
                assertThat(next).isEqualTo(9);
                assertClosesQuickly(pool);
            }
        }
    }

    @Test
    void map_sourceWithoutIterator_poolIsNotHurt() {
        try (ProcessPool pool = pool(1)) {
            assertThatNullPointerException().isThrownBy(() -> pool.map(Tasks::square, () -> null));
            assertClosesQuickly(pool);
        }
    }

    private static void assertClosesQuickly(ProcessPool pool) {
        pool.shutdown();
        assertThat(Tasks.<Boolean>unchecked(() -> pool.join(Duration.ofSeconds(10))))
                .as("a job that was never closed keeps the pool from ending")
                .isTrue();
    }

    @Test
    void map_sourceThrowsAnError_throwsItAsItIs() {
        AssertionError ofSource = new AssertionError("source broke badly");
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.map(x -> x, Sources.throwingInNext(2, ofSource)))
                    .isSameAs(ofSource);
            assertClosesQuickly(pool);
        }
    }

    @Test
    void map_itemsAndSourceFail_sourceWinsWithTheOthersSuppressed() {
        IllegalStateException ofSource = new IllegalStateException("source broke");
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.map(MapFailureContract::evenOnly, Sources.throwingInNext(4, ofSource)))
                    .isSameAs(ofSource);
            assertThat(ofSource.getSuppressed())
                    .extracting(suppressed -> suppressed.getCause().getMessage())
                    .containsExactly("odd 1", "odd 3");
        }
    }

    // B24, D5
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 100})
    void map_itemCannotBeEncoded_failsThatItemOnly(int chunk) {
        Ledger ledger = ledger("runs");
        List<Object> items = new ArrayList<>(numbers(9));
        items.set(4, new Object());
        try (ProcessPool pool = pool(1)) {
            Throwable failure = catchThrowable(() -> pool.map(
                    x -> {
                        ledger.add(x);
                        return x;
                    },
                    items,
                    chunks(chunk)));

            assertThat(failure)
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContainingAll("item 4", "java.lang.Object");
            assertThat(ledger.lines()).containsExactly("0", "1", "2", "3", "5", "6", "7", "8");
            assertThat(failureOf(pool.mapAsync(x -> x, items, chunks(chunk))))
                    .isInstanceOf(TaskSerializationException.class);
        }
    }

    // B24, D5
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 100})
    void map_resultCannotBeEncoded_failsThatItemOnly(int chunk) {
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Object> results =
                    pool.imap(x -> x == 2 ? new Object() : (Object) x, numbers(5), chunks(chunk));

            assertThat(results.next()).isEqualTo(0);
            assertThat(results.next()).isEqualTo(1);
            assertThatExceptionOfType(TaskSerializationException.class)
                    .isThrownBy(results::next)
                    .withMessageContainingAll("item 2", "result", "java.lang.Object");
            assertThat(results.next()).isEqualTo(3);
            assertThat(results.next()).isEqualTo(4);
            assertThat(results.hasNext()).isFalse();
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    @Test
    void map_callerInterruptedWhileItWaits_cancelsTheRest() throws Exception {
        Gate gate = gate("gate");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        for (int items : new int[] {3, 200_000}) { // waits for results; waits for room
            try (ProcessPool pool = builder().workers(1).cancelGrace(LONG).build()) {
                Thread caller = new Thread(() -> {
                    thrown.set(catchThrowable(() -> pool.map(gate::passWith, numbers(items))));
                    flag.set(Thread.currentThread().isInterrupted());
                });
                long before = gate.arrivals();
                caller.start();
                gate.awaitArrivals(before + 1);

                caller.interrupt();
                caller.join(LONG.toMillis());

                assertThat(thrown.get())
                        .isExactlyInstanceOf(ProcessPoolException.class)
                        .hasMessageContaining("interrupted");
                assertThat(flag).hasValue(true);
                int next = pool.apply(Tasks::square, 3);
                assertThat(next).isEqualTo(9);
                assertThat(gate.arrivals()).isEqualTo(before + 1);
                assertClosesQuickly(pool);
            }
        }
    }
}
