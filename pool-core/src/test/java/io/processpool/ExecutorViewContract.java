package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The pool as an {@link ExecutorService}: rows A16 and I7. */
abstract class ExecutorViewContract extends PoolContract {

    ExecutorViewContract(Mode mode) {
        super(mode);
    }

    /** What a user of the view writes. */
    @FunctionalInterface
    interface RemoteCallable<T> extends Callable<T>, Serializable {}

    @FunctionalInterface
    interface RemoteRunnable extends Runnable, Serializable {}

    private static <T> RemoteCallable<T> task(RemoteCallable<T> task) {
        return task;
    }

    @Test
    void submit_callableAndRunnable_runInTheWorker() throws Exception {
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            ExecutorService view = pool.asExecutorService();

            Future<Long> callable = view.submit(task(PoolContract::pid));
            RemoteRunnable first = () -> ledger.add("first");
            Future<?> runnable = view.submit(first);
            RemoteRunnable second = () -> ledger.add("second");
            Future<String> withResult = view.submit(second, "result");
            RemoteRunnable third = () -> ledger.add("third");
            view.execute(third);

            assertThat(callable.get(30, TimeUnit.SECONDS))
                    .isEqualTo(pool.activeChildren().get(0).pid());
            assertThat(runnable.get(30, TimeUnit.SECONDS)).isNull();
            assertThat(withResult.get(30, TimeUnit.SECONDS)).isEqualTo("result");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(ledger.lines()).containsExactly("first", "second", "third"));
        }
    }

    // A16
    @Test
    void submit_taskFailsOrIsCancelled_futureSaysSo() {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            ExecutorService view = pool.asExecutorService();
            Future<Object> failing = view.submit(task(() -> {
                throw new IllegalStateException("boom");
            }));
            assertThat(failureOf(failing))
                    .isInstanceOf(TaskFailedException.class)
                    .hasRootCauseMessage("boom");

            Future<Void> cancelled = view.submit(task(gate::pass));
            gate.awaitArrivals(1);
            assertThat(cancelled.cancel(true)).isTrue();
            assertThat(cancelled.isCancelled()).isTrue();
            assertThatThrownBy(cancelled::get).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void submit_taskNotSerializable_failsAndSaysWhatToDo() {
        Object notSerializable = new Object();
        Callable<Integer> callable = notSerializable::hashCode;
        try (ProcessPool pool = pool(1)) {
            ExecutorService view = pool.asExecutorService();

            assertThat(failureOf(view.submit(callable)))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining("serializable");
            assertThat(failureOf(view.submit(() -> {}))).isInstanceOf(TaskSerializationException.class);
            assertThat(failureOf(view.submit(() -> {}, 1))).isInstanceOf(TaskSerializationException.class);
        }
    }

    /** A task that is dropped without a word would make whoever waits for it wait for ever. */
    @Test
    void execute_taskNotSerializable_isNotLostSilently() {
        try (ProcessPool pool = pool(1)) {
            ExecutorService view = pool.asExecutorService();

            assertThatThrownBy(() -> view.execute(() -> {}))
                    .isInstanceOfAny(TaskSerializationException.class, RejectedExecutionException.class);
            Throwable bridged = catchThrowable(
                    () -> CompletableFuture.supplyAsync(() -> 1, view).get(5, TimeUnit.SECONDS));
            assertThat(bridged).isNotNull().isNotInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void submit_null_isRefused() {
        try (ProcessPool pool = pool(1)) {
            ExecutorService view = pool.asExecutorService();
            assertThatNullPointerException().isThrownBy(() -> view.submit((Callable<?>) null));
            assertThatNullPointerException().isThrownBy(() -> view.submit((Runnable) null));
            assertThatNullPointerException().isThrownBy(() -> view.execute(null));
            assertThatNullPointerException().isThrownBy(() -> view.invokeAll(null));
            assertThatNullPointerException().isThrownBy(() -> view.invokeAny(null));
        }
    }

    // I7: all completed
    @Test
    void invokeAll_someFail_returnsAllInOrderWhenAllHaveEnded() throws Exception {
        try (ProcessPool pool = pool(2)) {
            List<RemoteCallable<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                int n = i;
                tasks.add(() -> {
                    if (n == 4) {
                        throw new IllegalStateException("four");
                    }
                    return n * n;
                });
            }

            List<Future<Integer>> futures = pool.asExecutorService().invokeAll(tasks);

            assertThat(futures).hasSize(10).allMatch(Future::isDone);
            for (int i = 0; i < 10; i++) {
                if (i == 4) {
                    assertThat(failureOf(futures.get(4))).hasRootCauseMessage("four");
                } else {
                    assertThat(futures.get(i).get()).isEqualTo(i * i);
                }
            }
            assertThat(pool.asExecutorService().invokeAll(List.<RemoteCallable<Integer>>of()))
                    .isEmpty();
        }
    }

    @Test
    void completionService_overTheView_yieldsWhatEndsFirst() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2)) {
            CompletionService<String> service = new ExecutorCompletionService<>(pool.asExecutorService());

            Future<String> slow = service.submit(task(() -> gate.passWith("slow")));
            gate.awaitArrivals(1);
            Future<String> quick = service.submit(task(() -> "quick"));
            assertThat(service.poll(30, TimeUnit.SECONDS)).isSameAs(quick);
            Future<String> failing = service.submit(task(() -> {
                throw new IllegalStateException("boom");
            }));
            assertThat(service.poll(30, TimeUnit.SECONDS)).isSameAs(failing);
            RemoteRunnable action = () -> {};
            Future<String> withResult = service.submit(action, "result");
            assertThat(service.poll(30, TimeUnit.SECONDS)).isSameAs(withResult);
            assertThat(service.poll()).isNull();
            gate.open();
            assertThat(service.poll(30, TimeUnit.SECONDS)).isSameAs(slow);

            assertThat(quick.get()).isEqualTo("quick");
            assertThat(slow.get()).isEqualTo("slow");
            assertThat(withResult.get()).isEqualTo("result");
            assertThat(failureOf(failing))
                    .isInstanceOf(TaskFailedException.class)
                    .hasRootCauseMessage("boom");
        }
    }

    @Test
    void completionService_taskCancelled_isStoppedInTheWorker() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = builder().workers(1).cancelGrace(LONG).build()) {
            CompletionService<Void> service = new ExecutorCompletionService<>(pool.asExecutorService());
            Future<Void> held = service.submit(task(gate::pass));
            gate.awaitArrivals(1);

            assertThat(held.cancel(true)).isTrue();

            assertThat(service.poll(30, TimeUnit.SECONDS)).isSameAs(held);
            assertThat(held.isCancelled()).isTrue();
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(1);
        }
    }

    @Test
    void completionService_poolRefuses_throwsAsExecutorsDo() {
        ProcessPool pool = pool(1);
        pool.close();

        CompletionService<Integer> service = new ExecutorCompletionService<>(pool.asExecutorService());

        assertThatThrownBy(() -> service.submit(task(() -> 1))).isInstanceOf(RejectedExecutionException.class);
    }

    // I7: timeout
    @Test
    void invokeAll_timesOut_cancelsWhatHasNotEnded() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = builder().workers(1).cancelGrace(LONG).build()) {
            pool.apply(Tasks::square, 1);
            List<Future<Void>> futures = pool.asExecutorService()
                    .invokeAll(List.of(task(() -> null), task(gate::pass), task(gate::pass)), 2, TimeUnit.SECONDS);

            assertThat(futures).hasSize(3).allMatch(Future::isDone);
            assertThat(futures).extracting(Future::isCancelled).containsExactly(false, true, true);
            assertThat(gate.arrivals()).isEqualTo(1);
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
        }
    }

    // I7: first completed
    @Test
    void invokeAny_oneSucceeds_returnsItAndCancelsTheOthers() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = builder().workers(2).cancelGrace(LONG).build()) {
            ExecutorService view = pool.asExecutorService();
            String first = view.invokeAny(List.of(
                    task(() -> gate.passWith("held")),
                    task(() -> {
                        throw new IllegalStateException("fails first");
                    }),
                    task(() -> "quick")));

            assertThat(first).isEqualTo("quick");
            await().atMost(LONG).until(() -> pool.snapshot().tasksActive() == 0);
            assertThat(pool.snapshot().workersLost()).isZero();
            assertThatThrownBy(() -> view.invokeAny(List.of(task(() -> {
                        throw new IllegalStateException("only one");
                    }))))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("only one");
            assertThatThrownBy(() -> view.invokeAny(List.<RemoteCallable<String>>of()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void invokeAny_timesOut_cancelsAll() {
        Gate gate = gate("gate");
        try (ProcessPool pool = builder().workers(1).cancelGrace(LONG).build()) {
            pool.apply(Tasks::square, 1);
            assertThatThrownBy(() -> pool.asExecutorService()
                            .invokeAny(List.of(task(gate::pass), task(gate::pass)), 500, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            assertThat(pool.snapshot().tasksCancelled()).isEqualTo(2);
        }
    }

    @Test
    void shutdown_ofTheView_shutsThePoolDownAndRefusesAsExecutorsDo() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            ExecutorService view = pool.asExecutorService();
            Future<String> running = view.submit(task(() -> gate.passWith("finished")));
            Future<Integer> queued = view.submit(task(() -> 2));
            gate.awaitArrivals(1);
            assertThat(view.isShutdown()).isFalse();

            view.shutdown();

            assertThat(view.isShutdown()).isTrue();
            assertThat(view.isTerminated()).isFalse();
            assertThat(view.awaitTermination(10, TimeUnit.MILLISECONDS)).isFalse();
            assertThatThrownBy(() -> view.submit(task(() -> 1))).isInstanceOf(RejectedExecutionException.class);
            RemoteRunnable nothing = () -> {};
            assertThatThrownBy(() -> view.execute(nothing)).isInstanceOf(RejectedExecutionException.class);
            assertThatThrownBy(() -> pool.apply(() -> 1)).isInstanceOf(PoolClosedException.class);
            gate.open();
            assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo("finished");
            assertThat(queued.get(30, TimeUnit.SECONDS)).isEqualTo(2);
            assertThat(view.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            assertThat(view.isTerminated()).isTrue();
        }
    }

    @Test
    void submit_queueFullAndReject_refusesAsExecutorsDo() {
        Gate gate = gate("gate");
        try (ProcessPool pool = builder()
                .workers(1)
                .queueCapacity(1)
                .saturation(Saturation.REJECT)
                .build()) {
            ExecutorService view = pool.asExecutorService();
            view.submit(task(gate::pass));
            gate.awaitArrivals(1);
            view.submit(task(() -> 1));

            assertThatThrownBy(() -> view.submit(task(() -> 2))).isInstanceOf(RejectedExecutionException.class);
            gate.open();
        }
    }

    @Test
    void shutdownNow_ofTheView_givesUpWhatRunsAndWaits() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            ExecutorService view = pool.asExecutorService();
            Future<Void> running = view.submit(task(gate::pass));
            Future<Integer> queued = view.submit(task(() -> 2));
            gate.awaitArrivals(1);

            assertThat(view.shutdownNow()).isEmpty();

            assertThat(failureOf(running)).isInstanceOf(PoolClosedException.class);
            assertThat(failureOf(queued)).isInstanceOf(PoolClosedException.class);
            assertThat(view.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            assertThat(view.isTerminated()).isTrue();
        }
    }

    @Test
    void awaitTermination_poolShutDownMeanwhile_returnsThen() throws Exception {
        AtomicReference<Boolean> terminated = new AtomicReference<>();
        try (ProcessPool pool = pool(1)) {
            pool.apply(Tasks::square, 1);
            Thread waiter = new Thread(() -> terminated.set(
                    Tasks.unchecked(() -> pool.asExecutorService().awaitTermination(60, TimeUnit.SECONDS))));
            waiter.start();
            await().atMost(LONG).until(() -> waiter.getState() == Thread.State.TIMED_WAITING);

            pool.shutdown();
            waiter.join(Duration.ofSeconds(15).toMillis());
            boolean returned = !waiter.isAlive();
            waiter.interrupt();

            assertThat(returned).isTrue();
            assertThat(terminated).hasValue(true);
        }
    }

    @Test
    void awaitTermination_poolRuns_waitsForTheTimeout() throws Exception {
        try (ProcessPool pool = pool(1)) {
            long start = System.nanoTime();
            assertThat(pool.asExecutorService().awaitTermination(100, TimeUnit.MILLISECONDS))
                    .isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        }
    }
}
