package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import io.processpool.testing.Sources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code map}, {@code starmap} and their asynchronous forms: rows B of the conformance list. */
abstract class MapContract extends PoolContract {

    MapContract(Mode mode) {
        super(mode);
    }

    static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    static List<Integer> squares(int count) {
        return IntStream.range(0, count).map(Tasks::square).boxed().toList();
    }

    private static MapOptions chunks(int size) {
        return MapOptions.defaults().chunkSize(size);
    }

    // B1, B2, B5, B6, B9, B10
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void allMaps_anyChunkSizeAndWindowAndSource_equalTheLocalMap(int workers) throws Exception {
        List<MapOptions> variants = new ArrayList<>(List.of(MapOptions.defaults()));
        for (int chunk : new int[] {1, 3, 19, 20, 100}) {
            variants.add(chunks(chunk));
            variants.add(chunks(chunk).maxInFlight(5));
        }
        variants.add(MapOptions.defaults().maxInFlight(1));
        try (ProcessPool pool = pool(workers)) {
            for (MapOptions options : variants) {
                for (Iterable<Integer> source : List.of(numbers(20), Sources.unsized(numbers(20)))) {
                    assertThat(pool.map(Tasks::square, source, options))
                            .as("%s", options)
                            .isEqualTo(squares(20));
                    assertThat(pool.mapAsync(Tasks::square, source, options).get(LONG))
                            .as("async, %s", options)
                            .isEqualTo(squares(20));
                    assertThat(pool.imap(Tasks::square, source, options).stream()
                                    .toList())
                            .as("lazy, %s", options)
                            .isEqualTo(squares(20));
                    assertThat(pool.imapUnordered(Tasks::square, source, options).stream()
                                    .toList())
                            .as("unordered, %s", options)
                            .containsExactlyInAnyOrderElementsOf(squares(20));
                }
            }
            PoolSnapshot end = pool.snapshot();
            assertThat(end.tasksSubmitted()).isEqualTo(variants.size() * 2 * 4 * 20L);
            assertThat(end.tasksSucceeded()).isEqualTo(end.tasksSubmitted());
        }
    }

    // B2
    @Test
    void starmap_allForms_equalTheLocalResult() throws Exception {
        List<Map.Entry<Integer, String>> pairs =
                IntStream.range(0, 20).mapToObj(i -> Map.entry(i, "s" + i)).toList();
        List<String> expected =
                pairs.stream().map(pair -> pair.getKey() + pair.getValue()).toList();
        try (ProcessPool pool = pool(2)) {
            for (MapOptions options : List.of(MapOptions.defaults(), chunks(7))) {
                TaskBiFunction<Integer, String, String> join = (number, text) -> number + text;
                assertThat(pool.starmap(join, pairs, options)).isEqualTo(expected);
                assertThat(pool.starmapAsync(join, pairs, options).get(LONG)).isEqualTo(expected);
                assertThat(pool.istarmap(join, pairs, options).stream().toList())
                        .isEqualTo(expected);
                assertThat(pool.istarmapUnordered(join, pairs, options).stream().toList())
                        .containsExactlyInAnyOrderElementsOf(expected);
            }
            assertThat(pool.starmap((Integer a, String b) -> a + b, pairs)).isEqualTo(expected);
        }
    }

    // B3, B4
    @Test
    void allMaps_noItems_endAtOnceWithNothing() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass); // the only worker is busy: nobody needs it
            for (Iterable<Integer> nothing : List.of(List.<Integer>of(), Sources.unsized(List.<Integer>of()))) {
                for (MapOptions options : List.of(MapOptions.defaults(), chunks(1))) {
                    assertThat(pool.map(Tasks::square, nothing, options)).isEmpty();
                    assertThat(pool.mapAsync(Tasks::square, nothing, options).get(LONG))
                            .isEmpty();
                    assertThat(pool.imap(Tasks::square, nothing, options).hasNext())
                            .isFalse();
                    assertThat(pool.imapUnordered(Tasks::square, nothing, options).stream())
                            .isEmpty();
                }
            }
            assertThat(pool.starmap((a, b) -> 1, List.<Map.Entry<Integer, Integer>>of()))
                    .isEmpty();
            gate.open();
        }
    }

    // B9
    @Test
    void map_oneItem_works() {
        try (ProcessPool pool = pool(2)) {
            assertThat(pool.map(Tasks::square, List.of(7))).containsExactly(49);
            assertThat(pool.map(Tasks::square, List.of(7), chunks(1))).containsExactly(49);
            assertThat(pool.map(Tasks::square, List.of(7), chunks(1000))).containsExactly(49);
        }
    }

    // B6, B7
    @Test
    void options_badValues_areRefusedWithNameAndValue() {
        MapOptions map = MapOptions.defaults();
        TaskOptions task = TaskOptions.defaults();
        assertRefused(() -> map.chunkSize(0), "chunkSize", "chunkSize=0");
        assertRefused(() -> map.chunkSize(-1), "chunkSize", "chunkSize=-1");
        assertRefused(() -> map.maxInFlight(0), "maxInFlight", "maxInFlight=0");
        assertRefused(() -> map.maxInFlight(-5), "maxInFlight", "maxInFlight=-5");
        assertRefused(() -> map.retries(-1), "retries", "retries=-1");
        assertRefused(() -> task.retries(-2), "retries", "retries=-2");
        assertRefused(() -> map.timeout(Duration.ZERO), "timeout", "timeout=PT0S");
        assertRefused(() -> map.timeout(Duration.ofMillis(-1)), "timeout", "timeout=PT-0.001S");
        assertRefused(() -> task.timeout(Duration.ZERO), "timeout", "timeout=PT0S");
        assertRefused(() -> task.timeout(Duration.ofSeconds(-3)), "timeout", "timeout=PT-3S");
        assertThatNullPointerException().isThrownBy(() -> map.onError(null)).withMessageContaining("onError");
    }

    private static void assertRefused(Runnable call, String... parts) {
        assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContainingAll(parts);
    }

    @Test
    void maps_nullArguments_areRefusedWithTheirName() {
        List<Integer> items = List.of(1);
        try (ProcessPool pool = pool(1)) {
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.map(null, items))
                    .withMessageContaining("fn");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.mapAsync(null, items))
                    .withMessageContaining("fn");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.imap(null, items))
                    .withMessageContaining("fn");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.imapUnordered(null, items))
                    .withMessageContaining("fn");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.map(Tasks::square, null))
                    .withMessageContaining("items");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.mapAsync(Tasks::square, null))
                    .withMessageContaining("items");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.imap(Tasks::square, null))
                    .withMessageContaining("items");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.starmap((a, b) -> 1, null))
                    .withMessageContaining("pairs");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.map(Tasks::square, items, null))
                    .withMessageContaining("options");
            assertThatNullPointerException()
                    .isThrownBy(() -> pool.imap(Tasks::square, items, null))
                    .withMessageContaining("options");
            assertThat(pool.snapshot().tasksSubmitted()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void maps_nullItemsAndNullResults_keepTheirPlaces(int chunk) {
        List<String> items = Arrays.asList("a", null, "b", null);
        try (ProcessPool pool = pool(1)) {
            assertThat(pool.map(x -> x == null ? "was null" : null, items, chunks(chunk)))
                    .containsExactly(null, "was null", null, "was null");
            assertThat(pool.imap(x -> x, items, chunks(chunk)).stream()).containsExactly("a", null, "b", null);
            assertThat(pool.starmap(
                            (a, b) -> a == null && b == null,
                            List.of(new java.util.AbstractMap.SimpleEntry<>(null, null)),
                            chunks(chunk)))
                    .containsExactly(true);
        }
    }

    @Test
    void starmap_nullPair_failsThatItemOnly() {
        List<Map.Entry<Integer, Integer>> pairs = Arrays.asList(Map.entry(1, 2), null, Map.entry(3, 4));
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.starmap(Integer::sum, pairs))
                    .isInstanceOf(ProcessPoolException.class)
                    .hasMessageContainingAll("item 1", "null");
            ResultIterator<Integer> results = pool.istarmap(Integer::sum, pairs);
            assertThat(results.next()).isEqualTo(3);
            assertThatThrownBy(results::next).hasMessageContaining("item 1");
            assertThat(results.next()).isEqualTo(7);
            assertThat(results.hasNext()).isFalse();
        }
    }

    @Test
    void map_manyTinyItems_areAllThereInOrder() {
        try (ProcessPool pool = pool(2)) {
            assertThat(pool.map(Tasks::square, numbers(20_000))).isEqualTo(squares(20_000));
            assertThat(pool.snapshot().tasksSucceeded()).isEqualTo(20_000);
        }
    }

    @Test
    void map_manyItems_runExactlyOnceEach() {
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = pool(2)) {
            pool.map(
                    x -> {
                        ledger.add(x);
                        return x;
                    },
                    numbers(500));
        }
        assertThat(ledger.counts())
                .hasSize(500)
                .allSatisfy((item, runs) -> assertThat(runs).isEqualTo(1));
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
            TaskFuture<List<Integer>> future = pool.mapAsync(MapContract::evenOnly, numbers(4));

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
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = builder().workers(2).cancelGrace(LONG).build()) {
            TaskFailedException failure = catchFailure(() -> pool.map(
                    x -> {
                        ledger.add(x);
                        if (x == 0) {
                            gate.pass(); // is interrupted, or this test ends with a timeout
                        }
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
                assertThatThrownBy(() -> pool.mapAsync(x -> x, Sources.throwingInNext(at, ofSource), chunks(chunk)))
                        .isSameAs(ofSource);
                assertThat(ledger.lines()).hasSize(at);
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
                assertThatThrownBy(() -> pool.mapAsync(x -> x, source)).isSameAs(ofSource);
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
    void map_itemsAndSourceFail_sourceWins() {
        IllegalStateException ofSource = new IllegalStateException("source broke");
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.map(MapContract::evenOnly, Sources.throwingInNext(4, ofSource)))
                    .isSameAs(ofSource);
        }
    }

    @Test
    void map_source_isPulledInTheCallersThread() {
        List<Thread> threads = new ArrayList<>();
        Iterable<Integer> source = Sources.observed(numbers(5), x -> threads.add(Thread.currentThread()));
        try (ProcessPool pool = pool(1)) {
            pool.map(Tasks::square, source);
        }
        assertThat(threads).hasSize(5).containsOnly(Thread.currentThread());
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

    @Test
    void maps_poolHasBeenShutDown_throwThatItIsClosed() {
        ProcessPool pool = pool(1);
        pool.close();

        assertThatThrownBy(() -> pool.map(Tasks::square, List.of(1))).isInstanceOf(PoolClosedException.class);
        assertThatThrownBy(() -> pool.mapAsync(Tasks::square, List.of(1))).isInstanceOf(PoolClosedException.class);
        assertThatThrownBy(() -> pool.imap(Tasks::square, List.of(1))).isInstanceOf(PoolClosedException.class);
        assertThatThrownBy(() -> pool.imapUnordered(Tasks::square, List.of(1))).isInstanceOf(PoolClosedException.class);
    }

    @Test
    void mapAsync_poolShutDownAfterwards_endsWithAllResults() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<List<Integer>> future = pool.mapAsync(gate::passWith, numbers(100), chunks(1));
            gate.awaitArrivals(1);
            pool.shutdown();
            gate.open();

            assertThat(future.get(LONG)).isEqualTo(numbers(100));
            assertThat(pool.join(LONG)).isTrue();
        }
    }

    @Test
    void map_resultsDifferInSize_allArrive() {
        try (ProcessPool pool = pool(2)) {
            List<byte[]> results = pool.map(byte[]::new, List.of(0, 1, 1 << 20, 3, 1 << 14, (1 << 14) - 1, 300_000));

            assertThat(results)
                    .extracting(bytes -> bytes.length)
                    .containsExactly(0, 1, 1 << 20, 3, 1 << 14, (1 << 14) - 1, 300_000);
            List<Integer> lengths = pool.map(bytes -> bytes.length, results, chunks(3));
            assertThat(lengths).containsExactly(0, 1, 1 << 20, 3, 1 << 14, (1 << 14) - 1, 300_000);
        }
    }

    @Test
    void mapAsync_callback_receivesTheWholeList() throws Exception {
        try (ProcessPool pool = pool(1)) {
            int sum = pool.mapAsync(Tasks::square, numbers(4))
                    .thenApply(list -> list.stream().mapToInt(Integer::intValue).sum())
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            assertThat(sum).isEqualTo(14);
        }
    }
}
