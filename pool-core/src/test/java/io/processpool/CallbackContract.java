package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Callbacks on handles: where they run, and that they may do anything; row I1, I3 and the callback rows of A. */
abstract class CallbackContract extends PoolContract {

    CallbackContract(Mode mode) {
        super(mode);
    }

    // I1, A7
    @Test
    void callback_taskSucceeds_isCalledOnceWithTheValueOnACallbackThread() throws Exception {
        ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();
        try (ProcessPool pool = builder().workers(1).name("callbacks").build()) {
            TaskFuture<Integer> future = pool.applyAsync(Tasks::square, 3);
            CompletableFuture<Void> called = future.thenAccept(value ->
                            calls.add(value + " on " + Thread.currentThread().getName()))
                    .toCompletableFuture();
            called.get(LONG.toSeconds(), TimeUnit.SECONDS);
            future.get();
            pool.apply(Tasks::square, 1);

            assertThat(calls).singleElement().asString().startsWith("9 on pool-callbacks-callback-");
        }
    }

    // I1, A8
    @Test
    void callback_taskFails_receivesTheFailureThatGetThrows() throws Exception {
        AtomicInteger thenCalled = new AtomicInteger();
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Integer> future = pool.applyAsync(Tasks::boom, 1);
            future.thenAccept(value -> thenCalled.incrementAndGet());
            Throwable received = future.handle((value, failure) -> failure)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            int repaired =
                    future.exceptionally(failure -> -1).toCompletableFuture().get(30, TimeUnit.SECONDS);

            assertThat(received).isInstanceOf(TaskFailedException.class).hasRootCauseMessage("boom");
            assertThat(failureOf(future)).isSameAs(received);
            assertThat(repaired).isEqualTo(-1);
            assertThat(thenCalled).hasValue(0);
        }
    }

    // I1, A16
    @Test
    void callback_taskCancelled_receivesACancellation() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> future = pool.applyAsync(gate::pass);
            CompletableFuture<Throwable> received =
                    future.handle((value, failure) -> failure).toCompletableFuture();
            gate.awaitArrivals(1);

            future.cancel(true);

            assertThat(received.get(30, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        }
    }

    // I3
    @Test
    void callback_registeredAfterTheEnd_runsAtOnce() throws Exception {
        try (ProcessPool pool = builder().workers(1).name("late").build()) {
            TaskFuture<Integer> succeeded = pool.applyAsync(Tasks::square, 3);
            TaskFuture<Integer> failed = pool.applyAsync(Tasks::boom, 1);
            TaskFuture<Integer> cancelled = pool.applyAsync(Tasks::square, 3);
            succeeded.get(LONG);
            failureOf(failed);
            if (!cancelled.cancel(true)) {
                cancelled.get(LONG);
            }
            for (int round = 0; round < 3; round++) {
                int value =
                        succeeded.thenApply(x -> x + 1).toCompletableFuture().get(30, TimeUnit.SECONDS);
                Throwable failure =
                        failed.handle((x, e) -> e).toCompletableFuture().get(30, TimeUnit.SECONDS);
                boolean ended =
                        cancelled.handle((x, e) -> true).toCompletableFuture().get(30, TimeUnit.SECONDS);

                assertThat(value).isEqualTo(10);
                assertThat(failure).isInstanceOf(TaskFailedException.class);
                assertThat(ended).isTrue();
            }
        }
    }

    /** As {@link TaskFuture} says: on the callback executor, unless the task has ended already. */
    @Test
    void callback_registeredBeforeAndAfterTheEnd_runsWhereItIsPromised() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = builder().workers(1).name("where").build()) {
            TaskFuture<Void> future = pool.applyAsync(gate::pass);
            CompletableFuture<String> early =
                    future.thenApply(x -> Thread.currentThread().getName()).toCompletableFuture();
            gate.open();
            assertThat(early.get(30, TimeUnit.SECONDS)).startsWith("pool-where-callback-");

            AtomicReference<Thread> late = new AtomicReference<>();
            future.thenRun(() -> late.set(Thread.currentThread()));
            assertThat(late).hasValue(Thread.currentThread());
        }
    }

    @Test
    void callback_registeredAfterThePoolHasEnded_stillRuns() throws Exception {
        TaskFuture<Integer> succeeded;
        TaskFuture<Integer> failed;
        try (ProcessPool pool = pool(1)) {
            succeeded = pool.applyAsync(Tasks::square, 3);
            failed = pool.applyAsync(Tasks::boom, 1);
        }

        int value = succeeded.thenApply(x -> x + 1).toCompletableFuture().get(5, TimeUnit.SECONDS);
        Throwable failure = failed.handle((x, e) -> e).toCompletableFuture().get(5, TimeUnit.SECONDS);

        assertThat(value).isEqualTo(10);
        assertThat(failure).isInstanceOf(TaskFailedException.class);
        assertThat(succeeded.get()).isEqualTo(9);
    }

    // A10
    @Test
    void callback_throws_harmsNobody() throws Exception {
        CountDownLatch called = new CountDownLatch(2);
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Integer> future = pool.applyAsync(Tasks::square, 3);
            future.thenAccept(value -> {
                called.countDown();
                throw new IllegalStateException("bad callback");
            });
            future.whenComplete((value, failure) -> {
                called.countDown();
                throw new AssertionError("worse callback");
            });

            assertThat(future.get(LONG)).isEqualTo(9);
            assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();
            int next = pool.apply(Tasks::square, 4);
            int nextByCallback = pool.applyAsync(Tasks::square, 5)
                    .thenApply(x -> x)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            assertThat(next).isEqualTo(16);
            assertThat(nextByCallback).isEqualTo(25);
        }
    }

    @Test
    void callback_blocks_tasksAndOtherCallbacksGoOn() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(Tasks::square, 1)
                    .thenAccept(value -> Tasks.unchecked(() -> {
                        blocked.countDown();
                        return release.await(60, TimeUnit.SECONDS);
                    }));
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();

            int byTask = pool.apply(Tasks::square, 4);
            int byCallback = pool.applyAsync(Tasks::square, 5)
                    .thenApply(x -> x)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            assertThat(byTask).isEqualTo(16);
            assertThat(byCallback).isEqualTo(25);
            release.countDown();
        } finally {
            release.countDown();
        }
    }

    /** Makes so many tasks with callbacks that block until they are released. */
    private static List<CompletableFuture<Boolean>> blockingCallbacks(
            ProcessPool pool, int count, CountDownLatch release) {
        List<CompletableFuture<Boolean>> callbacks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            callbacks.add(pool.applyAsync(Tasks::square, i)
                    .thenApply(value -> Tasks.unchecked(() -> release.await(60, TimeUnit.SECONDS)))
                    .toCompletableFuture());
        }
        return callbacks;
    }

    private static void assertAllTrue(List<CompletableFuture<Boolean>> callbacks) throws Exception {
        for (CompletableFuture<Boolean> callback : callbacks) {
            assertThat(callback.get(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void callback_moreBlockThanThereAreThreads_tasksStillRun() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (ProcessPool pool = pool(1)) {
            List<CompletableFuture<Boolean>> callbacks = blockingCallbacks(pool, 40, release);
            for (int i = 0; i < 40; i++) {
                int result = pool.applyAsync(Tasks::square, i).get(LONG);
                assertThat(result).isEqualTo(i * i);
            }
            release.countDown();
            assertAllTrue(callbacks);
        } finally {
            release.countDown();
        }
    }

    @Test
    void callback_manyBlock_otherCallbacksStillRun() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (ProcessPool pool = pool(1)) {
            List<CompletableFuture<Boolean>> callbacks = blockingCallbacks(pool, 100, release);

            int other = pool.applyAsync(Tasks::square, 5)
                    .thenApply(x -> x)
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);

            assertThat(other).isEqualTo(25);
            assertThat(callbacks).as("those that block").noneMatch(CompletableFuture::isDone);
            release.countDown();
            assertAllTrue(callbacks);
        } finally {
            release.countDown();
        }
    }

    @Test
    void callback_usesThePool_works() throws Exception {
        try (ProcessPool pool = pool(1)) {
            List<CompletableFuture<List<Integer>>> results = new ArrayList<>();
            for (int i = 0; i < 30; i++) { // more than there are callback threads: each waits for tasks of its own
                results.add(pool.applyAsync(Tasks::square, i)
                        .thenApply(x -> {
                            int doubled = pool.apply(y -> 2 * y, x);
                            assertThat(pool.snapshot().state()).isEqualTo(PoolState.RUNNING);
                            return pool.map(y -> y + 1, List.of(doubled, x));
                        })
                        .toCompletableFuture());
            }
            for (int i = 0; i < 30; i++) {
                assertThat(results.get(i).get(30, TimeUnit.SECONDS)).containsExactly(2 * i * i + 1, i * i + 1);
            }
        }
    }

    @Test
    void callback_composesFurtherTasks_works() throws Exception {
        try (ProcessPool pool = pool(1)) {
            int result = pool.applyAsync(Tasks::square, 2)
                    .thenCompose(x -> pool.applyAsync(Tasks::square, x))
                    .thenCombine(pool.applyAsync(Tasks::square, 10), Integer::sum)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            assertThat(result).isEqualTo(116);
        }
    }

    @Test
    void callback_closesThePool_waitsForTheOtherTasksAndNotForItself() throws Exception {
        Gate gate = gate("gate");
        ProcessPool pool = pool(2);
        try {
            TaskFuture<Void> held = pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            CompletableFuture<Boolean> closing = pool.applyAsync(Tasks::square, 2)
                    .thenApplyAsync(x -> {
                        pool.close();
                        return held.ready();
                    })
                    .toCompletableFuture();
            await().atMost(LONG).until(() -> pool.snapshot().state() == PoolState.SHUTDOWN);
            assertThat(closing).isNotDone();

            gate.open();

            assertThat(closing.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        } finally {
            gate.open();
            pool.close();
        }
    }

    @Test
    void callback_terminatesThePool_works() throws Exception {
        Gate gate = gate("gate");
        ProcessPool pool = pool(2);
        try {
            TaskFuture<Void> held = pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            pool.applyAsync(Tasks::square, 2)
                    .thenAccept(x -> pool.terminate())
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            assertThat(failureOf(held)).isInstanceOf(PoolClosedException.class);
            assertThat(pool.join(LONG)).isTrue();
        } finally {
            pool.close();
        }
    }
}
