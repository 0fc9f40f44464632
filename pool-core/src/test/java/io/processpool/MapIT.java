package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps in processes. */
class MapIT extends MapContract {

    MapIT() {
        super(Mode.PROCESS);
    }

    // B10: the short-lived workers of the matrix
    @Test
    void allMaps_workersLiveForAFewTasks_equalTheLocalMap() throws Exception {
        try (ProcessPool pool = builder().workers(2).maxTasksPerWorker(15).build()) {
            for (int chunk : new int[] {1, 4}) {
                MapOptions options = MapOptions.defaults().chunkSize(chunk);
                assertThat(pool.map(Tasks::square, numbers(20), options)).isEqualTo(squares(20));
                assertThat(pool.mapAsync(Tasks::square, numbers(20), options).get(LONG))
                        .isEqualTo(squares(20));
                assertThat(pool.imap(Tasks::square, numbers(20), options).stream()
                                .toList())
                        .isEqualTo(squares(20));
                assertThat(pool.imapUnordered(Tasks::square, numbers(20), options).stream()
                                .toList())
                        .containsExactlyInAnyOrderElementsOf(squares(20));
            }
            assertThat(pool.snapshot().workersStarted()).isGreaterThanOrEqualTo(160 / 15);
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    private static void assertRanOnceEach(Ledger ledger, int items) {
        assertThat(ledger.counts())
                .hasSize(items)
                .allSatisfy((item, runs) ->
                        assertThat(runs).as("runs of item %s", item).isEqualTo(1));
    }

    /** Reads all results; puts null for an item whose worker was lost. */
    private static List<Integer> survivors(ResultIterator<Integer> results) {
        List<Integer> all = new ArrayList<>();
        while (results.hasNext()) {
            try {
                all.add(results.next());
            } catch (WorkerLostException e) {
                all.add(null);
            }
        }
        return all;
    }

    private static List<Integer> numbersWithout(int count, int missing) {
        List<Integer> numbers = new ArrayList<>(numbers(count));
        numbers.set(missing, null);
        return numbers;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 60, 99})
    void imap_workerKilledInAChunkOfTinyTasks_failsThatItemAndRunsTheOthersOnce(int deadly) throws Exception {
        Ledger ledger = ledger("runs");
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            ResultIterator<Integer> results = pool.imap(
                    x -> {
                        ledger.add(x);
                        if (x == deadly) {
                            gate.pass();
                        }
                        return x;
                    },
                    numbers(100),
                    MapOptions.defaults().chunkSize(50));
            gate.awaitArrivals(1);
            long pid = pool.activeChildren().get(0).pid();

            ProcessHandle.of(pid).orElseThrow().destroyForcibly();

            assertThat(survivors(results)).isEqualTo(numbersWithout(100, deadly));
            assertRanOnceEach(ledger, 100);
            assertThat(pool.snapshot().workersLost()).isEqualTo(1);
        }
    }

    /** Without any pause: what the worker has finished and not sent yet must not be lost with it, nor run twice. */
    @ParameterizedTest
    @ValueSource(ints = {0, 7, 63, 199})
    void imap_taskEndsItsProcessInAChunkOfTinyTasks_failsThatItemAndRunsTheOthersOnce(int deadly) {
        Ledger ledger = ledger("runs");
        for (Integer chunk : new Integer[] {null, 200}) {
            try (ProcessPool pool = pool(1)) {
                MapOptions options = MapOptions.defaults();
                ResultIterator<Integer> results = pool.imap(
                        x -> {
                            if (x % 10 == 0 || x == deadly) {
                                ledger.add((chunk == null ? "auto " : "chunk ") + x);
                            }
                            if (x == deadly) {
                                Runtime.getRuntime().halt(9);
                            }
                            return x;
                        },
                        numbers(200),
                        chunk == null ? options : options.chunkSize(chunk));

                assertThat(survivors(results)).isEqualTo(numbersWithout(200, deadly));
            }
        }
        assertThat(ledger.counts().values()).containsOnly(1L);
    }

    @Test
    void map_severalItemsKillTheirWorkers_eachFailsAloneAndTheOthersRunOnce() {
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = pool(2)) {
            Throwable failure = catchThrowable(() -> pool.map(
                    x -> {
                        ledger.add(x);
                        if (x == 10 || x == 11 || x == 35) {
                            Runtime.getRuntime().halt(3);
                        }
                        return x;
                    },
                    numbers(40),
                    MapOptions.defaults().chunkSize(8)));

            assertThat(failure).isInstanceOf(WorkerLostException.class).hasMessageContaining("item 10");
            assertThat(failure.getSuppressed())
                    .hasSize(2)
                    .hasOnlyElementsOfType(WorkerLostException.class)
                    .satisfiesExactly(
                            e -> assertThat(e).hasMessageContaining("item 11"),
                            e -> assertThat(e).hasMessageContaining("item 35"));
            assertRanOnceEach(ledger, 40);
            assertThat(pool.snapshot().workersLost()).isEqualTo(3);
        }
    }

    @Test
    void map_workerLostAndRetriesLeft_itemRunsAgainAndTheOthersOnce() {
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = pool(1)) {
            List<Integer> results = pool.map(
                    x -> {
                        ledger.add(x);
                        if (x == 5 && ledger.counts().get("5") < 3) {
                            Runtime.getRuntime().halt(3);
                        }
                        return x;
                    },
                    numbers(20),
                    MapOptions.defaults().chunkSize(20).retries(2));

            assertThat(results).isEqualTo(numbers(20));
            Map<String, Long> counts = ledger.counts();
            assertThat(counts.remove("5")).isEqualTo(3);
            assertThat(counts)
                    .hasSize(19)
                    .allSatisfy((item, runs) -> assertThat(runs).isEqualTo(1));
        }
    }
}
