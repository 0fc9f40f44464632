package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The order in which tasks leave the queue. */
abstract class PriorityContract extends PoolContract {

    PriorityContract(Mode mode) {
        super(mode);
    }

    private static TaskFuture<Void> log(ProcessPool pool, Ledger ledger, String line, int priority) {
        return pool.applyAsync(
                () -> {
                    ledger.add(line);
                    return null;
                },
                TaskOptions.defaults().priority(priority));
    }

    private static void awaitAll(List<? extends TaskFuture<?>> futures) throws Exception {
        for (TaskFuture<?> future : futures) {
            future.get(LONG);
        }
    }

    @Test
    void tasks_differentPriorities_higherFirstAndEqualOnesInOrder() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            List<TaskFuture<Void>> all = List.of(
                    log(pool, ledger, "normal 1", 0),
                    log(pool, ledger, "low", -1),
                    log(pool, ledger, "high 1", 5),
                    log(pool, ledger, "normal 2", 0),
                    log(pool, ledger, "highest", Integer.MAX_VALUE),
                    log(pool, ledger, "lowest", Integer.MIN_VALUE),
                    log(pool, ledger, "high 2", 5));
            gate.open();
            awaitAll(all);

            assertThat(ledger.lines())
                    .containsExactly("highest", "high 1", "high 2", "normal 1", "normal 2", "low", "lowest");
        }
    }

    @Test
    void tasks_manyPrioritiesAtRandom_leaveSorted() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        List<Integer> priorities =
                new ArrayList<>(IntStream.range(0, 100).map(i -> i / 4).boxed().toList());
        Collections.shuffle(priorities, new Random(7));
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            List<TaskFuture<Void>> all = new ArrayList<>();
            for (int priority : priorities) {
                all.add(log(pool, ledger, "" + priority, priority));
            }
            for (int i = 0; i < 100; i += 10) {
                all.remove(i - i / 10).cancel(false);
                priorities.remove(i - i / 10);
            }
            gate.open();
            awaitAll(all);
        }
        assertThat(ledger.lines())
                .containsExactlyElementsOf(priorities.stream()
                        .sorted(Collections.reverseOrder())
                        .map(String::valueOf)
                        .toList());
    }

    @Test
    void map_lowPriority_isOvertakenBetweenItsItems() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<List<Integer>> map = pool.mapAsync(
                    x -> {
                        if (x == 0) {
                            gate.pass();
                        }
                        ledger.add(x);
                        return x;
                    },
                    List.of(0, 1, 2, 3),
                    MapOptions.defaults().chunkSize(1).priority(-1));
            gate.awaitArrivals(1);
            TaskFuture<Void> urgent = log(pool, ledger, "urgent", 0);
            gate.open();
            awaitAll(List.of(map, urgent));

            assertThat(ledger.lines()).containsExactly("0", "urgent", "1", "2", "3");
        }
    }

    @Test
    void map_highPriority_overtakesTasks() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            TaskFuture<Void> normal = log(pool, ledger, "normal", 0);
            TaskFuture<List<Integer>> map = pool.mapAsync(
                    x -> {
                        ledger.add(x);
                        return x;
                    },
                    List.of(0, 1, 2, 3),
                    MapOptions.defaults().chunkSize(4).priority(3));
            org.awaitility.Awaitility.await()
                    .atMost(LONG)
                    .until(() -> pool.snapshot().tasksQueued() == 5);
            gate.open();
            awaitAll(List.of(map, normal));

            assertThat(ledger.lines()).containsExactly("0", "1", "2", "3", "normal");
        }
    }
}
