package io.processpool;

import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitTerminated;
import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.pids;
import static io.processpool.Lifecycle.result;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are frozen, not dead: a gap in the suites of all other pools. */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class ZombieIT {

    @TempDir
    Path directory;

    private final RecordedEvents events = new RecordedEvents();

    private ProcessPool.Builder builder(int workers) {
        return ProcessPool.builder()
                .name("frozen")
                .workers(workers)
                .heartbeatTimeout(Duration.ofSeconds(1))
                .listener(events);
    }

    /** Waits until the pool says that this worker is a zombie. */
    private static void awaitZombie(ProcessPool pool, long pid) {
        await("zombie " + pid)
                .atMost(Lifecycle.PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> pool.snapshot().workers().stream()
                        .anyMatch(worker -> worker.pid() == pid && worker.state() == WorkerState.ZOMBIE));
    }

    @Test
    void heartbeatTimeout_lessThanASecond_isRefused() {
        assertThatThrownBy(() -> ProcessPool.builder().heartbeatTimeout(Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("heartbeatTimeout=PT0.999S");
    }

    @Test
    void stop_idleWorker_becomesAZombieAndIsReplaced() {
        try (ProcessPool pool = builder(1).build()) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();

            signal("STOP", pid);

            awaitZombie(pool, pid);
            assertThat(events.expect(Kind.ZOMBIE, pid).worker().id()).isZero();
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
            awaitDeath(pid);
            awaitIdle(pool, 1);
            WorkerLostException reason =
                    (WorkerLostException) events.expect(Kind.LOST, pid).detail();
            assertThat(reason).hasMessageContaining("has not answered");
            assertThat(pool.snapshot().workersLost()).isEqualTo(1);
        }
    }

    @Test
    void stop_busyWorker_failsItsTaskOnly() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(2).build()) {
            TaskFuture<Long> victim = pool.applyAsync(
                    () -> Deeds.gated(signs, "victim", "go"),
                    TaskOptions.defaults().name("victim"));
            signs.expect("victim");
            long pid = pool.snapshot().workers().stream()
                    .filter(worker -> worker.currentTask() != null)
                    .findFirst()
                    .orElseThrow()
                    .pid();
            TaskFuture<Long> other = pool.applyAsync(() -> Deeds.gated(signs, "other", "go"));
            signs.expect("other");
            TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);

            signal("STOP", pid);

            WorkerLostException failure = failureOf(victim, WorkerLostException.class);
            assertThat(failure)
                    .hasMessageContainingAll("victim", "has not answered", "the pool killed it", "pid=" + pid);
            assertThat(failure.signalName()).isEqualTo("SIGKILL");
            signs.give("go");
            assertThat(result(other)).isNotEqualTo(pid);
            assertThat(result(queued)).isNotEqualTo(pid);
            awaitDeath(pid);
            awaitIdle(pool, 2);
        }
    }

    // It may have been stopped for a moment only, by a debugger or a snapshot of the machine.
    @Test
    void stop_thenContinueInTime_harmsNobody() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool =
                builder(1).heartbeatTimeout(Duration.ofSeconds(20)).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            long pid = only(pool).pid();

            signal("STOP", pid);
            signs.give("go");
            signal("CONT", pid);

            assertThat(result(task)).isEqualTo(pid);
            assertThat(events.all(Kind.ZOMBIE)).isEmpty();
            assertThat(pool.snapshot().workersStarted()).isEqualTo(1);
        }
    }

    // Given up is given up: what a zombie says after SIGCONT is not heard, its task ends once.
    @Test
    void stop_thenContinueTooLate_isKilledAllTheSame() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            long pid = only(pool).pid();
            signal("STOP", pid);
            awaitZombie(pool, pid);

            signs.give("go");
            try {
                signal("CONT", pid);
            } catch (AssertionError e) {
                assertThat(Lifecycle.alive(pid)).as("it was killed before").isFalse();
            }

            awaitDeath(pid);
            await().atMost(Lifecycle.PATIENCE).until(task::ready);
            if (task.successful()) {
                assertThat(result(task)).isEqualTo(pid);
            } else {
                failureOf(task, WorkerLostException.class);
            }
            awaitIdle(pool, 1);
            assertThat(only(pool).pid()).isNotEqualTo(pid);
            PoolSnapshot snapshot = pool.snapshot();
            assertThat(snapshot.tasksSucceeded() + snapshot.tasksFailed()).isEqualTo(1);
        }
    }

    @Test
    void stop_standby_isReplaced() {
        try (ProcessPool pool = builder(1).standbyWorkers(1).build()) {
            long standby = Lifecycle.awaitStandby(pool);
            long serving = pool.apply(Deeds::pid);

            signal("STOP", standby);

            events.expect(Kind.ZOMBIE, standby);
            awaitDeath(standby);
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(serving);
        }
    }

    @Test
    void stop_allWorkers_allAreReplacedAndQueuedTasksRun() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(3).build()) {
            List<TaskFuture<Long>> tasks = Lifecycle.submitGated(pool, signs, 3);
            signs.expect("begun", 3);
            List<TaskFuture<Long>> queued = IntStream.range(0, 6)
                    .mapToObj(i -> pool.applyAsync(Deeds::pid))
                    .toList();
            List<Long> before = pids(pool);

            signal("STOP", before.toArray(Long[]::new));

            tasks.forEach(task -> failureOf(task, WorkerLostException.class));
            assertThat(queued.stream().map(Lifecycle::result)).hasSize(6).doesNotContainAnyElementsOf(before);
            before.forEach(Lifecycle::awaitDeath);
            awaitIdle(pool, 3);
        }
    }

    @Test
    void stop_thenClose_ends() {
        ProcessPool pool = builder(2).build();
        awaitIdle(pool, 2);
        signal("STOP", pids(pool).get(0));

        pool.close();

        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }

    @Test
    void stop_thenTerminate_endsAtOnce() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(1);
        TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
        signs.expect("begun");
        signal("STOP", only(pool).pid());

        pool.terminate();

        failureOf(task, PoolClosedException.class);
        awaitTerminated(pool);
    }

    @Test
    void stop_whileStarting_isAStartFailure() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1)
                .startTimeout(Duration.ofSeconds(3))
                .initializer(() -> {
                    signs.note("pids", Deeds.pid());
                    if (signs.notes("pids").size() == 1) {
                        signs.await("never");
                    }
                })
                .build()) {
            await().atMost(Lifecycle.PATIENCE).until(() -> signs.notes("pids").size() == 1);
            long pid = Long.parseLong(signs.notes("pids").get(0));

            signal("STOP", pid);

            events.expect(Kind.START_FAILED, pid);
            awaitDeath(pid);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
        }
    }

    @Test
    void stop_worker_threadDumpSaysThatItDoesNotAnswer() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            awaitIdle(pool, 1);
            signal("STOP", only(pool).pid());

            assertThatThrownBy(() -> pool.threadDump(0))
                    .isInstanceOf(ProcessPoolException.class)
                    .hasMessageContaining("did not answer");

            signal("CONT", only(pool).pid());
            assertThat(pool.threadDump(0)).contains("processpool-task");
        }
    }

    // A busy worker answers however long its task takes and whatever it does.
    @Test
    void busyWorker_longerThanTheHeartbeat_isNoZombie() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> {
                signs.give("begun");
                long rounds = 0;
                while (!signs.given("go")) {
                    rounds++;
                }
                return rounds;
            });
            signs.expect("begun");

            await().pollDelay(Duration.ofMillis(2500)).until(() -> true);

            signs.give("go");
            assertThat(result(task)).isPositive();
            assertThat(events.all(Kind.ZOMBIE)).isEmpty();
        }
    }
}
