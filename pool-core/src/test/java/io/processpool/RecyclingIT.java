package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitTerminated;
import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.pids;
import static io.processpool.Lifecycle.result;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeavesNothingBehind.class)
class RecyclingIT {

    @TempDir
    Path directory;

    private final RecordedEvents events = new RecordedEvents();

    private ProcessPool.Builder builder(int workers) {
        return ProcessPool.builder().workers(workers).listener(events);
    }

    private static List<Long> pidsOfTasks(ProcessPool pool, int tasks) {
        return pool.map(i -> Deeds.pid(), IntStream.range(0, tasks).boxed().toList());
    }

    private static Map<Long, Long> counts(List<Long> pids) {
        return pids.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    /** Every worker that retired for this reason had a successor that was ready before. */
    private void assertReplacedBeforeRetired(long retired) {
        RecordedEvents.Event end = events.expect(Kind.RETIRED, retired);
        RecordedEvents.Event successor = events.expect(
                Kind.READY,
                event -> event.worker().id() == end.worker().id()
                        && event.worker().generation() == end.worker().generation() + 1);
        assertThat(events.position(Kind.READY, successor.worker().pid()))
                .as("the successor is ready before the end of the predecessor: %s", events.all())
                .isLessThan(events.position(Kind.RETIRED, retired));
    }

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

    // E18
    @Test
    void saturation_manyTasks_neverMoreProcessesThanWorkers() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(2).name(Lifecycle.unique("saturated")).build()) {
            List<TaskFuture<Long>> tasks = IntStream.range(0, 30)
                    .mapToObj(i -> pool.applyAsync(() -> Deeds.gated(signs, "begun-" + i, "go")))
                    .toList();
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

    // ---- by request -----------------------------------------------------------------------------------------------

    @Test
    void recycle_idleWorker_successorTakesOverTheSlot() {
        try (ProcessPool pool = builder(2).build()) {
            awaitIdle(pool, 2);
            WorkerSnapshot before = find(pool, 1);

            pool.recycle(1);

            assertThat(events.expect(Kind.RETIRED, before.pid()).detail()).isEqualTo(RetireReason.REQUESTED);
            assertReplacedBeforeRetired(before.pid());
            awaitIdle(pool, 2);
            assertThat(find(pool, 1).generation()).isEqualTo(before.generation() + 1);
            assertThat(find(pool, 1).pid()).isNotEqualTo(before.pid());
            assertThat(find(pool, 0).generation()).isZero();
        }
    }

    private static WorkerSnapshot find(ProcessPool pool, int id) {
        return pool.snapshot().workers().stream()
                .filter(worker -> worker.id() == id)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void recycle_busyWorker_finishesItsTaskWhileTheSuccessorServes() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            long pid = only(pool).pid();

            pool.recycle(0);

            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
            assertThat(task.ready()).isFalse();
            awaitWorkers(pool, WorkerState.RETIRING, 1);
            assertThat(pool.activeChildren()).hasSize(2);
            signs.give("go");
            assertThat(result(task)).isEqualTo(pid);
            awaitDeath(pid);
        }
    }

    @Test
    void recycle_twice_replacesOnce() {
        try (ProcessPool pool = builder(1).build()) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();

            pool.recycle(0);
            pool.recycle(0);

            events.expect(Kind.RETIRED, pid);
            awaitIdle(pool, 1);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(2);
        }
    }

    @Test
    void recycle_unknownWorker_isRefused() {
        try (ProcessPool pool = builder(1).build()) {
            awaitIdle(pool, 1);
            assertThatThrownBy(() -> pool.recycle(7))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("workerId=7");
            assertThatThrownBy(() -> pool.recycle(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void recycle_workerIsLostMeanwhile_isReplacedOnce() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1)
                .initializer(() -> {
                    if (WorkerContext.current().generation() > 0) {
                        signs.give("successor");
                        signs.await("go");
                    }
                })
                .build()) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();
            pool.recycle(0);
            signs.expect("successor");

            signal("KILL", pid);
            events.expect(Kind.LOST, pid);
            signs.give("go");

            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
            awaitIdle(pool, 1);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(2);
        }
    }

    @Test
    void recycleAll_manyTasks_allWorkersAreReplacedAndNothingFails() {
        try (ProcessPool pool = builder(3).build()) {
            awaitIdle(pool, 3);
            List<Long> before = pids(pool);
            TaskFuture<List<Integer>> map =
                    pool.mapAsync(i -> i + 1, IntStream.range(0, 20_000).boxed().toList());

            pool.recycleAll();

            before.forEach(
                    pid -> assertThat(events.expect(Kind.RETIRED, pid).detail()).isEqualTo(RetireReason.REQUESTED));
            before.forEach(this::assertReplacedBeforeRetired);
            assertThat(result(map))
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, 20_000).boxed().toList());
            awaitIdle(pool, 3);
            assertThat(pids(pool)).doesNotContainAnyElementsOf(before);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(6);
            assertThat(pool.snapshot().tasksFailed()).isZero();
        }
    }

    // Rolling: one after the other, so there are never two more processes than workers.
    @Test
    void recycleAll_rolling_startsOneSuccessorAtATime() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(3)
                .initializer(() -> {
                    if (WorkerContext.current().generation() > 0) {
                        signs.give("successor-" + Deeds.pid());
                        signs.await("go");
                    }
                })
                .build()) {
            awaitIdle(pool, 3);

            pool.recycleAll();
            signs.expect("successor", 1);

            assertThat(pool.snapshot().workers(WorkerState.IDLE)).isEqualTo(3);
            assertThat(pool.snapshot().workers(WorkerState.STARTING)).isEqualTo(1);
            signs.give("go");
            signs.expect("successor", 3);
            awaitIdle(pool, 3);
            assertThat(pool.snapshot().workers()).allMatch(worker -> worker.generation() == 1);
        }
    }

    // ---- resize ---------------------------------------------------------------------------------------------------

    // E20
    @Test
    void resize_grow_keepsTheOldWorkers() {
        try (ProcessPool pool = builder(1).build()) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();

            pool.resize(3);

            awaitIdle(pool, 3);
            assertThat(pids(pool)).contains(pid).doesNotHaveDuplicates();
            assertThat(pool.snapshot().targetWorkers()).isEqualTo(3);
        }
    }

    // E20
    @Test
    void resize_shrink_waitsForRunningTasks() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(3).build()) {
            List<TaskFuture<Long>> tasks = IntStream.range(0, 3)
                    .mapToObj(i -> pool.applyAsync(() -> Deeds.gated(signs, "begun-" + i, "go")))
                    .toList();
            signs.expect("begun", 3);
            List<Long> before = pids(pool);

            pool.resize(1);

            awaitWorkers(pool, WorkerState.RETIRING, 2);
            assertThat(tasks).noneMatch(TaskFuture::ready);
            signs.give("go");
            assertThat(tasks.stream().map(Lifecycle::result)).containsExactlyInAnyOrderElementsOf(before);
            awaitIdle(pool, 1);
            assertThat(before).contains(only(pool).pid());
            assertThat(events.all(Kind.RETIRED)).allMatch(event -> event.detail() == RetireReason.RESIZED);
        }
    }

    @Test
    void resize_shrink_idleWorkersGoFirst() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(2).build()) {
            awaitIdle(pool, 2);
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");

            pool.resize(1);

            await().atMost(PATIENCE).until(() -> pool.snapshot().workers().size() == 1);
            assertThat(only(pool).state()).isEqualTo(WorkerState.BUSY);
            signs.give("go");
            assertThat(result(task)).isEqualTo(only(pool).pid());
        }
    }

    // E20
    @Test
    void resize_sameSize_changesNothing() {
        try (ProcessPool pool = builder(2).build()) {
            awaitIdle(pool, 2);
            List<Long> before = pids(pool);

            pool.resize(2);

            assertThat(pool.map(i -> Deeds.pid(), List.of(1, 2, 3))).allMatch(before::contains);
            assertThat(pids(pool)).isEqualTo(before);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(2);
        }
    }

    @Test
    void resize_whileWorkersStart_endsWithTheNewNumber() {
        try (ProcessPool pool = builder(3).build()) {
            pool.resize(1);
            pool.resize(4);
            pool.resize(2);

            awaitIdle(pool, 2);
            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -3})
    void resize_lessThanOne_isRefused(int workers) {
        try (ProcessPool pool = builder(1).build()) {
            assertThatThrownBy(() -> pool.resize(workers))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("workers=" + workers);
            assertThat(pool.snapshot().targetWorkers()).isEqualTo(1);
        }
    }

    @Test
    void resize_afterIdleTimeout_startsThem() {
        try (ProcessPool pool = builder(1).idleTimeout(Duration.ofMillis(150)).build()) {
            await().atMost(PATIENCE)
                    .until(() -> pool.snapshot().workersStarted() == 1
                            && pool.snapshot().workers().isEmpty());

            pool.resize(2);

            await().atMost(PATIENCE).until(() -> pool.snapshot().workersStarted() == 3);
            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }

    // ---- standby --------------------------------------------------------------------------------------------------

    @Test
    void standby_workerIsLost_takesItsPlaceAtOnce() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1)
                .standbyWorkers(1)
                .initializer(() -> {
                    // The third worker starts only when it may: until then there is none but the standby.
                    if (WorkerContext.current().generation() > 0) {
                        signs.await("go");
                    }
                })
                .build()) {
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            awaitWorkers(pool, WorkerState.IDLE, 1);
            long standby = pool.snapshot().workers().stream()
                    .filter(worker -> worker.state() == WorkerState.STANDBY)
                    .findFirst()
                    .orElseThrow()
                    .pid();

            TaskFuture<Long> crash = pool.applyAsync(() -> {
                Deeds.halt(1);
                return 0L;
            });
            Lifecycle.failureOf(crash, WorkerLostException.class);

            assertThat(pool.apply(Deeds::pid)).isEqualTo(standby);
            awaitWorkers(pool, WorkerState.STARTING, 1);
            signs.give("go");
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(3);
        }
    }

    @Test
    void standby_takesNoTasks() {
        try (ProcessPool pool = builder(1).standbyWorkers(2).build()) {
            awaitWorkers(pool, WorkerState.STANDBY, 2);

            List<Long> pids =
                    pool.map(i -> Deeds.pid(), IntStream.range(0, 100).boxed().toList());

            assertThat(new HashSet<>(pids)).hasSize(1);
            awaitWorkers(pool, WorkerState.IDLE, 1);
            awaitWorkers(pool, WorkerState.STANDBY, 2);
            assertThat(pool.snapshot().targetWorkers()).isEqualTo(1);
        }
    }

    @Test
    void standby_recycle_isPromoted() {
        try (ProcessPool pool = builder(1).standbyWorkers(1).build()) {
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            awaitWorkers(pool, WorkerState.IDLE, 1);
            long standby = pool.snapshot().workers().stream()
                    .filter(worker -> worker.state() == WorkerState.STANDBY)
                    .findFirst()
                    .orElseThrow()
                    .pid();
            long serving = pool.apply(Deeds::pid);

            pool.recycle(find(pool, serving).id());

            events.expect(Kind.RETIRED, serving);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(standby);
            awaitWorkers(pool, WorkerState.STANDBY, 1);
        }
    }

    private static WorkerSnapshot find(ProcessPool pool, long pid) {
        return pool.snapshot().workers().stream()
                .filter(worker -> worker.pid() == pid)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void standby_limitOfTasks_isPromotedWhileTheLastTaskRuns() {
        try (ProcessPool pool =
                builder(1).standbyWorkers(1).maxTasksPerWorker(2).build()) {
            List<Long> pids =
                    IntStream.range(0, 8).mapToObj(i -> pool.apply(Deeds::pid)).toList();

            assertThat(counts(pids))
                    .hasSize(4)
                    .allSatisfy((pid, count) -> assertThat(count).isEqualTo(2));
            pids.forEach(Lifecycle::awaitDeath);
        }
    }

    @Test
    void standby_recycleAll_isReplacedToo() {
        try (ProcessPool pool = builder(1).standbyWorkers(1).build()) {
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            awaitWorkers(pool, WorkerState.IDLE, 1);
            List<Long> before = pids(pool);

            pool.recycleAll();

            before.forEach(pid -> events.expect(Kind.RETIRED, pid));
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            awaitWorkers(pool, WorkerState.IDLE, 1);
            assertThat(pids(pool)).doesNotContainAnyElementsOf(before);
        }
    }
}
