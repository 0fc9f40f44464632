package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import io.processpool.testing.Sources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code imap} and its relatives: rows C of the conformance list, and B14 to B20 for lazy maps. */
abstract class LazyMapContract extends PoolContract {

    LazyMapContract(Mode mode) {
        super(mode);
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static MapOptions window(int items) {
        return MapOptions.defaults().maxInFlight(items);
    }

    private static <R> ResultIterator<R> lazily(
            ProcessPool pool,
            boolean ordered,
            TaskFunction<Integer, R> fn,
            Iterable<Integer> items,
            MapOptions options) {
        return ordered ? pool.imap(fn, items, options) : pool.imapUnordered(fn, items, options);
    }

    // ---- order and end ------------------------------------------------------------------------------------------

    // C1
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 100})
    void imap_stepByStep_deliversInOrderAndThenSaysThatItHasEnded(int chunk) {
        MapOptions options =
                chunk == 0 ? MapOptions.defaults() : MapOptions.defaults().chunkSize(chunk);
        try (ProcessPool pool = pool(2)) {
            ResultIterator<Integer> results = pool.imap(Tasks::square, numbers(10), options);
            for (int i = 0; i < 10; i++) {
                assertThat(results.hasNext()).isTrue();
                assertThat(results.hasNext()).as("asking twice changes nothing").isTrue();
                assertThat(results.next()).isEqualTo(i * i);
            }
            for (int i = 0; i < 3; i++) {
                assertThat(results.hasNext()).isFalse();
                assertThatThrownBy(results::next).isInstanceOf(NoSuchElementException.class);
                assertThatThrownBy(() -> results.next(SHORT)).isInstanceOf(NoSuchElementException.class);
            }
            assertThat(results.completed()).isEqualTo(10);
        }
    }

    // C1
    @Test
    void imap_firstItemIsSlow_othersWaitForIt() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2)) {
            ResultIterator<Integer> results = pool.imap(
                    x -> {
                        if (x == 0) {
                            gate.pass();
                        }
                        return x;
                    },
                    numbers(5),
                    MapOptions.defaults().chunkSize(1));
            await().atMost(LONG).until(() -> results.completed() == 4);

            assertThatThrownBy(() -> results.next(SHORT)).isInstanceOf(TimeoutException.class);
            gate.open();
            assertThat(results.stream()).containsExactly(0, 1, 2, 3, 4);
        }
    }

    // C2
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 100})
    void imapUnordered_anyChunkSize_deliversEachResultOnce(int chunk) {
        MapOptions options =
                chunk == 0 ? MapOptions.defaults() : MapOptions.defaults().chunkSize(chunk);
        try (ProcessPool pool = pool(2)) {
            assertThat(pool.imapUnordered(Tasks::square, numbers(200), options).stream()
                            .toList())
                    .containsExactlyInAnyOrderElementsOf(
                            numbers(200).stream().map(Tasks::square).toList());
        }
    }

    // C2, I8: the order of completion
    @Test
    void imapUnordered_firstItemIsSlow_othersOvertakeIt() {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2)) {
            ResultIterator<Integer> results = pool.imapUnordered(
                    x -> {
                        if (x == 0) {
                            gate.pass();
                        }
                        return x;
                    },
                    numbers(5),
                    MapOptions.defaults().chunkSize(1));

            List<Integer> early = List.of(results.next(), results.next(), results.next(), results.next());
            assertThat(early).containsExactly(1, 2, 3, 4);
            assertThatThrownBy(() -> results.next(SHORT)).isInstanceOf(TimeoutException.class);
            gate.open();
            assertThat(results.next()).isZero();
            assertThat(results.hasNext()).isFalse();
        }
    }

    // B15
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void imap_itemsFail_eachThrowsInItsPlaceAndTheIterationGoesOn(boolean ordered) {
        List<String> seen = new ArrayList<>();
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = lazily(
                    pool,
                    ordered,
                    x -> {
                        if (x % 3 == 1) {
                            throw new IllegalStateException("boom " + x);
                        }
                        return x;
                    },
                    numbers(6),
                    MapOptions.defaults().chunkSize(4));
            while (results.hasNext()) {
                try {
                    seen.add("" + results.next());
                } catch (TaskFailedException e) {
                    seen.add(e.getCause().getMessage());
                }
            }
        }
        assertThat(seen).containsExactly("0", "boom 1", "2", "3", "boom 4", "5");
    }

    @Test
    void imap_enhancedForLoopAndStream_readIt() {
        try (ProcessPool pool = pool(1)) {
            List<Integer> looped = new ArrayList<>();
            for (int result : pool.imap(Tasks::square, numbers(4))) {
                looped.add(result);
            }
            assertThat(looped).containsExactly(0, 1, 4, 9);
            assertThat(pool.imap(Tasks::square, numbers(4)).stream()
                            .mapToInt(x -> x)
                            .sum())
                    .isEqualTo(14);
            assertThat(pool.imap(Tasks::square, Sources.endless()).stream().limit(4))
                    .containsExactly(0, 1, 4, 9);
        }
    }

    // ---- laziness -----------------------------------------------------------------------------------------------

    /** Counts what the pool pulls from an endless source, and how far that is ahead of the consumer at most. */
    private static final class Watched {
        final AtomicInteger pulled = new AtomicInteger();
        /** Raised before an item is taken, so never too low. */
        final AtomicInteger consumed = new AtomicInteger();

        final AtomicInteger maxAhead = new AtomicInteger();

        Iterable<Integer> source() {
            return Sources.observed(Sources.endless(), x -> {
                int ahead = pulled.incrementAndGet() - consumed.get();
                maxAhead.accumulateAndGet(ahead, Math::max);
            });
        }

        <R> R next(ResultIterator<R> results) {
            consumed.incrementAndGet();
            return results.next();
        }
    }

    // C5, C9
    @ParameterizedTest
    @CsvSource({
        "true, 1, 0",
        "true, 2, 0",
        "true, 7, 0",
        "true, 8, 1",
        "true, 8, 4",
        "true, 9, 4",
        "true, 3, 100",
        "false, 1, 0",
        "false, 7, 1",
        "false, 8, 4",
        "false, 3, 100"
    })
    void imap_endlessSource_isPulledExactlyAsFarAheadAsAllowed(boolean ordered, int window, int chunk) {
        Watched watched = new Watched();
        MapOptions options = chunk == 0 ? window(window) : window(window).chunkSize(chunk);
        int full = chunk <= 1 || chunk > window ? window : window / chunk * chunk; // whole chunks travel
        try (ProcessPool pool = pool(2)) {
            try (ResultIterator<Integer> results = lazily(pool, ordered, Tasks::square, watched.source(), options)) {
                await().atMost(LONG).until(() -> results.completed() == full);
                assertThat(watched.pulled)
                        .as("all have ended, none is consumed")
                        .hasValue(full);

                for (int i = 0; i < 50; i++) {
                    int result = watched.next(results);
                    if (ordered) {
                        assertThat(result).isEqualTo(i * i);
                    }
                }
                await().atMost(LONG).until(() -> watched.pulled.get() > 50);
            }
            assertThat(watched.maxAhead.get()).isLessThanOrEqualTo(window);
        }
    }

    // C5: the window counts what is not consumed, not what has not ended; the ordered twin holds back results
    @Test
    void imap_firstItemIsSlow_resultsThatWaitForItCountToo() throws Exception {
        Gate gate = gate("gate");
        Watched watched = new Watched();
        try (ProcessPool pool = pool(2)) {
            try (ResultIterator<Integer> results = pool.imap(
                    x -> {
                        if (x == 0) {
                            gate.pass();
                        }
                        return x;
                    },
                    watched.source(),
                    window(6))) {
                await().atMost(LONG).until(() -> results.completed() == 5);
                pool.applyAsync(Tasks::square, 1).get(LONG);

                assertThat(watched.pulled).hasValue(6);
                gate.open();
                for (int i = 0; i < 20; i++) {
                    assertThat(watched.next(results)).isEqualTo(i);
                }
                assertThat(watched.maxAhead.get()).isLessThanOrEqualTo(6);
            }
        }
    }

    // C5
    @Test
    void imap_consumerStopsAndGoesOn_sourceDoesToo() {
        Watched watched = new Watched();
        try (ProcessPool pool = pool(1)) {
            MapOptions options = window(4).chunkSize(1);
            try (ResultIterator<Integer> results = pool.imap(Tasks::square, watched.source(), options)) {
                for (int round = 1; round <= 5; round++) {
                    int consumed = (round - 1) * 3;
                    await().atMost(LONG).until(() -> results.completed() == consumed + 4);
                    assertThat(watched.pulled).hasValue(consumed + 4);
                    for (int i = 0; i < 3; i++) {
                        watched.next(results);
                    }
                }
            }
        }
    }

    /** However many tiny items would fit into one batch: the workers must not wait for the last result to be read. */
    @Test
    void imap_halfOfTheWindowConsumed_sourceGoesOn() {
        Watched watched = new Watched();
        try (ProcessPool pool = pool(1)) {
            pool.map(Tasks::square, numbers(5000)); // now it is known to be quick
            try (ResultIterator<Integer> results = pool.imap(Tasks::square, watched.source(), window(16))) {
                await().atMost(LONG).until(() -> results.completed() == 16);
                for (int i = 0; i < 8; i++) {
                    watched.next(results);
                }
                await().atMost(Duration.ofSeconds(5)).until(() -> watched.pulled.get() > 16);
            }
        }
    }

    @Test
    void imap_withoutWindow_isBoundedAllTheSame() throws Exception {
        Gate gate = gate("gate");
        Watched watched = new Watched();
        try (ProcessPool pool = pool(1)) {
            try (ResultIterator<Integer> results = pool.imap(gate::passWith, watched.source())) {
                gate.awaitArrivals(1);
                assertThat(watched.pulled.get()).isLessThan(1000);
                gate.open();
                for (int i = 0; i < 2000; i++) {
                    assertThat(watched.next(results)).isEqualTo(i);
                }
            }
        }
    }

    @Test
    void imap_source_isPulledOnAThreadOfThePoolAndNotBeforeItMustBe() {
        AtomicReference<String> asked = new AtomicReference<>();
        AtomicReference<String> pulled = new AtomicReference<>();
        Iterable<Integer> observed = Sources.observed(
                numbers(3), x -> pulled.set(Thread.currentThread().getName()));
        Iterable<Integer> source = () -> {
            asked.set(Thread.currentThread().getName());
            return observed.iterator();
        };
        try (ProcessPool pool = builder().workers(1).name("feeding").build()) {
            assertThat(pool.imap(Tasks::square, source).stream()).containsExactly(0, 1, 4);
        }
        assertThat(asked.get()).startsWith("pool-feeding-feeder");
        assertThat(pulled.get()).startsWith("pool-feeding-feeder");
    }

    @Test
    void imap_severalEndlessOnesOnOneWorker_allAdvance() {
        try (ProcessPool pool = pool(1)) {
            List<ResultIterator<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int captured = i;
                all.add(pool.imap(x -> x + 1000 * captured, Sources.endless(), window(8)));
            }
            for (int step = 0; step < 50; step++) {
                for (int i = 0; i < 4; i++) {
                    assertThat(all.get(i).next()).isEqualTo(step + 1000 * i);
                }
            }
            all.forEach(ResultIterator::close);
        }
    }

    // ---- sources that break ---------------------------------------------------------------------------------------

    // B14, B20, C4, D2
    @ParameterizedTest
    @CsvSource({"true, 1", "true, 2", "true, 4", "false, 1", "false, 2", "false, 4"})
    void imap_sourceThrows_itsExceptionArrivesAfterAllResultsBefore(boolean ordered, int chunk) {
        MapOptions options = MapOptions.defaults().chunkSize(chunk);
        IllegalStateException ofSource = new IllegalStateException("source broke");
        try (ProcessPool pool = pool(2)) {
            for (int at : new int[] {0, 1, 5}) {
                for (Iterable<Integer> source :
                        List.of(Sources.throwingInNext(at, ofSource), Sources.throwingInHasNext(at, ofSource))) {
                    ResultIterator<Integer> results = lazily(pool, ordered, Tasks::square, source, options);
                    List<Integer> before = new ArrayList<>();
                    for (int i = 0; i < at; i++) {
                        assertThat(results.hasNext()).isTrue();
                        before.add(results.next());
                    }
                    assertThat(before)
                            .containsExactlyInAnyOrderElementsOf(
                                    numbers(at).stream().map(Tasks::square).toList());
                    assertThat(results.hasNext()).as("the failure is to come").isTrue();
                    assertThatThrownBy(results::next).isSameAs(ofSource);
                    assertThat(results.hasNext()).isFalse();
                    assertThatThrownBy(results::next).isInstanceOf(NoSuchElementException.class);
                }
            }
        }
    }

    @Test
    void imap_sourceThrowsInIterator_itsExceptionArrives() {
        IllegalStateException ofSource = new IllegalStateException("source broke");
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(Tasks::square, Sources.throwingInIterator(ofSource));
            assertThatThrownBy(results::next).isSameAs(ofSource);
            assertThat(results.hasNext()).isFalse();
            ResultIterator<Integer> without = pool.imap(Tasks::square, () -> null);
            assertThatThrownBy(without::next).isInstanceOf(NullPointerException.class);
            assertThat(pool.map(Tasks::square, numbers(2))).containsExactly(0, 1);
        }
    }

    @Test
    void imap_sourceThrowsAnErrorOrACheckedException_arrivesAsItIs() {
        try (ProcessPool pool = pool(1)) {
            for (Throwable ofSource : List.of(new AssertionError("error"), new Exception("checked"))) {
                ResultIterator<Integer> results = pool.imap(Tasks::square, Sources.throwingInNext(1, ofSource));
                assertThat(results.next()).isZero();
                assertThatThrownBy(results::next).isSameAs(ofSource);
            }
        }
    }

    // B24
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void imap_itemCannotBeEncoded_failsInItsPlace(boolean ordered) {
        List<Object> items = List.of(0, 1, new Object(), 3);
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Object> results = ordered ? pool.imap(x -> x, items) : pool.imapUnordered(x -> x, items);
            List<Object> seen = new ArrayList<>();
            while (results.hasNext()) {
                try {
                    seen.add(results.next());
                } catch (TaskSerializationException e) {
                    assertThat(e).hasMessageContainingAll("item 2", "java.lang.Object");
                    seen.add("refused");
                }
            }
            if (ordered) {
                assertThat(seen).containsExactly(0, 1, "refused", 3);
            } else {
                assertThat(seen).containsExactlyInAnyOrder(0, 1, "refused", 3);
            }
        }
    }

    // ---- time-outs and interrupts ---------------------------------------------------------------------------------

    // B16, C1
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void next_timesOut_iteratorStaysUsableAndLosesNothing(boolean ordered) throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = lazily(
                    pool,
                    ordered,
                    x -> {
                        if (x == 1) {
                            gate.pass();
                        }
                        return x;
                    },
                    numbers(3),
                    MapOptions.defaults());

            assertThat(results.next(LONG)).isZero();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> results.next(Duration.ofMillis(20))).isInstanceOf(TimeoutException.class);
                assertThatThrownBy(() -> results.next(Duration.ZERO)).isInstanceOf(TimeoutException.class);
                assertThatThrownBy(() -> results.next(Duration.ofSeconds(-1))).isInstanceOf(TimeoutException.class);
            }
            gate.open();
            assertThat(results.next(LONG)).isEqualTo(1);
            assertThat(results.next(LONG)).isEqualTo(2);
            assertThat(results.hasNext()).isFalse();
        }
    }

    @Test
    void next_consumerInterrupted_throwsKeepsTheFlagAndStaysUsable() throws Exception {
        Gate gate = gate("gate");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(gate::passWith, numbers(2));
            Thread consumer = new Thread(() -> {
                thrown.set(catchThrowable(results::next));
                flag.set(Thread.currentThread().isInterrupted());
            });
            consumer.start();
            gate.awaitArrivals(1);

            consumer.interrupt();
            consumer.join(LONG.toMillis());

            assertThat(thrown.get()).isInstanceOf(ProcessPoolException.class).hasMessageContaining("interrupted");
            assertThat(flag).hasValue(true);
            gate.open();
            assertThat(results.stream()).containsExactly(0, 1);
        }
    }

    // ---- iterators that are not read to the end -----------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void close_halfReadEndlessIterator_stopsTheSourceAndThePoolEndsAtOnce(boolean ordered) throws Exception {
        Watched watched = new Watched();
        try (ProcessPool pool = pool(2)) {
            ResultIterator<Integer> results = lazily(pool, ordered, Tasks::square, watched.source(), window(10));
            results.next();
            results.next();

            results.close();
            results.close();

            assertThat(results.hasNext()).isFalse();
            assertThatThrownBy(results::next)
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessageContaining("closed");
            pool.shutdown();
            assertThat(pool.join(Duration.ofSeconds(10))).isTrue();
            assertThat(watched.pulled.get()).isLessThanOrEqualTo(12);
        }
    }

    @Test
    void close_itemsQueuedAndRunning_neverRunOrAreInterrupted() {
        Gate gate = gate("gate");
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = builder().workers(1).cancelGrace(LONG).build()) {
            ResultIterator<Integer> results = pool.imap(
                    x -> {
                        ledger.add(x);
                        gate.pass();
                        return x;
                    },
                    numbers(10),
                    MapOptions.defaults().chunkSize(10));
            gate.awaitArrivals(1);

            results.close();

            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            assertThat(ledger.lines()).containsExactly("0");
            PoolSnapshot end = pool.snapshot();
            assertThat(end.tasksQueued() + end.tasksActive()).isZero();
            assertThat(end.tasksCancelled()).isEqualTo(10);
        }
    }

    @Test
    void close_whileAConsumerWaits_releasesIt() throws Exception {
        Gate gate = gate("gate");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(gate::passWith, numbers(2));
            Thread consumer = new Thread(() -> thrown.set(catchThrowable(results::next)));
            consumer.start();
            gate.awaitArrivals(1);
            await().atMost(LONG).until(() -> consumer.getState() == Thread.State.WAITING);

            results.close();
            consumer.join(LONG.toMillis());

            assertThat(thrown.get()).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void close_streamOfIt_closesIt() {
        Watched watched = new Watched();
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(Tasks::square, watched.source(), window(4));
            try (Stream<Integer> stream = results.stream()) {
                assertThat(stream.limit(3).toList()).containsExactly(0, 1, 4);
            }
            assertThat(results.hasNext()).isFalse();
        }
    }

    // C5, and CPython's gh-155477
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shutdown_halfReadEndlessIterator_deliversWhatWasPulledAndThenSaysThatThePoolIsClosed(boolean ordered)
            throws Exception {
        Watched watched = new Watched();
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = lazily(pool, ordered, Tasks::square, watched.source(), window(5));
            watched.next(results);

            pool.shutdown();
            assertThat(pool.join(Duration.ofSeconds(10)))
                    .as("nobody reads, and the pool ends")
                    .isTrue();

            int pulled = watched.pulled.get();
            assertThat(pulled).isBetween(5, 6);
            for (int i = 1; i < pulled; i++) {
                assertThat(results.next()).isEqualTo(i * i);
            }
            assertThat(results.hasNext()).as("the end is to be told").isTrue();
            assertThatThrownBy(results::next).isInstanceOf(PoolClosedException.class);
            assertThat(results.hasNext()).isFalse();
            assertThatThrownBy(results::next).isInstanceOf(NoSuchElementException.class);
            assertThat(watched.pulled).hasValue(pulled);
        }
    }

    @Test
    void shutdown_sourceIsExhaustedAlready_iteratorEndsAsAlways() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(gate::passWith, numbers(3), window(100));
            gate.awaitArrivals(1);
            await().atMost(LONG).until(() -> pool.snapshot().tasksSubmitted() == 3);
            pool.applyAsync(Tasks::square, 1); // comes after the source's end was seen, or soon after
            pool.shutdown();
            gate.open();

            List<Integer> read = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                read.add(results.next());
            }
            assertThat(read).containsExactly(0, 1, 2);
            assertThat(pool.join(LONG)).isTrue();
        }
    }

    @Test
    void shutdown_whileAConsumerWaits_consumerGetsTheRestAndTheEnd() throws Exception {
        Gate gate = gate("gate");
        List<Object> read = new ArrayList<>();
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(gate::passWith, Sources.endless(), window(3));
            Thread consumer = new Thread(() -> {
                try {
                    while (true) {
                        read.add(results.next());
                    }
                } catch (RuntimeException e) {
                    read.add(e.getClass().getSimpleName());
                }
            });
            consumer.start();
            gate.awaitArrivals(1);
            await().atMost(LONG).until(() -> pool.snapshot().tasksSubmitted() == 3);

            pool.shutdown();
            gate.open();
            consumer.join(LONG.toMillis());

            assertThat(read).containsExactly(0, 1, 2, "PoolClosedException");
            assertThat(pool.join(LONG)).isTrue();
        }
    }

    @Test
    void terminate_halfReadIterator_endsWithPoolClosed() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(
                    x -> {
                        if (x == 2) {
                            gate.pass();
                        }
                        return x;
                    },
                    Sources.endless(),
                    window(4));
            assertThat(results.next()).isZero();
            gate.awaitArrivals(1);

            pool.terminate();

            Throwable end = catchThrowable(() -> {
                while (true) {
                    results.next();
                }
            });
            assertThat(end).isInstanceOf(PoolClosedException.class).hasMessageContaining("terminated");
            assertThat(results.hasNext()).isFalse();
            assertThat(pool.join(LONG)).isTrue();
        }
    }

    /** A source that waits, as one that reads from a network does, and heeds interrupts. */
    private static Iterable<Integer> stuckAfter(int items, CountDownLatch stuck) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                if (next == items) {
                    stuck.countDown();
                    Tasks.unchecked(() -> new CountDownLatch(1).await(60, TimeUnit.SECONDS));
                }
                return true;
            }

            @Override
            public Integer next() {
                return next++;
            }
        };
    }

    @Test
    void close_sourceIsStuck_poolEndsAllTheSame() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(
                    Tasks::square, stuckAfter(2, stuck), MapOptions.defaults().chunkSize(1));
            assertThat(results.next()).isZero();
            assertThat(stuck.await(30, TimeUnit.SECONDS)).isTrue();

            results.close();
            pool.shutdown();

            assertThat(pool.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void shutdown_sourceIsStuck_poolEndsAllTheSame() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        try (ProcessPool pool =
                builder().workers(1).shutdownTimeout(Duration.ofSeconds(20)).build()) {
            ResultIterator<Integer> results = pool.imap(
                    Tasks::square, stuckAfter(2, stuck), MapOptions.defaults().chunkSize(1));
            assertThat(stuck.await(30, TimeUnit.SECONDS)).isTrue();

            pool.shutdown();

            assertThat(pool.join(Duration.ofSeconds(10)))
                    .as("it waits for nothing but the source")
                    .isTrue();
            assertThat(results.next()).isZero();
            assertThat(results.next()).isEqualTo(1);
            assertThatThrownBy(results::next).isInstanceOf(PoolClosedException.class);
        }
    }

    @Test
    void imap_queueOfOne_works() {
        try (ProcessPool pool = builder().workers(2).queueCapacity(1).build()) {
            assertThat(pool.imap(Tasks::square, numbers(100)).stream().toList())
                    .isEqualTo(numbers(100).stream().map(Tasks::square).toList());
            assertThat(pool.map(Tasks::square, numbers(100)))
                    .isEqualTo(numbers(100).stream().map(Tasks::square).toList());
        }
    }

    @Test
    void istarmap_endlessPairs_areLazyToo() {
        AtomicInteger pulled = new AtomicInteger();
        Iterable<java.util.Map.Entry<Integer, Integer>> pairs = () -> Stream.iterate(0, x -> x + 1)
                .peek(x -> pulled.incrementAndGet())
                .map(x -> java.util.Map.entry(x, 10))
                .iterator();
        try (ProcessPool pool = pool(1)) {
            try (ResultIterator<Integer> results = pool.istarmap(Integer::sum, pairs, window(3))) {
                assertThat(results.next()).isEqualTo(10);
                assertThat(results.next()).isEqualTo(11);
            }
            try (ResultIterator<Integer> results = pool.istarmapUnordered(Integer::sum, pairs, window(1))) {
                assertThat(results.next()).isEqualTo(10);
                assertThat(results.next()).isEqualTo(11);
            }
        }
        assertThat(pulled.get()).isLessThanOrEqualTo(5 + 3);
    }

    @Test
    void remove_always_isNotSupported() {
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(Tasks::square, numbers(1));
            results.next();
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(results::remove);
        }
    }
}
