package io.processpool;

import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.pids;
import static io.processpool.Lifecycle.result;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.Signs;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Workers that are replaced by request. */
class RecycleOnRequestIT extends RecyclingFixture {

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
}
