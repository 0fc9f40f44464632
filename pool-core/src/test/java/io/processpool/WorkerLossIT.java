package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitIdle;
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
import io.processpool.testing.Signs;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What else a worker had when it was lost, and workers that are lost together: that all others go on. */
class WorkerLossIT extends WorkerLossFixture {

    // ---- what else the worker had ---------------------------------------------------------------------------------

    // Results before the crash are kept, what was not begun runs elsewhere, exactly once.
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 10})
    void crash_inChunk_failsOneItemAndRunsTheOthersOnce(int chunkSize) {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            ResultIterator<Integer> results = pool.imap(
                    i -> {
                        signs.note("ran", i);
                        if (i == 3) {
                            Deeds.halt(5);
                        }
                        return i;
                    },
                    IntStream.range(0, 10).boxed().toList(),
                    MapOptions.defaults().chunkSize(chunkSize));
            List<Object> seen = new ArrayList<>();
            while (results.hasNext()) {
                try {
                    seen.add(results.next());
                } catch (WorkerLostException e) {
                    seen.add(e.exitCode());
                    assertThat(e).hasMessageContaining("item 3");
                }
            }

            assertThat(seen).containsExactly(0, 1, 2, 5, 4, 5, 6, 7, 8, 9);
            assertThat(signs.notes("ran")).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        }
    }

    // mpire: kill worker 0 while others run: exactly one of a hundred fails
    @Test
    void kill_duringMap_exactlyOneItemFails() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(2).build()) {
            TaskFuture<List<Integer>> map = pool.mapAsync(
                    i -> {
                        signs.note("ran", i);
                        if (i == 40) {
                            Deeds.gated(signs, "pid-" + Deeds.pid(), "never");
                        }
                        return i;
                    },
                    IntStream.range(0, 100).boxed().toList());
            signs.expect("pid-", 1);
            long pid = Long.parseLong(signs.all("pid-").get(0).substring(4));

            signal("KILL", pid);

            WorkerLostException failure = failureOf(map, WorkerLostException.class);
            assertThat(failure).hasMessageContaining("item 40");
            assertThat(failure.getSuppressed()).isEmpty();
            assertThat(signs.notes("ran")).hasSize(100).doesNotHaveDuplicates();
        }
    }

    // The results of items that take nanoseconds travel many at a time; a crash concerns one of them all the same.
    @Test
    void crash_amongTinyItems_exactlyThatItemFails() {
        Signs signs = Signs.in(directory);
        int count = 100_000;
        int deadly = 77_777;
        try (ProcessPool pool = builder(2).build()) {
            ResultIterator<Integer> results = pool.imap(
                    i -> {
                        if (i == deadly) {
                            signs.note("deadly", i);
                            Deeds.halt(3);
                        }
                        return i + 1;
                    },
                    IntStream.range(0, count).boxed().toList());

            for (int i = 0; i < count; i++) {
                if (i == deadly) {
                    assertThatThrownBy(results::next)
                            .isInstanceOf(WorkerLostException.class)
                            .hasMessageContaining("item " + deadly);
                } else {
                    assertThat(results.next()).isEqualTo(i + 1);
                }
            }
            assertThat(results.hasNext()).isFalse();
            assertThat(signs.notes("deadly")).hasSize(1);
            assertThat(pool.snapshot().tasksSucceeded()).isEqualTo(count - 1);
        }
    }

    @Test
    void crash_withRetries_runsAgain() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Integer> task = pool.applyAsync(
                    () -> {
                        signs.note("attempts", Deeds.pid());
                        if (signs.notes("attempts").size() < 3) {
                            Deeds.halt(1);
                        }
                        return 42;
                    },
                    TaskOptions.defaults().retries(2));

            assertThat(result(task)).isEqualTo(42);
            assertThat(signs.notes("attempts")).hasSize(3).doesNotHaveDuplicates();
            assertThat(pool.snapshot().tasksFailed()).isZero();
        }
    }

    @Test
    void crash_retriesUsedUp_fails() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Integer> task = pool.applyAsync(
                    () -> {
                        signs.note("attempts", Deeds.pid());
                        Deeds.halt(6);
                        return 42;
                    },
                    TaskOptions.defaults().retries(2));

            assertThat(failureOf(task, WorkerLostException.class).exitCode()).isEqualTo(6);
            assertThat(signs.notes("attempts")).hasSize(3);
        }
    }

    // M2, M4 and M5 of the crash matrix: the worker dies over an argument or a result, not in the task
    @Test
    void crash_whileDecodingTheArgument_failsTheTask() {
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<String> task = pool.applyAsync(Object::toString, new Deeds.DeadlyToRead());

            assertThat(failureOf(task, WorkerLostException.class).exitCode()).isEqualTo(21);
            assertServes(pool, 0);
        }
    }

    @Test
    void crash_whileEncodingTheResult_failsTheTask() {
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Deeds.DeadlyToWrite> task = pool.applyAsync(Deeds.DeadlyToWrite::new);

            assertThat(failureOf(task, WorkerLostException.class).exitCode()).isEqualTo(22);
            assertServes(pool, 0);
        }
    }

    // loky's call_item_gc_crash: the crash comes after the result
    @Test
    void crash_afterTheResult_resultIsKept() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            long pid = pool.apply(() -> {
                Thread assassin = new Thread(() -> {
                    try {
                        signs.await("go");
                    } catch (InterruptedException e) {
                        signs.give("interrupted");
                    }
                    Deeds.halt(8);
                });
                assassin.start();
                return Deeds.pid();
            });

            signs.give("go");

            assertThat(((WorkerLostException) events.expect(Kind.LOST, pid).detail()).exitCode())
                    .isEqualTo(8);
            assertServes(pool, pid);
        }
    }

    // J14
    @Test
    void crash_workerHasStartedAProcess_itDiesToo() {
        try (ProcessPool pool = builder(1).build()) {
            long sleeper = pool.apply(Deeds::startSleeper);

            TaskFuture<Void> task = pool.applyAsync(() -> {
                Deeds.halt(1);
                return null;
            });

            assertThat(failureOf(task, WorkerLostException.class).exitCode()).isEqualTo(1);
            awaitDeath(sleeper);
            assertServes(pool, 0);
        }
    }

    // ---- many -----------------------------------------------------------------------------------------------------

    // D12; two deaths in the same millisecond
    @Test
    void kill_allBusyWorkersAtOnce_eachTaskHasItsOwnFailure() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(3).build()) {
            List<TaskFuture<Long>> tasks = Lifecycle.submitGated(pool, signs, 3);
            signs.expect("begun", 3);
            TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);
            List<Long> before = pids(pool);

            signal("KILL", before.toArray(Long[]::new));

            List<WorkerLostException> failures = tasks.stream()
                    .map(task -> failureOf(task, WorkerLostException.class))
                    .toList();
            assertThat(new HashSet<>(failures)).hasSize(3);
            assertThat(failures.stream().map(WorkerLostException::pid)).containsExactlyInAnyOrderElementsOf(before);
            assertThat(result(queued)).isNotIn(before);
            awaitIdle(pool, 3);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void kill_allIdleWorkersAtOnce_nobodyNotices(int workers) {
        try (ProcessPool pool = builder(workers).build()) {
            awaitIdle(pool, workers);
            List<Long> before = pids(pool);

            signal("KILL", before.toArray(Long[]::new));
            List<TaskFuture<Long>> tasks = IntStream.range(0, 20)
                    .mapToObj(i -> pool.applyAsync(Deeds::pid))
                    .toList();

            assertThat(tasks.stream().map(Lifecycle::result)).isNotEmpty().doesNotContainAnyElementsOf(before);
            before.forEach(pid -> events.expect(Kind.LOST, pid));
            awaitIdle(pool, workers);
            assertThat(pool.snapshot().workersLost()).isEqualTo(workers);
        }
    }

    @Test
    void kill_standby_isReplaced() {
        try (ProcessPool pool = builder(1).standbyWorkers(1).build()) {
            long standby = Lifecycle.awaitStandby(pool);
            long serving = pool.apply(Deeds::pid);

            signal("KILL", standby);

            events.expect(Kind.LOST, standby);
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            assertThat(pids(pool)).contains(serving).doesNotContain(standby);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(serving);
        }
    }

    @Test
    void kill_retiringWorker_failsItsTaskAndThePoolGoesOn() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            long pid = only(pool).pid();
            pool.recycle(0);
            awaitWorkers(pool, WorkerState.RETIRING, 1);

            signal("KILL", pid);

            assertThat(failureOf(task, WorkerLostException.class).pid()).isEqualTo(pid);
            awaitIdle(pool, 1);
        }
    }

    // E26, smaller: one killed worker after the other
    @Test
    void kill_tenInARow_eachIsReplaced() {
        try (ProcessPool pool = builder(2).build()) {
            for (int i = 0; i < 10; i++) {
                TaskFuture<Void> task = pool.applyAsync(() -> {
                    Deeds.killSelf();
                    return null;
                });
                assertThat(failureOf(task, WorkerLostException.class).signalName())
                        .isEqualTo("SIGKILL");
            }
            assertThat(pool.apply(() -> "alive")).isEqualTo("alive");
            assertThat(pool.snapshot().workersLost()).isEqualTo(10);
            awaitIdle(pool, 2);
        }
    }

    // A task that crashes every worker that it meets must not take the pool with it (never "broken").
    @Test
    void crash_everyTask_poolIsNeverBroken() {
        try (ProcessPool pool = builder(2).build()) {
            List<TaskFuture<Integer>> tasks = IntStream.range(0, 12)
                    .mapToObj(i -> pool.applyAsync(() -> {
                        Deeds.halt(i + 1);
                        return i;
                    }))
                    .toList();

            for (int i = 0; i < tasks.size(); i++) {
                assertThat(failureOf(tasks.get(i), WorkerLostException.class).exitCode())
                        .isEqualTo(i + 1);
            }
            assertThat(pool.apply(() -> "fine")).isEqualTo("fine");
        }
    }

    // loky's test_crash_races: workers that kill each other
    @Test
    void kill_workersKillEachOther_everyTaskEnds() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(3).build()) {
            List<TaskFuture<Long>> tasks = IntStream.range(0, 3)
                    .mapToObj(i -> pool.applyAsync(() -> {
                        signs.give("pid-" + Deeds.pid());
                        signs.await("go");
                        for (String other : signs.all("pid-")) {
                            long pid = Long.parseLong(other.substring(4));
                            if (pid != Deeds.pid()) {
                                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                            }
                        }
                        return Deeds.pid();
                    }))
                    .toList();
            signs.expect("pid-", 3);

            signs.give("go");

            await().atMost(PATIENCE).until(() -> tasks.stream().allMatch(TaskFuture::ready));
            assertThat(tasks).anyMatch(task -> !task.successful());
            tasks.stream()
                    .filter(task -> !task.successful())
                    .forEach(task -> assertThat(
                                    failureOf(task, WorkerLostException.class).signalName())
                            .isEqualTo("SIGKILL"));
            assertThat(pool.apply(() -> "alive")).isEqualTo("alive");
            awaitIdle(pool, 3);
        }
    }

    // A partial frame, then death (one of the gaps): a large result on its way
    @Test
    void kill_whileALargeResultIsOnItsWay_taskFailsOrSucceedsAndThePoolGoesOn() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).maxHeap(512L << 20).build()) {
            for (int i = 0; i < 3; i++) {
                int round = i;
                TaskFuture<byte[]> task = pool.applyAsync(() -> {
                    byte[] large = new byte[96 << 20];
                    signs.give("pid-" + round + "-" + Deeds.pid());
                    return large;
                });
                signs.expect("pid-" + round, 1);
                signal("KILL", Long.parseLong(signs.all("pid-" + round).get(0).substring(6)));
                await().atMost(PATIENCE).until(task::ready);
                if (!task.successful()) {
                    failureOf(task, WorkerLostException.class);
                }
            }
            assertThat(pool.apply(() -> "alive")).isEqualTo("alive");
        }
    }

    @Test
    void crash_blockingCall_throwsBare() {
        try (ProcessPool pool = builder(1).build()) {
            assertThatThrownBy(() -> pool.apply(
                            code -> {
                                Deeds.halt(code);
                                return code;
                            },
                            33))
                    .isInstanceOf(WorkerLostException.class)
                    .hasMessageContaining("exit code 33");
            assertThatThrownBy(() -> pool.map(
                            code -> {
                                Deeds.halt(code);
                                return code;
                            },
                            List.of(34)))
                    .isInstanceOf(WorkerLostException.class);
        }
    }
}
