package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitTerminated;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.pids;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a worker runs before its first and after its last task, and what tasks learn about their worker. */
@ExtendWith(LeavesNothingBehind.class)
class InitializerIT {

    @TempDir
    Path directory;

    // ---- initializer ----------------------------------------------------------------------------------------------

    // F1, F5, E13: once in each worker, before its tasks, with what it captured
    @Test
    void initializer_severalWorkers_runsOnceInEachBeforeItsTasks() {
        Signs signs = Signs.in(directory);
        String captured = "from the caller";
        try (ProcessPool pool = ProcessPool.builder()
                .workers(3)
                .initializer(() -> {
                    signs.note("initialized", Deeds.pid());
                    WorkerContext.current().state().put("greeting", captured);
                })
                .build()) {
            awaitIdle(pool, 3);

            List<Object> greetings = pool.map(
                    i -> WorkerContext.current().state().get("greeting"),
                    IntStream.range(0, 200).boxed().toList());

            assertThat(greetings).hasSize(200).containsOnly(captured);
            assertThat(signs.notes("initialized").stream().map(Long::valueOf))
                    .containsExactlyInAnyOrderElementsOf(pids(pool));
        }
    }

    // F5: without one there is no state
    @Test
    void initializer_none_stateIsEmpty() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            assertThat(pool.apply(() -> WorkerContext.current().state().isEmpty()))
                    .isTrue();
        }
    }

    // F7
    @Test
    void state_isPrivateToAWorkerAndLivesFromTaskToTask() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(2)
                .initializer(() -> WorkerContext.current().state().put("count", new AtomicInteger()))
                .build()) {
            TaskFuture<Long> held = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            List<Integer> counts =
                    pool.map(i -> count(), IntStream.range(0, 10).boxed().toList());
            assertThat(counts).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

            signs.give("go");
            result(held);

            assertThat(sumOfCounts(pool)).isEqualTo(10 + 2);
        }
    }

    private static int count() {
        return ((AtomicInteger) WorkerContext.current().state().get("count")).incrementAndGet();
    }

    /** Counts once more in both workers, at the same time, so that each takes one. */
    private int sumOfCounts(ProcessPool pool) {
        Signs signs = Signs.in(directory);
        List<TaskFuture<Integer>> both = Stream.of("a", "b")
                .map(name -> pool.applyAsync(() -> {
                    Deeds.gated(signs, "sum-" + name, "sum-go");
                    return count();
                }))
                .toList();
        signs.expect("sum-a");
        signs.expect("sum-b");
        signs.give("sum-go");
        return both.stream().mapToInt(Lifecycle::result).sum();
    }

    // E13, E24
    @Test
    void initializer_everyGeneration_runsAgainWithFreshState() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .maxTasksPerWorker(3)
                .initializer(() -> {
                    signs.note("initialized", Deeds.pid());
                    WorkerContext.current().state().put("count", new AtomicInteger());
                })
                .finalizer(() ->
                        signs.note("finalized", WorkerContext.current().state().get("count")))
                .build()) {
            List<Integer> counts = IntStream.range(0, 9)
                    .mapToObj(i -> pool.apply(InitializerIT::count))
                    .toList();
            assertThat(counts).containsExactly(1, 2, 3, 1, 2, 3, 1, 2, 3);
        }
        // The fourth generation is the successor that had nothing to do; it may have been too young to finish.
        assertThat(signs.notes("initialized")).hasSizeBetween(3, 4).doesNotHaveDuplicates();
        assertThat(signs.notes("finalized")).hasSizeBetween(3, 4).startsWith("3", "3", "3");
    }

    // ---- context --------------------------------------------------------------------------------------------------

    // F7: the ids are those of the slots, in initializer, task and finalizer alike
    @Test
    void context_tellsWhoTheWorkerIs() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .name("context")
                .workers(3)
                .initializer(() -> signs.note("initializer", whoAmI()))
                .finalizer(() -> signs.note("finalizer", whoAmI()))
                .build()) {
            awaitIdle(pool, 3);
            List<String> expected = pool.snapshot().workers().stream()
                    .map(worker -> worker.id() + "." + worker.generation() + " of context, pid " + worker.pid())
                    .toList();
            assertThat(pool.snapshot().workers().stream().map(WorkerSnapshot::id))
                    .containsExactlyInAnyOrder(0, 1, 2);

            List<String> tasks =
                    pool.map(i -> whoAmI(), IntStream.range(0, 300).boxed().toList());

            assertThat(expected).containsAll(tasks);
            assertThat(signs.notes("initializer")).containsExactlyInAnyOrderElementsOf(expected);
            pool.close();
            assertThat(signs.notes("finalizer")).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static String whoAmI() {
        WorkerContext context = WorkerContext.current();
        return context.workerId() + "." + context.generation() + " of " + context.poolName() + ", pid " + Deeds.pid();
    }

    @Test
    void context_generation_countsTheWorkersOfASlot() {
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).maxTasksPerWorker(1).build()) {
            List<String> generations = IntStream.range(0, 4)
                    .mapToObj(i -> pool.apply(() -> WorkerContext.current().workerId() + "."
                            + WorkerContext.current().generation()))
                    .toList();
            assertThat(new HashSet<>(generations)).hasSize(4);
            assertThat(generations).startsWith("0.0");
        }
    }

    @Test
    void context_threadStartedByATask_hasIt() {
        try (ProcessPool pool = ProcessPool.builder().name("threads").workers(1).build()) {
            String name = pool.apply(() -> CompletableFuture.supplyAsync(
                            () -> WorkerContext.current().poolName())
                    .get());
            assertThat(name).isEqualTo("threads");
        }
    }

    @Test
    void context_outsideOfAWorker_isRefused() {
        assertThatThrownBy(WorkerContext::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("pid=" + Deeds.pid());
    }

    // J1, J2
    @Test
    void process_ofAWorker_isOurChildWithThatPid() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();

            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
            assertThat(pool.apply(
                            () -> ProcessHandle.current().parent().orElseThrow().pid()))
                    .isEqualTo(Deeds.pid());
            assertThat(ProcessHandle.current().children().map(ProcessHandle::pid))
                    .contains(pid);
        }
    }

    // ---- finalizer ------------------------------------------------------------------------------------------------

    // E13: on every planned end
    @Test
    void finalizer_close_runsInEachWorkerAfterItsTasks() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.builder()
                .workers(2)
                .finalizer(() -> signs.note(
                        "finalized", Deeds.pid() + " after " + signs.all("done").size()))
                .build();
        awaitIdle(pool, 2);
        List<Long> pids = pids(pool);
        pool.applyAsync(() -> {
            signs.give("done-" + Deeds.pid());
            return 0;
        });

        pool.close();

        assertThat(signs.notes("finalized"))
                .containsExactlyInAnyOrder(pids.get(0) + " after 1", pids.get(1) + " after 1");
    }

    @Test
    void finalizer_recycledOrIdle_runs() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .idleTimeout(Duration.ofMillis(500))
                .finalizer(() -> signs.note("finalized", Deeds.pid()))
                .build()) {
            long first = pool.apply(Deeds::pid);
            pool.recycle(0);
            await().atMost(PATIENCE).until(() -> signs.notes("finalized").contains(Long.toString(first)));

            // and its successor when there is nothing to do
            await().atMost(PATIENCE).until(() -> signs.notes("finalized").size() == 2);
            await().atMost(PATIENCE).until(() -> pool.snapshot().workers().isEmpty());
        }
    }

    @Test
    void finalizer_terminate_doesNotRun() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.builder()
                .workers(2)
                .finalizer(() -> signs.note("finalized", Deeds.pid()))
                .build();
        awaitIdle(pool, 2);

        pool.terminate();

        awaitTerminated(pool);
        assertThat(signs.notes("finalized")).isEmpty();
    }

    @Test
    void finalizer_throws_isLoggedAndTheEndIsAsPlanned() {
        RecordedEvents events = new RecordedEvents();
        try (CapturedLog log = CapturedLog.of("io.processpool.internal")) {
            ProcessPool pool = ProcessPool.builder()
                    .workers(1)
                    .listener(events)
                    .finalizer(() -> {
                        throw new IllegalStateException("cannot flush");
                    })
                    .build();
            long pid = pool.apply(Deeds::pid);

            pool.close();

            assertThat(events.expect(Kind.RETIRED, pid).detail()).isEqualTo(RetireReason.POOL_CLOSED);
            assertThat(log.events(Level.WARN, "finalizer")).hasSize(1);
            assertThat(log.events(Level.WARN, "finalizer")
                            .get(0)
                            .getThrowableProxy()
                            .getMessage())
                    .contains("cannot flush");
        }
    }

    // H5 (worker_exit_timeout)
    @Test
    void finalizer_hangs_workerIsKilledInTheEnd() {
        Signs signs = Signs.in(directory);
        RecordedEvents events = new RecordedEvents();
        ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .listener(events)
                .startTimeout(Duration.ofSeconds(3))
                .finalizer(() -> {
                    signs.give("finalizing");
                    new CountDownLatch(1).await();
                })
                .build();
        long pid = pool.apply(Deeds::pid);

        pool.close();

        assertThat(signs.given("finalizing")).isTrue();
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        assertThat(Lifecycle.alive(pid)).isFalse();
        events.expect(Kind.ZOMBIE, pid);
    }

    // ---- exit -----------------------------------------------------------------------------------------------------

    // F11
    @Test
    void shutdownHooksOfAWorker_plannedExit_run() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .maxTasksPerWorker(1)
                .initializer(() ->
                        Runtime.getRuntime().addShutdownHook(new Thread(() -> signs.note("hook", Deeds.pid()))))
                .build();
        long first = pool.apply(Deeds::pid);
        long second = pool.apply(Deeds::pid);

        pool.close();

        assertThat(signs.notes("hook")).contains(Long.toString(first), Long.toString(second));
    }

    // J8: the policy is that of System.exit
    @Test
    void nonDaemonThreads_plannedExit_doNotHoldTheWorker() {
        Signs signs = Signs.in(directory);
        RecordedEvents events = new RecordedEvents();
        ProcessPool pool = ProcessPool.builder().workers(1).listener(events).build();
        long pid = pool.apply(() -> {
            Thread thread = new Thread(() -> Deeds.ignoreInterrupts(signs, "running"));
            thread.setDaemon(false);
            thread.start();
            return Deeds.pid();
        });
        signs.expect("running");

        pool.close();

        assertThat(Lifecycle.alive(pid)).isFalse();
        assertThat(events.expect(Kind.RETIRED, pid).detail()).isEqualTo(RetireReason.POOL_CLOSED);
    }

    // A process that a task has started ends with its worker, on a planned exit, too.
    @Test
    void processOfATask_plannedExit_isEnded() {
        ProcessPool pool = ProcessPool.create(1);
        long sleeper = pool.apply(Deeds::startSleeper);
        assertThat(Lifecycle.alive(sleeper)).isTrue();

        pool.close();

        Lifecycle.awaitDeath(sleeper);
    }
}
