package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Single tasks in processes. */
class ApplyIT extends ApplyContract {

    ApplyIT() {
        super(Mode.PROCESS);
    }

    // A1
    @Test
    void apply_always_runsInAnotherProcess() {
        try (ProcessPool pool = pool(1)) {
            long pid = pool.apply(PoolContract::pid);

            assertThat(pid).isNotEqualTo(pid());
            assertThat(pool.activeChildren()).extracting(WorkerSnapshot::pid).containsExactly(pid);
        }
    }

    // A14
    @Test
    void applyAsync_fiveHeldTasksOnTwoWorkers_areRunByExactlyTwoProcesses() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2)) {
            List<TaskFuture<Long>> futures = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                futures.add(pool.applyAsync(() -> {
                    gate.pass();
                    return pid();
                }));
            }
            gate.awaitArrivals(2);
            assertThat(pool.snapshot().tasksQueued()).isEqualTo(3);
            assertThat(gate.arrivals()).isEqualTo(2);
            gate.open();
            List<Long> pids = new ArrayList<>();
            for (TaskFuture<Long> future : futures) {
                pids.add(future.get(LONG));
            }

            assertThat(pids.stream().distinct()).hasSize(2).doesNotContain(pid());
        }
    }

    @Test
    void applyAsync_workerKilled_failsOnlyThatTask() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> victim =
                    pool.applyAsync(gate::pass, TaskOptions.defaults().name("victim"));
            TaskFuture<Integer> behind = pool.applyAsync(Tasks::square, 5);
            gate.awaitArrivals(1);
            long pid = pool.activeChildren().get(0).pid();

            ProcessHandle.of(pid).orElseThrow().destroyForcibly();

            assertThat(failureOf(victim)).isInstanceOfSatisfying(WorkerLostException.class, lost -> {
                assertThat(lost.pid()).isEqualTo(pid);
                assertThat(lost.signalName()).isEqualTo("SIGKILL");
                assertThat(lost).hasMessageContainingAll("victim", "SIGKILL", "pid=" + pid);
            });
            assertThat(behind.get(LONG)).isEqualTo(25);
            assertThat(pool.snapshot().workersLost()).isEqualTo(1);
        }
    }

    @Test
    void applyAsync_workerLostAndRetriesLeft_runsAgainElsewhere() throws Exception {
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<String> future = pool.applyAsync(
                    () -> {
                        ledger.add(pid());
                        if (ledger.lines().size() < 3) {
                            Runtime.getRuntime().halt(7);
                        }
                        return "at last";
                    },
                    TaskOptions.defaults().retries(2));

            assertThat(future.get(LONG)).isEqualTo("at last");
            assertThat(ledger.counts()).as("each run in a process of its own").hasSize(3);
        }
    }

    @Test
    void applyAsync_workerLostMoreOftenThanRetries_failsAfterThatManyRuns() {
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> future = pool.applyAsync(
                    () -> {
                        ledger.add("run");
                        Runtime.getRuntime().halt(7);
                        return null;
                    },
                    TaskOptions.defaults().retries(1));

            assertThat(failureOf(future))
                    .isInstanceOfSatisfying(
                            WorkerLostException.class,
                            lost -> assertThat(lost.exitCode()).isEqualTo(7));
            assertThat(ledger.lines()).hasSize(2);
        }
    }

    @Test
    void applyAsync_taskThrowsAndRetriesLeft_isNotRunAgain() {
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> future = pool.applyAsync(
                    () -> {
                        ledger.add("run");
                        throw new IllegalStateException("boom");
                    },
                    TaskOptions.defaults().retries(3));

            assertThat(failureOf(future)).isInstanceOf(TaskFailedException.class);
            assertThat(ledger.lines()).hasSize(1);
        }
    }

    // D13
    @Test
    void apply_taskEndsItsProcess_exitCodeStandsInTheError() {
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.apply(() -> {
                        System.exit(42);
                        return null;
                    }))
                    .isInstanceOfSatisfying(
                            WorkerLostException.class,
                            lost -> assertThat(lost.exitCode()).isEqualTo(42))
                    .hasMessageContaining("42");
            assertThatThrownBy(() -> pool.apply(() -> {
                        System.err.println("last words before the end");
                        Runtime.getRuntime().halt(99);
                        return null;
                    }))
                    .isInstanceOfSatisfying(WorkerLostException.class, lost -> {
                        assertThat(lost.exitCode()).isEqualTo(99);
                        assertThat(lost.stderrTail()).contains("last words before the end");
                    })
                    .hasMessageContainingAll("99", "last words before the end");
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
        }
    }

    @Test
    void apply_fromAThousandVirtualThreads_works() throws Exception {
        assumeThat(Runtime.version().feature()).isGreaterThanOrEqualTo(21);
        ConcurrentLinkedQueue<Integer> results = new ConcurrentLinkedQueue<>();
        try (ProcessPool pool = pool(2)) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                int argument = i;
                Runnable call = () -> results.add(pool.apply(x -> x + 1, argument));
                callers.add((Thread) Thread.class
                        .getMethod("startVirtualThread", Runnable.class)
                        .invoke(null, call));
            }
            for (Thread caller : callers) {
                caller.join(LONG.toMillis());
            }

            assertThat(results).hasSize(1000).doesNotHaveDuplicates().contains(1, 1000);
        }
    }
}
