package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.alive;
import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitTerminated;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.inThread;
import static io.processpool.Lifecycle.pids;
import static io.processpool.Lifecycle.result;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import io.processpool.testing.Sources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How pools end by close and terminate, from outside and from their own threads. */
@ExtendWith(LeavesNothingBehind.class)
class CloseAndTerminateIT {

    @TempDir
    Path directory;

    // ---- close ----------------------------------------------------------------------------------------------------

    // G14, G25
    @Test
    void close_tasksRunning_waitsForThem() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(2);
        List<TaskFuture<Long>> tasks = Lifecycle.submitGated(pool, signs, 6);
        signs.expect("begun", 2);
        List<Long> pids = pids(pool);
        CompletableFuture<Void> close = inThread(pool::close);
        await().until(() -> pool.snapshot().state() == PoolState.SHUTDOWN);
        assertThat(close).isNotDone();

        signs.give("go");

        awaitEnd(close);
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        assertThat(pids).noneMatch(Lifecycle::alive);
        assertThat(tasks.stream().map(Lifecycle::result)).allMatch(pids::contains);
    }

    // G14
    @Test
    void close_done_nothingIsLeftAndViewsStillWork() {
        ProcessPool pool = ProcessPool.create(2);
        pool.map(x -> x, List.of(1, 2, 3));
        pool.close();

        PoolSnapshot snapshot = pool.snapshot();
        assertThat(snapshot.state()).isEqualTo(PoolState.TERMINATED);
        assertThat(snapshot.workers()).isEmpty();
        assertThat(snapshot.tasksSucceeded()).isEqualTo(3);
        assertThat(pool.activeChildren()).isEmpty();
        assertThat(pool.toString()).contains("TERMINATED");
        pool.resize(5);
        pool.recycleAll();
        assertThatThrownBy(() -> pool.recycle(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.threadDump(0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(pool.snapshot().workers()).isEmpty();
        assertThat(pool.asExecutorService().isTerminated()).isTrue();
    }

    // G26
    @Test
    void closeShutdownTerminate_inAnyOrderAndTwice_areFine() {
        List<Consumer<ProcessPool>> ways = List.of(ProcessPool::close, ProcessPool::shutdown, ProcessPool::terminate);
        for (Consumer<ProcessPool> first : ways) {
            ProcessPool pool = ProcessPool.create(1);
            TaskFuture<Long> task = pool.applyAsync(Deeds::pid);
            first.accept(pool);
            ways.forEach(way -> way.accept(pool));
            ways.forEach(way -> way.accept(pool));
            awaitTerminated(pool);
            assertThat(task.ready()).isTrue();
        }
    }

    @Test
    void close_byManyThreadsAtOnce_allReturnAfterTheEnd() {
        ProcessPool pool = ProcessPool.create(2);
        TaskFuture<Long> task = pool.applyAsync(Deeds::pid);
        List<CompletableFuture<Void>> closers = Stream.generate(() -> inThread(() -> {
                    pool.close();
                    assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
                }))
                .limit(8)
                .toList();

        closers.forEach(Lifecycle::awaitEnd);
        assertThat(result(task)).isPositive();
    }

    @Test
    void close_tasksDoNotEnd_terminatesAfterShutdownTimeout() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .shutdownTimeout(Duration.ofMillis(300))
                .build();
        TaskFuture<String> running = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"));
        TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);
        signs.expect("begun");
        long pid = Lifecycle.only(pool).pid();

        pool.close();

        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        assertThat(alive(pid)).isFalse();
        failureOf(running, PoolClosedException.class);
        failureOf(queued, PoolClosedException.class);
    }

    @Test
    void close_shutdownTimeoutZero_terminatesAtOnce() {
        Signs signs = Signs.in(directory);
        ProcessPool pool =
                ProcessPool.builder().workers(1).shutdownTimeout(Duration.ZERO).build();
        TaskFuture<String> running = pool.applyAsync(() -> Deeds.hang(signs, "begun"));
        signs.expect("begun");

        pool.close();

        failureOf(running, PoolClosedException.class);
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }

    @Test
    void close_interrupted_terminatesAndRestoresTheFlag() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(1);
        TaskFuture<String> running = pool.applyAsync(() -> Deeds.hang(signs, "begun"));
        signs.expect("begun");
        Thread.currentThread().interrupt();

        pool.close();

        assertThat(Thread.interrupted()).isTrue();
        awaitTerminated(pool);
        failureOf(running, PoolClosedException.class);
    }

    @Test
    void close_sourceOfALazyMapBlocks_endsAndInterruptsTheSource() {
        AtomicBoolean interrupted = new AtomicBoolean();
        ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .shutdownTimeout(Duration.ofMillis(300))
                .build();
        Iterable<Integer> source = () -> new Iterator<>() {
            private int given;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (given == 1) {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                        throw new IllegalStateException(e);
                    }
                }
                return given++;
            }
        };
        ResultIterator<Integer> results =
                pool.imap(x -> x, source, MapOptions.defaults().chunkSize(1));
        assertThat(results.next()).isZero();

        pool.close();

        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        await().untilTrue(interrupted);
        assertThatThrownBy(results::next).isInstanceOf(PoolClosedException.class);
    }

    // ---- from the pool's own threads ------------------------------------------------------------------------------

    // G20; every method is legal in a callback (gh-87129)
    @Test
    void close_fromCallback_waitsForTheOtherTasks() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(2);
        TaskFuture<Long> other = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
        signs.expect("begun");

        CompletableFuture<Void> callback =
                pool.applyAsync(Deeds::pid).thenAccept(pid -> pool.close()).toCompletableFuture();

        await().until(() -> pool.snapshot().state() == PoolState.SHUTDOWN);
        assertThat(callback).isNotDone();
        signs.give("go");
        awaitEnd(callback);
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        assertThat(result(other)).isPositive();
    }

    @Test
    void close_fromCallbackOfTheLastTask_ends() {
        ProcessPool pool = ProcessPool.create(1);
        CompletableFuture<Void> callback =
                pool.applyAsync(Deeds::pid).thenAccept(pid -> pool.close()).toCompletableFuture();
        awaitEnd(callback);
        awaitTerminated(pool);
    }

    @Test
    void terminate_fromCallback_ends() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(2);
        TaskFuture<String> other = pool.applyAsync(() -> Deeds.hang(signs, "begun"));
        signs.expect("begun");

        awaitEnd(pool.applyAsync(Deeds::pid).thenAccept(pid -> pool.terminate()).toCompletableFuture());

        awaitTerminated(pool);
        failureOf(other, PoolClosedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shutdown", "close", "terminate"})
    void end_fromListener_ends(String way) {
        AtomicReference<ProcessPool> created = new AtomicReference<>();
        CountDownLatch published = new CountDownLatch(1);
        CompletableFuture<Void> called = new CompletableFuture<>();
        PoolListener listener = new PoolListener() {
            @Override
            public void taskDone(TaskSnapshot task, TaskOutcome outcome, Duration ran) {
                try {
                    assertThat(published.await(10, TimeUnit.SECONDS)).isTrue();
                    end(created.get(), way);
                    called.complete(null);
                } catch (Throwable e) {
                    called.completeExceptionally(e);
                }
            }
        };
        ProcessPool pool = ProcessPool.builder().workers(1).listener(listener).build();
        created.set(pool);
        published.countDown();
        TaskFuture<Long> task = pool.applyAsync(Deeds::pid);

        awaitEnd(called);
        awaitTerminated(pool);
        assertThat(result(task)).isPositive();
    }

    private static void end(ProcessPool pool, String way) {
        switch (way) {
            case "shutdown" -> pool.shutdown();
            case "close" -> pool.close();
            default -> pool.terminate();
        }
    }

    // I3 with G14: a handle outlives its pool
    @Test
    void callback_registeredAfterClose_runs() {
        ProcessPool pool = ProcessPool.create(1);
        TaskFuture<Long> task = pool.applyAsync(Deeds::pid);
        TaskFuture<Long> failed = pool.applyAsync(() -> {
            throw new IllegalStateException("on purpose");
        });
        pool.close();

        CompletableFuture<Long> next = task.thenApply(pid -> -pid).toCompletableFuture();
        CompletableFuture<String> handled =
                failed.handle((value, e) -> String.valueOf(e.getMessage())).toCompletableFuture();

        assertThat(next).succeedsWithin(PATIENCE).isEqualTo(-result(task));
        assertThat(handled).succeedsWithin(PATIENCE).asString().contains("on purpose");
    }

    @Test
    void callback_registeredBeforeTerminate_seesTheEnd() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(1);
        TaskFuture<String> task = pool.applyAsync(() -> Deeds.hang(signs, "begun"));
        signs.expect("begun");
        CompletableFuture<Class<?>> seen =
                task.<Class<?>>handle((value, e) -> e.getClass()).toCompletableFuture();

        pool.terminate();

        assertThat(seen).succeedsWithin(PATIENCE).isEqualTo(PoolClosedException.class);
        awaitTerminated(pool);
    }

    // ---- terminate ------------------------------------------------------------------------------------------------

    // G17, D12
    @Test
    void terminate_tasksRunningAndQueued_allFailAndWorkersDie() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.builder()
                .name(Lifecycle.unique("terminated"))
                .workers(2)
                .build();
        List<TaskFuture<String>> tasks = IntStream.range(0, 5)
                .mapToObj(i -> pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun-" + i)))
                .toList();
        TaskFuture<List<Integer>> map = pool.mapAsync(x -> x, List.of(1, 2, 3));
        signs.expect("begun", 2);
        List<Long> pids = pids(pool);

        pool.terminate();

        assertThat(tasks).allMatch(TaskFuture::ready);
        assertThat(tasks.stream().map(task -> failureOf(task, PoolClosedException.class)))
                .doesNotHaveDuplicates()
                .allMatch(e -> e.getMessage().contains("pool=terminated"));
        failureOf(map, PoolClosedException.class);
        awaitTerminated(pool);
        assertThat(pids).noneMatch(Lifecycle::alive);
        assertThat(ChildJvm.workersOf(Lifecycle.unique("terminated"))).isEmpty();
    }

    // G17
    @Test
    void terminate_workersNotYetReady_ends() {
        ProcessPool pool = ProcessPool.builder()
                .name(Lifecycle.unique("unready"))
                .workers(2)
                .build();
        TaskFuture<Long> task = pool.applyAsync(Deeds::pid);

        pool.terminate();

        failureOf(task, PoolClosedException.class);
        awaitTerminated(pool);
        assertThat(ChildJvm.workersOf(Lifecycle.unique("unready"))).isEmpty();
    }

    // G17
    @Test
    void terminate_workersAreDead_ends() {
        ProcessPool pool = ProcessPool.create(2);
        awaitIdle(pool, 2);
        signal("KILL", pids(pool).toArray(Long[]::new));

        pool.terminate();

        awaitTerminated(pool);
    }

    @Test
    void terminate_consumerWaitsForALazyMap_isReleased() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(1);
        ResultIterator<String> results = pool.imap(i -> Deeds.hang(signs, "begun-" + i), Sources.endless());
        CompletableFuture<Void> consumer =
                inThread(() -> assertThatThrownBy(results::next).isInstanceOf(PoolClosedException.class));
        signs.expect("begun", 1);

        pool.terminate();

        awaitEnd(consumer);
        awaitTerminated(pool);
    }

    @Test
    void terminate_callerFeedsAMap_isReleased() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.create(1);
        CompletableFuture<Void> caller = inThread(() -> assertThatThrownBy(
                        () -> pool.map(i -> Deeds.hang(signs, "begun-" + i), Sources.endless()))
                .isInstanceOf(PoolClosedException.class));
        signs.expect("begun", 1);

        pool.terminate();

        awaitEnd(caller);
        awaitTerminated(pool);
    }
}
