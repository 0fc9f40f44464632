package io.processpool;

import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.inThread;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeavesNothingBehind.class)
class CancelIT {

    @TempDir
    Path directory;

    private static void assertCancelled(TaskFuture<?> task) {
        assertThat(task.isCancelled()).isTrue();
        assertThat(task.isDone()).isTrue();
        assertThat(task.ready()).isTrue();
        assertThat(task.successful()).isFalse();
        assertThatThrownBy(task::get).isInstanceOf(CancellationException.class);
    }

    // ---- running --------------------------------------------------------------------------------------------------

    // H3
    @Test
    void cancel_runningInterruptHeeded_workerLivesOn() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(() -> Deeds.hang(signs, "begun"));
            signs.expect("begun");
            long pid = only(pool).pid();

            assertThat(task.cancel(true)).isTrue();

            assertCancelled(task);
            signs.expect("begun-interrupted");
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(1);
        }
    }

    // H2, H3
    @Test
    void cancel_runningInterruptIgnored_workerAndItsChildrenAreKilledAndReplaced() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .cancelGrace(Duration.ofMillis(100))
                .build()) {
            long sleeper = pool.apply(Deeds::startSleeper);
            long pid = only(pool).pid();
            TaskFuture<String> task = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"));
            signs.expect("begun");

            assertThat(task.cancel(true)).isTrue();

            assertCancelled(task);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
            assertThat(signs.given("begun-interrupted")).isTrue();
            awaitDeath(pid);
            awaitDeath(sleeper);
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(1);
            assertThat(pool.snapshot().tasksFailed()).isZero();
        }
    }

    @Test
    void cancel_graceZero_killsAtOnce() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).cancelGrace(Duration.ZERO).build()) {
            TaskFuture<String> task = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"));
            signs.expect("begun");
            long pid = only(pool).pid();

            task.cancel(true);

            awaitDeath(pid);
            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }

    @Test
    void cancel_runningWithoutInterrupt_taskRunsToItsEnd() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Long> task = pool.applyAsync(() -> {
                long pid = Deeds.gated(signs, "begun", "go");
                signs.give("ended");
                return pid;
            });
            signs.expect("begun");
            long pid = only(pool).pid();

            assertThat(task.cancel(false)).isTrue();

            assertCancelled(task);
            signs.give("go");
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
            assertThat(signs.given("ended")).isTrue();
            assertCancelled(task);
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(1);
            assertThat(pool.snapshot().tasksSucceeded()).isEqualTo(1);
        }
    }

    @Test
    void cancel_runningWithoutInterruptAndNeverEnds_itsTimeOutFreesTheWorker() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .cancelGrace(Duration.ofMillis(100))
                .build()) {
            TaskFuture<Long> task = pool.applyAsync(
                    () -> {
                        signs.give("begun");
                        while (true) {
                            Thread.onSpinWait();
                        }
                    },
                    TaskOptions.defaults().timeout(Duration.ofSeconds(1)));
            signs.expect("begun");

            assertThat(task.cancel(false)).isTrue();

            assertThat(pool.apply(Deeds::pid)).isPositive();
            assertCancelled(task);
        }
    }

    @Test
    void cancel_runningTaskAsks_isTold() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(() -> {
                signs.give("begun");
                while (!WorkerContext.current().cancelled()) {
                    LockSupport.parkNanos(1_000_000);
                    Thread.interrupted();
                }
                signs.give("told");
                return "returned early";
            });
            signs.expect("begun");

            task.cancel(true);

            signs.expect("told");
            assertThat(pool.apply(() -> WorkerContext.current().cancelled())).isFalse();
            assertThat(pool.snapshot().workersStarted()).isEqualTo(1);
        }
    }

    // H3
    @Test
    void cancel_callback_seesIt() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(() -> Deeds.hang(signs, "begun"));
            CompletableFuture<Throwable> seen =
                    task.<Throwable>handle((value, e) -> e).toCompletableFuture();
            signs.expect("begun");

            task.cancel(true);

            assertThat(seen).succeedsWithin(Lifecycle.PATIENCE).isInstanceOf(CancellationException.class);
        }
    }

    // An interrupt reaches the cancelled task or nobody: never the next one.
    @Test
    void cancel_quickTasks_neverInterruptsTheNext() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            List<TaskFuture<Boolean>> kept = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                TaskFuture<Integer> victim = pool.applyAsync(() -> 1);
                kept.add(pool.applyAsync(() -> {
                    LockSupport.parkNanos(200_000);
                    return Thread.interrupted();
                }));
                victim.cancel(true);
            }
            assertThat(kept.stream().map(Lifecycle::result)).containsOnly(false);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(1);
        }
    }

    @Test
    void cancel_taskEnded_returnsFalse() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Long> task = pool.applyAsync(Deeds::pid);
            long pid = result(task);

            assertThat(task.cancel(true)).isFalse();

            assertThat(task.isCancelled()).isFalse();
            assertThat(result(task)).isEqualTo(pid);
            assertThat(pool.snapshot().tasksCancelled()).isZero();
        }
    }

    @Test
    void cancel_twice_secondReturnsFalse() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(() -> Deeds.hang(signs, "begun"));
            signs.expect("begun");

            assertThat(task.cancel(true)).isTrue();
            assertThat(task.cancel(true)).isFalse();
            assertThat(pool.apply(() -> 1)).isEqualTo(1);
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(1);
        }
    }

    @Test
    void cancel_workerDiesWhileItIsStopped_isCountedOnce() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .cancelGrace(Duration.ofSeconds(30))
                .build()) {
            TaskFuture<String> task = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"));
            signs.expect("begun");
            long pid = only(pool).pid();
            task.cancel(true);
            signs.expect("begun-interrupted");

            Lifecycle.signal("KILL", pid);

            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
            assertCancelled(task);
            PoolSnapshot snapshot = pool.snapshot();
            assertThat(snapshot.tasksCancelled()).isEqualTo(1);
            assertThat(snapshot.tasksFailed()).isZero();
            assertThat(snapshot.tasksSubmitted()).isEqualTo(2);
        }
    }

    // ---- queued ---------------------------------------------------------------------------------------------------

    // H7
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancel_queued_neverRuns(boolean interrupt) {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Long> first = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            List<TaskFuture<Integer>> queued = IntStream.range(0, 5)
                    .mapToObj(i -> pool.applyAsync(() -> {
                        signs.give("ran-" + i);
                        return i;
                    }))
                    .toList();

            assertThat(queued).allMatch(task -> task.cancel(interrupt));

            queued.forEach(CancelIT::assertCancelled);
            assertThat(pool.snapshot().tasksQueued()).isZero();
            signs.give("go");
            assertThat(pool.apply(Deeds::pid)).isEqualTo(result(first));
            assertThat(signs.all("ran")).isEmpty();
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(5);
        }
    }

    @Test
    void cancel_beforeAnyWorkerIsReady_neverRuns() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Integer> task = pool.applyAsync(() -> {
                signs.give("ran");
                return 1;
            });

            assertThat(task.cancel(true)).isTrue();

            assertCancelled(task);
            assertThat(pool.apply(() -> 2)).isEqualTo(2);
            assertThat(signs.given("ran")).isFalse();
        }
    }

    @Test
    void cancel_queueIsFull_makesRoom() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).queueCapacity(1).build()) {
            TaskFuture<Long> running = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);
            AtomicReference<TaskFuture<Long>> admitted = new AtomicReference<>();
            CompletableFuture<Void> caller = inThread(() -> admitted.set(pool.applyAsync(Deeds::pid)));

            queued.cancel(false);

            awaitEnd(caller);
            signs.give("go");
            assertThat(result(admitted.get())).isEqualTo(result(running));
        }
    }

    // ---- maps and blocking calls ----------------------------------------------------------------------------------

    @Test
    void cancel_map_interruptsRunningItemsAndDropsTheRest() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(2)) {
            TaskFuture<List<String>> map = pool.mapAsync(
                    i -> Deeds.hang(signs, "item-" + i),
                    IntStream.range(0, 100).boxed().toList());
            signs.expect("item", 2);

            assertThat(map.cancel(true)).isTrue();

            assertCancelled(map);
            await().atMost(Lifecycle.PATIENCE)
                    .until(() -> signs.all("item").stream()
                                    .filter(name -> name.endsWith("interrupted"))
                                    .count()
                            == 2);
            assertThat(pool.apply(() -> 1)).isEqualTo(1);
            awaitIdle(pool, 2);
            assertThat(signs.all("item")).hasSize(4);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(2);
        }
    }

    // Items that a worker has, but has not begun, do not run either.
    @Test
    void cancel_mapInOneChunk_restOfTheChunkNeverRuns() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<List<String>> map = pool.mapAsync(
                    i -> Deeds.hang(signs, "item-" + i),
                    List.of(0, 1, 2, 3),
                    MapOptions.defaults().chunkSize(4));
            signs.expect("item-0");

            map.cancel(true);

            assertThat(pool.apply(() -> 1)).isEqualTo(1);
            assertThat(signs.all("item")).containsExactly("item-0", "item-0-interrupted");
            PoolSnapshot snapshot = pool.snapshot();
            assertThat(snapshot.tasksCancelled()).isEqualTo(4);
            assertThat(snapshot.tasksSubmitted()).isEqualTo(5);
        }
    }

    @Test
    void close_iterator_stopsItsTasksAndItsSource() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            ResultIterator<String> results = pool.imap(
                    i -> Deeds.hang(signs, "item-" + i),
                    () -> Stream.iterate(0, i -> i + 1).iterator());
            signs.expect("item-0");

            results.close();

            assertThat(results.hasNext()).isFalse();
            signs.expect("item-0-interrupted");
            assertThat(pool.apply(() -> 1)).isEqualTo(1);
            awaitIdle(pool, 1);
            assertThat(signs.all("item")).hasSize(2);
            assertThat(pool.snapshot().tasksQueued()).isZero();
        }
    }

    @Test
    void apply_callerIsInterrupted_cancelsTheTask() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            AtomicReference<Thread> caller = new AtomicReference<>();
            CompletableFuture<Void> call = inThread(() -> {
                caller.set(Thread.currentThread());
                assertThatThrownBy(() -> pool.apply(() -> Deeds.hang(signs, "begun")))
                        .isInstanceOf(ProcessPoolException.class)
                        .hasMessageContaining("interrupted");
                assertThat(Thread.interrupted()).isTrue();
            });
            signs.expect("begun");

            caller.get().interrupt();

            awaitEnd(call);
            signs.expect("begun-interrupted");
            assertThat(pool.apply(() -> 1)).isEqualTo(1);
        }
    }

    @Test
    void map_callerIsInterrupted_cancelsTheMap() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            AtomicReference<Thread> caller = new AtomicReference<>();
            CompletableFuture<Void> call = inThread(() -> {
                caller.set(Thread.currentThread());
                assertThatThrownBy(() -> pool.map(i -> Deeds.hang(signs, "item-" + i), List.of(0, 1, 2)))
                        .isInstanceOf(ProcessPoolException.class)
                        .hasMessageContaining("interrupted");
                assertThat(Thread.interrupted()).isTrue();
            });
            signs.expect("item-0");

            caller.get().interrupt();

            awaitEnd(call);
            signs.expect("item-0-interrupted");
            assertThat(pool.apply(() -> 1)).isEqualTo(1);
            assertThat(signs.all("item")).containsExactly("item-0", "item-0-interrupted");
        }
    }
}
