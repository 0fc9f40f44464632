package io.processpool;

import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.pids;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many more workers than processors. */
@ExtendWith(LeavesNothingBehind.class)
class ManyWorkersIT {

    @TempDir
    Path directory;

    // E22, E26, A14: they all run at once, and they all end
    @ParameterizedTest
    @ValueSource(ints = {16, 40})
    void run_manyWorkers_allAtOnce(int workers) {
        Signs signs = Signs.in(directory);
        ProcessPool pool =
                ProcessPool.builder().workers(workers).maxHeap(32L << 20).build();
        try (pool) {
            List<TaskFuture<Long>> tasks = IntStream.range(0, workers)
                    .mapToObj(i -> pool.applyAsync(() -> Deeds.gated(signs, "here-" + i, "all-here")))
                    .toList();
            signs.expect("here-", workers);
            signs.give("all-here");

            assertThat(new HashSet<>(tasks.stream().map(Lifecycle::result).toList()))
                    .hasSize(workers);
            awaitIdle(pool, workers);
            List<Long> pids = pids(pool);
            List<Integer> items = IntStream.range(0, 20_000).boxed().toList();
            assertThat(pool.map(i -> i, items)).isEqualTo(items);

            pool.close();
            assertThat(pids).noneMatch(Lifecycle::alive);
        }
    }
}
