package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitTerminated;
import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.pids;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.ChildJvm;
import io.processpool.testing.Signs;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that have served long enough: by tasks, age, memory or idleness. */
class RecyclingIT extends RecyclingFixture {

    // ---- by tasks -------------------------------------------------------------------------------------------------

    // E3
    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void maxTasksPerWorker_lessThanOne_isRefused(int limit) {
        assertThatThrownBy(() -> ProcessPool.builder().maxTasksPerWorker(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxTasksPerWorker must be >= 1: maxTasksPerWorker=" + limit);
    }

    // E1
    @Test
    void maxTasksPerWorker_hundredTasksOnThreeWorkers_allAreReplaced() {
        try (ProcessPool pool = builder(3).maxTasksPerWorker(10).build()) {
            awaitIdle(pool, 3);
            List<Long> first = pids(pool);

            List<Long> seen = pidsOfTasks(pool, 100);

            assertThat(counts(seen))
                    .hasSizeGreaterThanOrEqualTo(10)
                    .allSatisfy((pid, count) -> assertThat(count).isLessThanOrEqualTo(10));
            await().atMost(PATIENCE).until(() -> first.stream().noneMatch(Lifecycle::alive));
            assertThat(events.all(Kind.LOST)).isEmpty();
        }
    }

    // E4
    @Test
    void maxTasksPerWorker_three_exactlyThreeShareAProcess() {
        try (ProcessPool pool = builder(1).maxTasksPerWorker(3).build()) {
            List<Long> pids =
                    IntStream.range(0, 7).mapToObj(i -> pool.apply(Deeds::pid)).toList();

            assertThat(new HashSet<>(pids.subList(0, 3))).hasSize(1);
            assertThat(new HashSet<>(pids.subList(3, 6))).hasSize(1).doesNotContain(pids.get(0));
            assertThat(pids.get(6)).isNotIn(pids.get(0), pids.get(3));
            assertThat(events.expect(Kind.RETIRED, pids.get(0)).detail()).isEqualTo(RetireReason.MAX_TASKS);
            assertThat(events.expect(Kind.RETIRED, pids.get(3)).worker().tasksCompleted())
                    .isEqualTo(3);
        }
    }

    // E12; the limit counts items, however they travel (point 13 of the pain list)
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 12})
    void maxTasksPerWorker_chunks_countItems(int chunkSize) {
        try (ProcessPool pool = builder(1).maxTasksPerWorker(2).build()) {
            List<Integer> items = IntStream.range(0, 12).boxed().toList();

            List<Long> pids =
                    pool.map(i -> Deeds.pid(), items, MapOptions.defaults().chunkSize(chunkSize));

            assertThat(counts(pids))
                    .hasSize(6)
                    .allSatisfy((pid, count) -> assertThat(count).isEqualTo(2));
            assertThat(pool.snapshot().tasksSucceeded()).isEqualTo(12);
        }
    }

    // E11
    @Test
    void maxTasksPerWorker_shutdownWhileTasksWait_allAreDone() {
        ProcessPool pool = builder(1).maxTasksPerWorker(1).build();
        List<TaskFuture<Long>> tasks =
                IntStream.range(0, 6).mapToObj(i -> pool.applyAsync(Deeds::pid)).toList();

        pool.shutdown();

        assertThat(tasks.stream().map(Lifecycle::result))
                .doesNotHaveDuplicates()
                .hasSize(6);
        awaitTerminated(pool);
    }

    // E9
    @Test
    void maxTasksPerWorker_terminateWhileRecycling_noReplacementEscapes() {
        ProcessPool pool =
                builder(2).name(Lifecycle.unique("forced")).maxTasksPerWorker(1).build();
        List<TaskFuture<Long>> tasks = IntStream.range(0, 12)
                .mapToObj(i -> pool.applyAsync(Deeds::pid))
                .toList();
        result(tasks.get(1));

        pool.terminate();

        awaitTerminated(pool);
        assertThat(tasks).allMatch(TaskFuture::ready);
        assertThat(ChildJvm.workersOf(Lifecycle.unique("forced"))).isEmpty();
    }

    // G16
    @Test
    void maxTasksPerWorker_lastTaskFailsOrCrashes_poolGoesOn() {
        try (ProcessPool pool = builder(1).maxTasksPerWorker(1).build()) {
            TaskFuture<Long> failing = pool.applyAsync(() -> {
                throw new IllegalStateException("on purpose");
            });
            TaskFuture<Long> crashing = pool.applyAsync(() -> {
                Deeds.halt(4);
                return 0L;
            });
            TaskFuture<Long> last = pool.applyAsync(Deeds::pid);
            pool.shutdown();

            Lifecycle.failureOf(failing, TaskFailedException.class);
            Lifecycle.failureOf(crashing, WorkerLostException.class);
            assertThat(result(last)).isPositive();
        }
    }

    // Replace before retire: the successor starts while the last task still runs.
    @Test
    void maxTasksPerWorker_lastTaskIsLong_successorServesMeanwhile() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).maxTasksPerWorker(1).build()) {
            TaskFuture<Long> lengthy = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");

            long other = pool.apply(Deeds::pid);

            assertThat(lengthy.ready()).isFalse();
            signs.give("go");
            assertThat(result(lengthy)).isNotEqualTo(other);
        }
    }

    // The successor is there before the last task has come, and does not serve beside.
    @Test
    void maxTasksPerWorker_fewTasksLeft_successorStandsBy() {
        try (ProcessPool pool = builder(1).maxTasksPerWorker(10).build()) {
            List<Long> first =
                    IntStream.range(0, 9).mapToObj(i -> pool.apply(Deeds::pid)).toList();
            assertThat(new HashSet<>(first)).hasSize(1);

            long successor = Lifecycle.awaitStandby(pool);

            assertThat(pool.snapshot().workersStarted()).isEqualTo(2);
            assertThat(pool.snapshot().workers()).extracting(WorkerSnapshot::id).containsOnly(0);
            assertThat(pool.apply(Deeds::pid)).as("the tenth").isEqualTo(first.get(0));
            assertThat(pool.apply(Deeds::pid)).as("the eleventh").isEqualTo(successor);
            assertThat(events.expect(Kind.RETIRED, first.get(0)).detail()).isEqualTo(RetireReason.MAX_TASKS);
            assertReplacedBeforeRetired(first.get(0));
        }
    }

    // E18
    @Test
    void saturation_manyTasks_neverMoreProcessesThanWorkers() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(2).name(Lifecycle.unique("saturated")).build()) {
            List<TaskFuture<Long>> tasks = Lifecycle.submitGated(pool, signs, 30);
            signs.expect("begun", 2);

            assertThat(ChildJvm.workersOf(Lifecycle.unique("saturated"))).hasSize(2);
            signs.give("go");
            assertThat(tasks.stream().map(Lifecycle::result).distinct()).hasSize(2);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(2);
        }
    }

    // ---- by age, memory, idleness ---------------------------------------------------------------------------------

    @Test
    void maxWorkerAge_reached_isReplacedBeforeItRetires() {
        try (ProcessPool pool = builder(1).maxWorkerAge(Duration.ofMillis(500)).build()) {
            long first = pool.apply(Deeds::pid);

            assertThat(events.expect(Kind.RETIRED, first).detail()).isEqualTo(RetireReason.MAX_AGE);

            assertReplacedBeforeRetired(first);
            awaitDeath(first);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(first);
        }
    }

    @Test
    void maxWorkerAge_reachedWhileBusy_taskIsFinished() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).maxWorkerAge(Duration.ofMillis(300)).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            awaitWorkers(pool, WorkerState.RETIRING, 1);

            signs.give("go");

            assertThat(events.expect(Kind.RETIRED, result(task)).detail()).isEqualTo(RetireReason.MAX_AGE);
        }
    }

    // E14
    @Test
    void maxWorkerMemory_taskLeaks_workerIsReplacedAndResultsAreKept() {
        long limit = 200L << 20;
        try (ProcessPool pool =
                builder(1).maxWorkerMemory(limit).maxHeap(512L << 20).build()) {
            long first = pool.apply(Deeds::pid);

            List<Integer> results = pool.map(
                    i -> {
                        byte[] leak = new byte[30 << 20];
                        java.util.Arrays.fill(leak, (byte) 1);
                        WorkerContext.current().state().put("leak-" + i, leak);
                        return i;
                    },
                    IntStream.range(0, 10).boxed().toList());

            assertThat(results)
                    .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
            assertThat(events.expect(Kind.RETIRED, event -> event.detail() == RetireReason.MAX_MEMORY)
                            .worker()
                            .pid())
                    .isEqualTo(first);
            assertReplacedBeforeRetired(first);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(first);
            assertThat(only(pool).residentBytes()).isLessThan(limit);
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    // E16
    @Test
    void idleTimeout_nothingToDo_workersExitAndComeBack() {
        try (ProcessPool pool = builder(2).idleTimeout(Duration.ofMillis(200)).build()) {
            Set<Long> seen = new HashSet<>();
            for (int round = 0; round < 4; round++) {
                seen.add(pool.apply(Deeds::pid));
                await().atMost(PATIENCE).until(() -> pool.snapshot().workers().isEmpty());
                assertThat(pool.snapshot().targetWorkers()).isEqualTo(2);
            }
            assertThat(seen).hasSize(4).noneMatch(Lifecycle::alive);
            assertThat(events.all(Kind.RETIRED)).isNotEmpty().allMatch(event -> event.detail() == RetireReason.IDLE);
        }
    }

    // E16, E19
    @Test
    void idleTimeout_restart_startsNoMoreThanAreNeeded() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(3).idleTimeout(Duration.ofMillis(200)).build()) {
            await().atMost(PATIENCE)
                    .until(() -> pool.snapshot().workersStarted() == 3
                            && pool.snapshot().workers().isEmpty());

            TaskFuture<Long> one = pool.applyAsync(() -> Deeds.gated(signs, "begun-1", "go"));
            signs.expect("begun-1");
            assertThat(pool.snapshot().workersStarted()).isEqualTo(4);

            List<TaskFuture<Long>> more = IntStream.range(2, 8)
                    .mapToObj(i -> pool.applyAsync(() -> Deeds.gated(signs, "begun-" + i, "go")))
                    .toList();
            signs.expect("begun", 3);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(6);
            signs.give("go");
            assertThat(more.stream().map(Lifecycle::result)).allMatch(pid -> pid > 0);
            assertThat(result(one)).isPositive();
        }
    }

    @Test
    void idleTimeout_busyWorker_staysAlive() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(2).idleTimeout(Duration.ofMillis(150)).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");

            await().atMost(PATIENCE).until(() -> pool.snapshot().workers().size() == 1);

            assertThat(only(pool).state()).isEqualTo(WorkerState.BUSY);
            signs.give("go");
            assertThat(result(task)).isPositive();
        }
    }

    @Test
    void idleTimeout_standbyWorkers_areLeftAlone() {
        try (ProcessPool pool =
                builder(1).standbyWorkers(1).idleTimeout(Duration.ofMillis(150)).build()) {
            await().atMost(PATIENCE).until(() -> events.all(Kind.RETIRED).size() == 1);
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            long standby = only(pool).pid();

            assertThat(pool.apply(Deeds::pid)).isEqualTo(standby);
        }
    }
}
