package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.result;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNothingBehind.class)
class SnapshotIT {

    @TempDir
    Path directory;

    @Test
    void snapshot_newPool_tellsItsSettings() {
        try (ProcessPool pool =
                ProcessPool.builder().name("fresh").workers(2).queueCapacity(50).build()) {
            PoolSnapshot snapshot = pool.snapshot();

            assertThat(snapshot.name()).isEqualTo("fresh");
            assertThat(snapshot.state()).isEqualTo(PoolState.RUNNING);
            assertThat(snapshot.targetWorkers()).isEqualTo(2);
            assertThat(snapshot.queueRemaining()).isEqualTo(50);
            assertThat(snapshot.workersStarted()).isEqualTo(2);
            assertThat(snapshot.workers()).hasSize(2).allMatch(worker -> worker.generation() == 0);
            assertThatThrownBy(() -> snapshot.workers().clear()).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    // J1: before, during, after
    @Test
    void snapshot_ofAWorker_followsItsLife() {
        Signs signs = Signs.in(directory);
        Instant before = Instant.now();
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .initializer(() -> Deeds.gated(signs, "initializing", "go-init"))
                .finalizer(() -> Deeds.gated(signs, "finalizing", "go-final"))
                .build()) {
            signs.expect("initializing");
            WorkerSnapshot starting = only(pool);
            assertThat(starting.state()).isEqualTo(WorkerState.STARTING);
            assertThat(starting.currentTask()).isNull();
            assertThat(starting.startedAt()).isBetween(before, Instant.now());

            signs.give("go-init");
            awaitIdle(pool, 1);
            assertThat(only(pool).tasksCompleted()).isZero();

            TaskFuture<Long> task = pool.applyAsync(
                    () -> Deeds.gated(signs, "begun", "go"),
                    TaskOptions.defaults().name("long one"));
            signs.expect("begun");
            WorkerSnapshot busy = only(pool);
            assertThat(busy.state()).isEqualTo(WorkerState.BUSY);
            assertThat(busy.currentTask()).isNotNull();
            assertThat(busy.currentTask().name()).isEqualTo("long one");
            assertThat(busy.currentTask().id()).isEqualTo(task.id());
            assertThat(busy.currentTask().startedAt()).isBetween(before, Instant.now());

            signs.give("go");
            assertThat(result(task)).isEqualTo(busy.pid());
            awaitIdle(pool, 1);
            assertThat(only(pool).tasksCompleted()).isEqualTo(1);
            assertThat(only(pool).currentTask()).isNull();

            pool.shutdown();
            signs.expect("finalizing");
            assertThat(only(pool).state()).isEqualTo(WorkerState.RETIRING);
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.STOPPING);
            signs.give("go-final");
            Lifecycle.awaitTerminated(pool);
            assertThat(pool.snapshot().workers()).isEmpty();
            assertThat(Lifecycle.alive(busy.pid())).isFalse();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void snapshot_ofAWorker_tellsMemoryAndTime() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            awaitIdle(pool, 1);
            WorkerSnapshot before = only(pool);
            assertThat(before.residentBytes()).isBetween(10L << 20, 1L << 30);
            assertThat(before.cpuTime()).isPositive().isLessThan(Duration.ofMinutes(1));

            pool.apply(() -> {
                byte[] hog = new byte[60 << 20];
                java.util.Arrays.fill(hog, (byte) 1);
                WorkerContext.current().state().put("hog", hog);
                long end = System.nanoTime() + 300_000_000;
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
                return 0;
            });

            WorkerSnapshot after = only(pool);
            assertThat(after.residentBytes()).isGreaterThan(before.residentBytes() + (40L << 20));
            assertThat(after.cpuTime()).isGreaterThan(before.cpuTime());
        }
    }

    // F12: every task is counted once, whatever becomes of it
    @Test
    void counters_allKindsOfEndings_addUp() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .queueCapacity(3)
                .saturation(Saturation.REJECT)
                .cancelGrace(Duration.ofSeconds(1))
                .build()) {
            pool.apply(Deeds::pid);
            pool.map(i -> i, IntStream.range(0, 10).boxed().toList());
            failureOf(
                    pool.applyAsync(() -> {
                        throw new IllegalStateException("on purpose");
                    }),
                    TaskFailedException.class);
            failureOf(
                    pool.applyAsync(() -> {
                        Deeds.halt(1);
                        return 1;
                    }),
                    WorkerLostException.class);
            failureOf(
                    pool.applyAsync(
                            () -> Deeds.ignoreInterrupts(signs, "timed-out"),
                            TaskOptions.defaults().timeout(Duration.ofMillis(200))),
                    TaskTimeoutException.class);
            TaskFuture<String> cancelled = pool.applyAsync(() -> Deeds.hang(signs, "cancelled"));
            signs.expect("cancelled");
            cancelled.cancel(true);
            TaskFuture<Long> running = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            List<TaskFuture<Long>> queued = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                queued.add(pool.applyAsync(Deeds::pid));
            }
            assertThatThrownBy(() -> pool.applyAsync(Deeds::pid)).isInstanceOf(PoolSaturatedException.class);
            queued.get(0).cancel(false);

            PoolSnapshot snapshot = pool.snapshot();
            assertThat(snapshot.tasksSubmitted()).isEqualTo(1 + 10 + 1 + 1 + 1 + 1 + 1 + 3);
            assertThat(snapshot.tasksSucceeded()).isEqualTo(11);
            assertThat(snapshot.tasksFailed()).isEqualTo(3);
            assertThat(snapshot.tasksCancelled()).isEqualTo(2);
            assertThat(snapshot.tasksRejected()).isEqualTo(1);
            assertThat(snapshot.tasksActive()).isEqualTo(1);
            assertThat(snapshot.tasksQueued()).isEqualTo(2);
            assertThat(snapshot.queueRemaining()).isEqualTo(1);
            assertThat(snapshot.workersLost()).isEqualTo(2);
            assertThat(snapshot.workersStarted()).isEqualTo(3);

            signs.give("go");
            result(running);
            queued.subList(1, 3).forEach(Lifecycle::result);
            PoolSnapshot end = pool.snapshot();
            assertThat(end.tasksSucceeded()).isEqualTo(14);
            assertThat(end.tasksActive()).isZero();
            assertThat(end.tasksQueued()).isZero();
        }
    }

    @Test
    void counters_terminate_addUp() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.builder().workers(1).build();
        pool.apply(Deeds::pid);
        for (int i = 0; i < 5; i++) {
            pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"));
        }
        pool.mapAsync(i -> i, List.of(1, 2, 3));
        signs.expect("begun");
        await().atMost(PATIENCE).until(() -> pool.snapshot().tasksSubmitted() == 9);

        pool.terminate();

        Lifecycle.awaitTerminated(pool);
        PoolSnapshot end = pool.snapshot();
        assertThat(end.tasksSucceeded()).isEqualTo(1);
        assertThat(end.tasksFailed()).isEqualTo(8);
        assertThat(end.tasksActive()).isZero();
        assertThat(end.tasksQueued()).isZero();
    }

    // While everything happens at once, no look may contradict itself.
    @Test
    void snapshot_duringTurmoil_isConsistent() {
        try (ProcessPool pool =
                ProcessPool.builder().workers(2).maxTasksPerWorker(40).build()) {
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Void> observer = Lifecycle.inThread(() -> {
                while (!over.get()) {
                    PoolSnapshot look = pool.snapshot();
                    long ended = look.tasksSucceeded() + look.tasksFailed() + look.tasksCancelled();
                    assertThat(ended + look.tasksActive() + look.tasksQueued())
                            .as("tasks of %s", look)
                            .isEqualTo(look.tasksSubmitted());
                    assertThat(look.workersStarted())
                            .isGreaterThanOrEqualTo(look.workers().size());
                    for (WorkerSnapshot worker : look.workers()) {
                        assertThat(worker.currentTask() == null || worker.state() != WorkerState.IDLE)
                                .as("an idle worker has no task: %s", worker)
                                .isTrue();
                    }
                }
            });

            for (int i = 0; i < 5; i++) {
                pool.map(x -> x, IntStream.range(0, 60).boxed().toList());
                int round = i;
                TaskFuture<Integer> crash = pool.applyAsync(() -> {
                    Deeds.halt(round);
                    return 1;
                });
                failureOf(crash, WorkerLostException.class);
            }

            over.set(true);
            Lifecycle.awaitEnd(observer);
        }
    }

    // J1: listed only while alive
    @Test
    void activeChildren_workerIsKilled_isListedNoMore() {
        try (ProcessPool pool = ProcessPool.create(2)) {
            awaitIdle(pool, 2);
            assertThat(pool.activeChildren()).hasSize(2);
            long pid = pool.activeChildren().get(0).pid();

            signal("KILL", pid);
            Lifecycle.awaitDeath(pid);

            assertThat(pool.activeChildren()).noneMatch(worker -> worker.pid() == pid);
            awaitIdle(pool, 2);
            assertThat(pool.activeChildren()).hasSize(2).allMatch(worker -> Lifecycle.alive(worker.pid()));
        }
    }

    @Test
    void workers_byState_areCounted() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool =
                ProcessPool.builder().workers(2).standbyWorkers(1).build()) {
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            awaitWorkers(pool, WorkerState.IDLE, 2);
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");

            PoolSnapshot snapshot = pool.snapshot();
            assertThat(snapshot.workers(WorkerState.BUSY)).isEqualTo(1);
            assertThat(snapshot.workers(WorkerState.IDLE)).isEqualTo(1);
            assertThat(snapshot.workers(WorkerState.STANDBY)).isEqualTo(1);
            assertThat(snapshot.workers(WorkerState.ZOMBIE)).isZero();
            signs.give("go");
            result(task);
        }
    }
}
