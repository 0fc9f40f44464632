package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Sources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code imap} and its relatives: order, and how far they pull; rows C of the conformance list. */
abstract class LazyMapContract extends LazyMapFixture {

    LazyMapContract(Mode mode) {
        super(mode);
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

    // ---- laziness -----------------------------------------------------------------------------------------------

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
                // A batch has a quarter of the window, and one that is not full waits if the source is slow to yield.
                await().atMost(LONG).until(() -> results.completed() >= 13);
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
}
