package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Handles and combinators: rows I of the conformance list. */
abstract class HandleContract extends PoolContract {

    HandleContract(Mode mode) {
        super(mode);
    }

    // I4: pending, running, succeeded
    @Test
    void states_queuedRunningSucceeded_areTold() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> running = pool.applyAsync(gate::pass);
            TaskFuture<Integer> queued = pool.applyAsync(Tasks::square, 3);
            gate.awaitArrivals(1);

            for (TaskFuture<?> future : List.of(running, queued)) {
                assertThat(future.ready()).isFalse();
                assertThat(future.isDone()).isFalse();
                assertThat(future.isCancelled()).isFalse();
                assertThatIllegalStateException()
                        .isThrownBy(future::successful)
                        .withMessageContaining("task " + future.id());
            }
            gate.open();
            assertThat(queued.get(LONG)).isEqualTo(9);

            for (TaskFuture<?> future : List.of(running, queued)) {
                assertThat(future.ready()).isTrue();
                assertThat(future.isDone()).isTrue();
                assertThat(future.isCancelled()).isFalse();
                assertThat(future.successful()).isTrue();
                assertThat(future.cancel(true)).isFalse();
                assertThat(future.isCancelled()).isFalse();
                assertThat(future.successful()).isTrue();
            }
        }
    }

    // I4: failed
    @Test
    void states_failed_areTold() {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Integer> failed = pool.applyAsync(Tasks::boom, 1);

            assertThat(failureOf(failed)).isInstanceOf(TaskFailedException.class);
            assertThat(failed.ready()).isTrue();
            assertThat(failed.isDone()).isTrue();
            assertThat(failed.isCancelled()).isFalse();
            assertThat(failed.successful()).isFalse();
            assertThat(failed.cancel(true)).isFalse();
            assertThat(failed.isCancelled()).isFalse();
            assertThat(failureOf(failed)).as("still the failure").isInstanceOf(TaskFailedException.class);
        }
    }

    // I4: cancelled before its start; H7
    @Test
    void cancel_queuedTask_neverRunsAndFreesItsPlace() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            TaskFuture<?> cancelled = pool.applyAsync(() -> {
                ledger.add("cancelled");
                return null;
            });
            TaskFuture<?> kept = pool.applyAsync(() -> {
                ledger.add("kept");
                return null;
            });
            assertThat(pool.snapshot().tasksQueued()).isEqualTo(2);

            assertThat(cancelled.cancel(false)).isTrue();

            assertThat(pool.snapshot().tasksQueued()).isEqualTo(1);
            assertThat(cancelled.ready()).isTrue();
            assertThat(cancelled.isDone()).isTrue();
            assertThat(cancelled.isCancelled()).isTrue();
            assertThat(cancelled.successful()).isFalse();
            assertThat(cancelled.cancel(true)).as("once is enough").isFalse();
            assertThatThrownBy(cancelled::get).isInstanceOf(CancellationException.class);
            assertThatThrownBy(() -> cancelled.get(Duration.ZERO)).isInstanceOf(CancellationException.class);
            gate.open();
            kept.get(LONG);
            assertThat(ledger.lines()).containsExactly("kept");
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(1);
        }
    }

    // I4: cancelled while it ran, with an interrupt; H3
    @Test
    void cancel_runningTaskWithInterrupt_interruptsItAndKeepsItsWorker() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = builder().workers(1).cancelGrace(LONG).build()) {
            TaskFuture<?> running = pool.applyAsync(() -> {
                try {
                    return gate.pass();
                } catch (InterruptedException e) {
                    ledger.add("interrupted " + WorkerContext.current().cancelled());
                    throw e;
                }
            });
            gate.awaitArrivals(1);

            assertThat(running.cancel(true)).isTrue();

            assertThat(running.isCancelled()).isTrue();
            assertThatThrownBy(running::get).isInstanceOf(CancellationException.class);
            boolean flag = pool.apply(() -> Thread.currentThread().isInterrupted());
            assertThat(flag).as("the interrupt reaches the next task").isFalse();
            assertThat(ledger.lines()).containsExactly("interrupted true");
            assertThat(pool.snapshot().workersLost()).isZero();
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(1);
        }
    }

    // I4: cancelled while it ran, without an interrupt
    @Test
    void cancel_runningTaskWithoutInterrupt_letsItEndAndDropsItsResult() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<?> running = pool.applyAsync(() -> {
                gate.pass();
                ledger.add("ended by itself");
                return 1;
            });
            gate.awaitArrivals(1);

            assertThat(running.cancel(false)).isTrue();

            assertThat(running.isDone()).isTrue();
            assertThatThrownBy(running::get).isInstanceOf(CancellationException.class);
            assertThat(ledger.lines()).isEmpty();
            gate.open();
            int next = pool.apply(Tasks::square, 2);
            assertThat(next).isEqualTo(4);
            assertThat(ledger.lines()).containsExactly("ended by itself");
            assertThat(running.isCancelled()).isTrue();
        }
    }

    @Test
    void cancel_manyQueuedTasks_leavesTheOthersInOrder() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            List<TaskFuture<?>> futures = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int n = i;
                futures.add(pool.applyAsync(() -> {
                    ledger.add(n);
                    return null;
                }));
            }
            for (int i = 0; i < 20; i += 2) {
                assertThat(futures.get(i).cancel(true)).isTrue();
            }
            gate.open();
            futures.get(19).get(LONG.toSeconds(), TimeUnit.SECONDS);

            assertThat(ledger.lines()).containsExactly("1", "3", "5", "7", "9", "11", "13", "15", "17", "19");
        }
    }

    // I5
    @Test
    void get_allForms_agreeOnValueFailureAndTimeout() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2)) {
            TaskFuture<String> value = pool.applyAsync(() -> "value");
            assertThat(value.get()).isEqualTo("value");
            assertThat(value.get(1, TimeUnit.NANOSECONDS)).isEqualTo("value");
            assertThat(value.get(Duration.ofSeconds(-1))).isEqualTo("value");
            assertThat(value.get(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo("value");
            assertThat(value.toCompletableFuture().join()).isEqualTo("value");

            TaskFuture<Integer> failure = pool.applyAsync(Tasks::boom, 1);
            Throwable bare = failureOf(failure);
            assertThat(bare).isInstanceOf(TaskFailedException.class);
            assertThatThrownBy(failure::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(bare);
            assertThatThrownBy(() -> failure.get(LONG))
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(bare);
            assertThatThrownBy(() -> failure.toCompletableFuture().get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(bare);
            assertThatThrownBy(() -> failure.toCompletableFuture().join())
                    .isInstanceOf(CompletionException.class)
                    .hasCause(bare);

            TaskFuture<Void> held = pool.applyAsync(gate::pass);
            assertThatThrownBy(() -> held.get(Duration.ZERO)).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> held.get(Duration.ofSeconds(-1))).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> held.get(1, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            gate.open();
            assertThat(held.get(LONG)).isNull();
        }
    }

    @Test
    void get_waitingThreadInterrupted_throwsAndTheTaskGoesOn() throws Exception {
        Gate gate = gate("gate");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (ProcessPool pool = pool(1)) {
            TaskFuture<String> future = pool.applyAsync(gate::passWith, "through");
            Thread waiter = new Thread(() -> thrown.set(catchThrowable(future::get)));
            waiter.start();
            gate.awaitArrivals(1);

            waiter.interrupt();
            waiter.join(LONG.toMillis());

            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            gate.open();
            assertThat(future.get(LONG)).isEqualTo("through");
        }
    }

    // I6
    @Test
    void toCompletableFuture_completedFromOutside_doesNotChangeTheHandle() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<String> future = pool.applyAsync(gate::passWith, "real");
            CompletableFuture<String> stage = future.toCompletableFuture();

            stage.complete("forged");

            assertThat(future.ready()).isFalse();
            gate.open();
            assertThat(future.get(LONG)).isEqualTo("real");
            assertThat(future.toCompletableFuture().complete("too late")).isFalse();
            assertThat(future.get()).isEqualTo("real");
        }
    }

    // A16
    @Test
    void toCompletableFuture_cancelled_cancelsTheTask() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(gate::pass);
            TaskFuture<?> queued = pool.applyAsync(() -> {
                ledger.add("ran");
                return null;
            });

            queued.toCompletableFuture().cancel(true);

            assertThat(queued.isCancelled()).isTrue();
            gate.open();
            pool.apply(() -> 1);
            assertThat(ledger.lines()).isEmpty();
        }
    }

    // A16
    @Test
    void toCompletableFuture_orTimeout_behavesAsAlways() {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<String> future = pool.applyAsync(gate::passWith, "late");

            assertThatThrownBy(() -> future.toCompletableFuture()
                            .copy()
                            .orTimeout(50, TimeUnit.MILLISECONDS)
                            .join())
                    .hasCauseInstanceOf(TimeoutException.class);
            gate.open();
            assertThat(future.toCompletableFuture().join()).isEqualTo("late");
        }
    }

    // I7
    @Test
    void combinators_firstCompletedAllCompletedAndTimeout_work() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2)) {
            CompletableFuture<String> slow =
                    pool.applyAsync(gate::passWith, "slow").toCompletableFuture();
            CompletableFuture<String> quick = pool.applyAsync(() -> "quick").toCompletableFuture();

            Object first = CompletableFuture.anyOf(slow, quick, quick).get(30, TimeUnit.SECONDS);
            CompletableFuture<Void> all = CompletableFuture.allOf(slow, quick, slow);

            assertThat(first).isEqualTo("quick");
            assertThatThrownBy(() -> all.get(SHORT.toMillis(), TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            gate.open();
            all.get(30, TimeUnit.SECONDS);
            assertThat(slow.join()).isEqualTo("slow");
        }
    }

    // I7
    @Test
    void combinators_firstException_isSeenBeforeTheOthersEnd() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2)) {
            CompletableFuture<String> slow =
                    pool.applyAsync(gate::passWith, "slow").toCompletableFuture();
            CompletableFuture<Integer> failing = pool.applyAsync(Tasks::boom, 1).toCompletableFuture();

            assertThatThrownBy(() -> CompletableFuture.anyOf(slow, failing).get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(TaskFailedException.class);
            assertThat(slow).isNotDone();
            gate.open();
            assertThatThrownBy(() -> CompletableFuture.allOf(slow, failing).get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(TaskFailedException.class);
            assertThat(slow).isCompleted();
        }
    }

    // D12
    @Test
    void failures_ofManyTasks_areObjectsOfTheirOwn() {
        Set<Integer> identities = new HashSet<>();
        try (ProcessPool pool = pool(1)) {
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                futures.add(pool.applyAsync(Tasks::boom, i));
            }
            for (TaskFuture<Integer> future : futures) {
                Throwable failure = failureOf(future);
                identities.add(System.identityHashCode(failure));
                identities.add(System.identityHashCode(failure.getCause()));
            }
            assertThat(identities).hasSize(20);
        }
    }

    // D12
    @Test
    void failures_ofTasksThatWereGivenUp_areObjectsOfTheirOwn() {
        Gate gate = gate("gate");
        Set<Integer> identities = new HashSet<>();
        List<TaskFuture<?>> futures = new ArrayList<>();
        try (ProcessPool pool = pool(1)) {
            futures.add(pool.applyAsync(gate::pass));
            gate.awaitArrivals(1);
            for (int i = 0; i < 9; i++) {
                futures.add(pool.applyAsync(() -> 1));
            }
            pool.terminate();
            for (TaskFuture<?> future : futures) {
                Throwable failure = failureOf(future);
                assertThat(failure).isInstanceOf(PoolClosedException.class).hasMessageContaining("terminated");
                identities.add(System.identityHashCode(failure));
            }
        }
        assertThat(identities).hasSize(10);
    }

    @Test
    void successful_resultCannotBeDecoded_isFalse() throws Exception {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<?> future = pool.applyAsync(() -> new Undecodable());
            await().atMost(LONG).until(future::ready);

            assertThat(future.successful()).isFalse();
            assertThat(failureOf(future)).isInstanceOf(TaskSerializationException.class);
        }
    }

    /** Can be written, and read nowhere. */
    static final class Undecodable implements java.io.Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(java.io.ObjectInputStream in) {
            throw new IllegalStateException("will not be read");
        }
    }

    @Test
    void toString_always_namesTheTaskAndItsState() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> future = pool.applyAsync(gate::pass);
            assertThat(future.toString()).contains(String.valueOf(future.id()), "pending");
            gate.open();
            future.get(LONG);
            assertThat(future.toString()).contains(String.valueOf(future.id()), "succeeded");
        }
    }
}
