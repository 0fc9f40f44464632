package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How lazy maps end early: sources that break, consumers that give up, pools that end; B14 to B20 for lazy maps. */
abstract class LazyMapEndContract extends LazyMapFixture {

    LazyMapEndContract(Mode mode) {
        super(mode);
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
            await().atMost(LONG).until(() -> watched.pulled.get() >= 5);

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
}
