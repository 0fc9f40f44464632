package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import io.processpool.testing.Sources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code map}, {@code starmap} and their asynchronous forms return: rows B of the conformance list. */
abstract class MapContract extends PoolContract {

    MapContract(Mode mode) {
        super(mode);
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

    @Test
    void map_source_isPulledInTheCallersThread() {
        List<Thread> threads = new ArrayList<>();
        Iterable<Integer> source = Sources.observed(numbers(5), x -> threads.add(Thread.currentThread()));
        try (ProcessPool pool = pool(1)) {
            pool.map(Tasks::square, source);
        }
        assertThat(threads).hasSize(5).containsOnly(Thread.currentThread());
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
    void map_manyScalarsThatAreNoNumbers_allArrive() {
        List<Integer> source = numbers(1000);
        try (ProcessPool pool = pool(2)) {
            assertThat(pool.map(x -> x % 2 == 0, source))
                    .isEqualTo(source.stream().map(x -> x % 2 == 0).toList());
            assertThat(pool.map(x -> x / 2f, source))
                    .isEqualTo(source.stream().map(x -> x / 2f).toList());
            assertThat(pool.map(x -> x % 3 == 0 ? null : x, source))
                    .isEqualTo(Arrays.asList(
                            source.stream().map(x -> x % 3 == 0 ? null : x).toArray()));
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
