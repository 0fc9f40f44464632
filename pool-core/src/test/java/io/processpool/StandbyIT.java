package io.processpool;

import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.pids;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.Signs;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Workers in reserve. */
class StandbyIT extends RecyclingFixture {

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
            long standby = Lifecycle.awaitStandby(pool);

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
            long standby = Lifecycle.awaitStandby(pool);
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
