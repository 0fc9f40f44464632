package io.processpool;

import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitTerminated;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.inThread;
import static io.processpool.Lifecycle.pids;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import io.processpool.testing.Sources;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How pools begin, are shut down and are waited for. */
@ExtendWith(LeavesNothingBehind.class)
class LifecycleIT {

    @TempDir
    Path directory;

    // ---- begin ----------------------------------------------------------------------------------------------------

    // G1
    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 100_000})
    void create_impossibleNumber_isRefused(int workers) {
        assertThatThrownBy(() -> ProcessPool.create(workers))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("workers=" + workers);
    }

    // G1
    @Test
    void create_three_startsThreeProcesses() {
        try (ProcessPool pool = ProcessPool.create(3)) {
            awaitIdle(pool, 3);

            assertThat(pids(pool)).doesNotHaveDuplicates().allMatch(Lifecycle::alive);
            assertThat(pool.snapshot().workers().stream().map(WorkerSnapshot::id))
                    .containsExactlyInAnyOrder(0, 1, 2);
        }
    }

    // G1
    @Test
    void create_severalPools_areIndependent() {
        try (ProcessPool first = ProcessPool.builder().name("same").workers(1).build();
                ProcessPool second =
                        ProcessPool.builder().name("same").workers(1).build()) {
            long pid = first.apply(Deeds::pid);
            first.close();

            assertThat(second.apply(Deeds::pid)).isNotEqualTo(pid);
            assertThat(second.snapshot().state()).isEqualTo(PoolState.RUNNING);
        }
    }

    // ---- shutdown -------------------------------------------------------------------------------------------------

    // G9
    @Test
    void shutdown_fiftyTasks_allFinish() {
        try (ProcessPool pool = ProcessPool.create(2)) {
            List<TaskFuture<Integer>> futures = IntStream.range(0, 50)
                    .mapToObj(i -> pool.<Integer, Integer>applyAsync(x -> x * x, i))
                    .toList();

            pool.shutdown();

            awaitTerminated(pool);
            assertThat(futures.stream().map(Lifecycle::result))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 50).mapToObj(i -> i * i).toList());
        }
    }

    // G13, G20
    @Test
    void shutdown_tasksRunningAndQueued_passesThroughTheStates() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Long> running = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);
            signs.expect("begun");
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.RUNNING);

            pool.shutdown();

            assertThat(pool.snapshot().state()).isEqualTo(PoolState.SHUTDOWN);
            assertThat(running.ready()).isFalse();
            signs.give("go");
            awaitTerminated(pool);
            assertThat(result(queued)).isEqualTo(result(running));
        }
    }

    // G6
    @Test
    void submit_afterShutdown_isRefusedByEveryMethod() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool =
                ProcessPool.builder().name("refusing").workers(1).build()) {
            TaskFuture<Long> running = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            pool.shutdown();

            assertRefused(pool);

            signs.give("go");
            assertThat(result(running)).isPositive();
        }
    }

    // G4, G6
    @Test
    void submit_afterClose_isRefusedByEveryMethod() {
        ProcessPool pool = ProcessPool.builder().name("refusing").workers(1).build();
        try (pool) {
            pool.apply(Deeds::pid);
        }
        assertRefused(pool);
    }

    // G17
    @Test
    void submit_afterTerminate_isRefusedByEveryMethod() {
        ProcessPool pool = ProcessPool.builder().name("refusing").workers(1).build();
        pool.terminate();
        assertRefused(pool);
        awaitTerminated(pool);
        assertRefused(pool);
    }

    private static void assertRefused(ProcessPool pool) {
        TaskFunction<Integer, Integer> fn = x -> x;
        TaskBiFunction<Integer, Integer, Integer> two = Integer::sum;
        List<Integer> items = List.of(1);
        List<Map.Entry<Integer, Integer>> pairs = List.of(Map.entry(1, 2));
        List<ThrowingCallable> calls = List.of(
                () -> pool.apply(Deeds::pid),
                () -> pool.apply(fn, 1),
                () -> pool.applyAsync(Deeds::pid),
                () -> pool.applyAsync(fn, 1),
                () -> pool.map(fn, items),
                () -> pool.mapAsync(fn, items),
                () -> pool.starmap(two, pairs),
                () -> pool.starmapAsync(two, pairs),
                () -> pool.imap(fn, items),
                () -> pool.imapUnordered(fn, items),
                () -> pool.istarmap(two, pairs),
                () -> pool.istarmapUnordered(two, pairs));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(PoolClosedException.class).hasMessageContaining("pool=refusing");
        }
        assertThatThrownBy(() -> pool.asExecutorService().execute((Runnable & Serializable) () -> {}))
                .isInstanceOfAny(PoolClosedException.class, RejectedExecutionException.class);
    }

    // 5 of the pain list: gh-155477
    @Test
    void shutdown_halfReadIterator_finishesWhatWasPulledThenSaysClosed() {
        try (ProcessPool pool = ProcessPool.create(2)) {
            ResultIterator<Integer> results = pool.imap(
                    x -> x * 2, Sources.endless(), MapOptions.defaults().maxInFlight(2));
            assertThat(results.next()).isZero();

            pool.shutdown();

            awaitTerminated(pool);
            List<Integer> rest = new ArrayList<>();
            assertThatThrownBy(() -> {
                        while (results.hasNext()) {
                            rest.add(results.next());
                        }
                    })
                    .isInstanceOf(PoolClosedException.class);
            // what was pulled before the end, in order and without gap
            assertThat(rest).hasSizeLessThanOrEqualTo(3);
            assertThat(rest)
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, rest.size())
                            .mapToObj(i -> i * 2)
                            .toList());
            assertThat(results.hasNext()).isFalse();
            assertThatThrownBy(results::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void shutdown_callerWaitsForRoomInTheQueue_isReleased() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).queueCapacity(1).build()) {
            TaskFuture<Long> running = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);
            AtomicReference<Thread> caller = new AtomicReference<>();
            CompletableFuture<Void> waiting = inThread(() -> {
                caller.set(Thread.currentThread());
                assertThatThrownBy(() -> pool.applyAsync(Deeds::pid)).isInstanceOf(PoolClosedException.class);
            });
            await().until(() -> caller.get() != null && caller.get().getState() == Thread.State.WAITING);

            pool.shutdown();

            awaitEnd(waiting);
            signs.give("go");
            assertThat(result(queued)).isEqualTo(result(running));
        }
    }

    @Test
    void shutdown_callerFeedsAMap_finishesIt() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(1);
        List<Integer> items = IntStream.range(0, 500).boxed().toList();
        CompletableFuture<Void> caller = inThread(() -> assertThat(pool.map(
                        i -> {
                            signs.give("begun");
                            signs.await("go");
                            return i;
                        },
                        items))
                .isEqualTo(items));
        signs.expect("begun");

        pool.shutdown();
        signs.give("go");

        awaitEnd(caller);
        awaitTerminated(pool);
    }

    // M7, G16
    @Test
    void shutdown_taskCrashes_taskFailsAndOthersFinish() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(1);
        TaskFuture<Long> crashing = pool.applyAsync(() -> {
            Deeds.gated(signs, "begun", "go");
            Deeds.halt(9);
            return 0L;
        });
        TaskFuture<Long> failing = pool.applyAsync(() -> {
            throw new IllegalStateException("on purpose");
        });
        TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);
        signs.expect("begun");

        pool.shutdown();
        signs.give("go");

        assertThat(failureOf(crashing, WorkerLostException.class).exitCode()).isEqualTo(9);
        failureOf(failing, TaskFailedException.class);
        assertThat(result(queued)).isPositive();
        awaitTerminated(pool);
    }

    // ---- join -----------------------------------------------------------------------------------------------------

    // G21
    @Test
    void join_running_isRefused() {
        try (ProcessPool pool = ProcessPool.builder().name("running").workers(1).build()) {
            assertThatThrownBy(pool::join)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("shutdown()", "pool=running");
            assertThatThrownBy(() -> pool.join(Duration.ZERO)).isInstanceOf(IllegalStateException.class);
        }
    }

    // G21
    @Test
    void join_tooShort_returnsFalseThenTerminateWorks() throws Exception {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(() -> Deeds.hang(signs, "begun"));
            signs.expect("begun");
            pool.shutdown();

            assertThat(pool.join(Duration.ofMillis(400))).isFalse();
            assertThat(task.ready()).isFalse();

            pool.terminate();
            pool.join();
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
            failureOf(task, PoolClosedException.class);
        }
    }

    // J3
    @Test
    void join_zeroOrNegative_doesNotWait() throws Exception {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            pool.shutdown();

            assertThat(pool.join(Duration.ZERO)).isFalse();
            assertThat(pool.join(Duration.ofSeconds(-1))).isFalse();
            assertThat(pool.join(Duration.ofSeconds(Long.MIN_VALUE))).isFalse();

            signs.give("go");
            assertThat(pool.join(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
            assertThat(pool.join(Duration.ZERO)).isTrue();
        }
    }

    @Test
    void join_manyThreads_allReturn() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            pool.shutdown();
            List<CompletableFuture<Void>> joins =
                    Stream.generate(() -> inThread(pool::join)).limit(6).toList();

            signs.give("go");

            joins.forEach(Lifecycle::awaitEnd);
        }
    }

    @Test
    void join_interrupted_throwsAndPoolGoesOn() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            pool.shutdown();

            Thread.currentThread().interrupt();
            assertThatThrownBy(pool::join).isInstanceOf(InterruptedException.class);

            assertThat(task.ready()).isFalse();
            signs.give("go");
            assertThat(result(task)).isPositive();
        }
    }
}
