package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import io.processpool.PoolClosedException;
import io.processpool.ProcessPoolException;
import io.processpool.TaskFailedException;
import io.processpool.TaskOutcome;
import io.processpool.TaskTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DefaultTaskFutureTests extends TaskFutureFixture {

    // ---- the ends -------------------------------------------------------------------------------------------------

    @Test
    void state_pending_isNothingYet() {
        assertThat(future.id()).isEqualTo(7);
        assertThat(future.ready()).isFalse();
        assertThat(future.isDone()).isFalse();
        assertThat(future.isCancelled()).isFalse();
        assertThatIllegalStateException().isThrownBy(future::successful).withMessage("task 7 has not ended yet");
        assertThat(future.toString()).isEqualTo("TaskFuture[7, pending]");
    }

    @Test
    void state_succeeded_isAValue() throws Exception {
        succeed("yes");

        assertThat(future.ready()).isTrue();
        assertThat(future.isDone()).isTrue();
        assertThat(future.isCancelled()).isFalse();
        assertThat(future.successful()).isTrue();
        assertThat(future.get()).isEqualTo("yes");
        assertThat(future.get(0, TimeUnit.SECONDS)).isEqualTo("yes");
        assertThat(future.get(Duration.ZERO)).isEqualTo("yes");
        assertThat(future.await()).isEqualTo("yes");
        assertThat(future.toString()).isEqualTo("TaskFuture[7, succeeded]");
    }

    @Test
    void state_succeededWithNull_isAValueToo() throws Exception {
        succeed(null);

        assertThat(future.successful()).isTrue();
        assertThat(future.get()).isNull();
        assertThat(future.await()).isNull();
        CompletableFuture<String> stage = future.toCompletableFuture();
        callbacks.runAll();
        assertThat(stage).isCompletedWithValue(null);
    }

    /** Each way in which a task may end, other than with a value. */
    @ParameterizedTest
    @EnumSource(value = TaskOutcome.class, names = "SUCCESS", mode = EnumSource.Mode.EXCLUDE)
    void state_everyOtherEnd_isItsException(TaskOutcome outcome) {
        RuntimeException failure = failure(outcome);
        if (outcome == TaskOutcome.CANCELLED) {
            future.cancel(true);
        } else {
            fail(failure);
        }

        assertThat(future.ready()).isTrue();
        assertThat(future.successful()).isFalse();
        assertThat(future.isCancelled()).isEqualTo(outcome == TaskOutcome.CANCELLED);
        assertThat(future.toString()).isEqualTo("TaskFuture[7, failed]");
        if (outcome == TaskOutcome.CANCELLED) {
            assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
            assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> future.get(Duration.ZERO));
            assertThatExceptionOfType(CancellationException.class).isThrownBy(future::await);
        } else {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(future::get)
                    .havingCause()
                    .isSameAs(failure);
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> future.get(1, TimeUnit.SECONDS))
                    .havingCause()
                    .isSameAs(failure);
            assertThatCode(future::await).as("bare").isSameAs(failure);
        }
    }

    private static RuntimeException failure(TaskOutcome outcome) {
        return switch (outcome) {
            case SUCCESS -> throw new AssertionError("no failure");
            case FAILURE -> new TaskFailedException("failed", new IllegalStateException("in the worker"));
            case TIMEOUT -> new TaskTimeoutException("timed out", null);
            case CANCELLED -> new CancellationException("cancelled");
            case WORKER_LOST -> new ProcessPoolException("worker lost");
            case ABANDONED -> new PoolClosedException("closed", null);
        };
    }

    /** Messages for others come all the time, so that looking by itself never seems to be in vain. */
    @Test
    void get_thereIsAlwaysSomethingToLookAt_timesOutAllTheSame() {
        DefaultTaskFuture.Looking busy = condition -> {
            while (!condition.getAsBoolean()) {
                Thread.onSpinWait();
            }
        };
        DefaultTaskFuture<String> looking = new DefaultTaskFuture<>(7, callbacks, busy, cancels::add);

        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> looking.get(Duration.ofMillis(3)));
    }

    @Test
    void failed_beforeItBegan_isThatFailure() {
        ProcessPoolException failure = new ProcessPoolException("cannot travel");

        DefaultTaskFuture<String> stillborn = DefaultTaskFuture.failed(8, callbacks, failure);

        assertThat(stillborn.id()).isEqualTo(8);
        assertThat(stillborn.ready()).isTrue();
        assertThat(stillborn.cancel(true)).isFalse();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(stillborn::get)
                .havingCause()
                .isSameAs(failure);
    }

    @Test
    void settle_twice_theFirstCounts() throws Exception {
        assertThat(future.settle(settled(() -> "first"))).isTrue();
        assertThat(future.settle(settled(() -> "second"))).isFalse();

        assertThat(future.get()).isEqualTo("first");
    }

    // ---- get ------------------------------------------------------------------------------------------------------

    @Test
    void get_failed_givesEachCallerAnExceptionOfHisOwnAroundTheOneFailure() {
        fail(new TaskFailedException("failed", null));
        Set<Throwable> wrappers = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Throwable> causes = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 5; i++) {
            try {
                future.get();
            } catch (ExecutionException e) {
                wrappers.add(e);
                causes.add(e.getCause());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        assertThat(wrappers).hasSize(5);
        assertThat(causes).hasSize(1);
    }

    @Test
    void get_cancelled_givesEachCallerAnExceptionOfHisOwn() {
        future.cancel(false);

        CancellationException[] thrown = new CancellationException[2];
        for (int i = 0; i < 2; i++) {
            int at = i;
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(future::get)
                    .withMessage("task 7 was cancelled")
                    .satisfies(e -> thrown[at] = e);
        }
        assertThat(thrown[0]).isNotSameAs(thrown[1]);
    }

    @Test
    void get_notInTime_timesOutAndMayBeAskedAgain() throws Exception {
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> future.get(3, TimeUnit.MILLISECONDS))
                .withMessage("task 7 has not ended within PT0.003S");
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(0, TimeUnit.SECONDS));
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(-1, TimeUnit.SECONDS));
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> future.get(Duration.ofMillis(3)))
                .withMessage("task 7 has not ended within PT0.003S");
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(Duration.ZERO));
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(Duration.ofDays(-1)));
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> future.get(Duration.ofSeconds(Long.MIN_VALUE)));
        assertThat(cancels).as("the task goes on").isEmpty();

        succeed("late");

        assertThat(future.get(Duration.ofDays(100_000_000))).isEqualTo("late");
    }

    @Test
    void get_nullDuration_isRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> future.get((Duration) null))
                .withMessageContaining("timeout");
    }

    @Test
    void get_waits_untilTheEnd() throws Exception {
        AtomicReference<Object> result = new AtomicReference<>();
        Thread waiter = new Thread(() -> {
            try {
                result.set(future.get(Duration.ofSeconds(50)));
            } catch (Exception e) {
                result.set(e);
            }
        });
        waiter.start();
        await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);

        succeed("yes");

        waiter.join(30_000);
        assertThat(result.get()).isEqualTo("yes");
    }

    @Test
    void get_interrupted_throwsAndTheTaskGoesOn() throws Exception {
        AtomicReference<Object> result = new AtomicReference<>();
        Thread waiter = new Thread(() -> {
            try {
                result.set(future.get());
            } catch (InterruptedException | ExecutionException e) {
                result.set(e);
            }
        });
        waiter.start();
        await().until(() -> waiter.getState() == Thread.State.WAITING);

        waiter.interrupt();

        waiter.join(30_000);
        assertThat(result.get()).isInstanceOf(InterruptedException.class);
        assertThat(cancels).isEmpty();
        succeed("later");
        assertThat(future.get()).isEqualTo("later");
    }

    // ---- decoding -------------------------------------------------------------------------------------------------

    @Test
    void decode_nobodyAsks_isNotDone() {
        succeed("yes");

        assertThat(future.ready()).isTrue();
        assertThat(decoded).hasValue(0);
        assertThat(callbacks.waiting()).isZero();
    }

    @Test
    void decode_manyAskAtOnce_isDoneOnceAndAllGetTheSameObject() throws Exception {
        future.settle(settled(() -> new String("value")));
        int askers = 8;
        CyclicBarrier together = new CyclicBarrier(askers);
        Set<String> got = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < askers; i++) {
            Thread thread = new Thread(() -> {
                try {
                    together.await();
                    got.add(future.get());
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        CompletableFuture<String> stage = future.toCompletableFuture();
        callbacks.runAll();
        for (Thread thread : threads) {
            thread.join(30_000);
        }
        got.add(stage.join());

        assertThat(decoded).hasValue(1);
        assertThat(got).hasSize(1);
    }

    /** The codec and the classes of values are the user's. */
    @ParameterizedTest
    @ValueSource(
            classes = {
                IllegalStateException.class,
                java.io.IOException.class,
                NoClassDefFoundError.class,
                StackOverflowError.class,
                AssertionError.class,
            })
    void decode_throws_isTheFailureOfTheTaskForAll(Class<? extends Throwable> type) throws Exception {
        Throwable thrown = type.getDeclaredConstructor().newInstance();
        future.settle(settled(() -> {
            throw Sneaky.rethrow(thrown);
        }));
        CompletableFuture<String> stage = future.toCompletableFuture();

        callbacks.runAll();

        assertThat(stage).isCompletedExceptionally();
        assertThat(future.successful()).isFalse();
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(future::get)
                    .havingCause()
                    .isSameAs(thrown);
        }
        assertThat(decoded).hasValue(1);
    }

    // ---- cancel ---------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancel_pending_stopsTheJobOnce(boolean interrupt) {
        assertThat(future.cancel(interrupt)).isTrue();
        assertThat(future.cancel(interrupt)).isFalse();

        assertThat(cancels).containsExactly(interrupt);
        assertThat(future.isCancelled()).isTrue();
        assertThat(future.settle(settled(() -> "too late"))).isFalse();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
    }

    @Test
    void cancel_leftAlone_canStillBeStopped() {
        assertThat(future.cancel(false)).isTrue();
        for (int i = 0; i < 3; i++) {
            assertThat(future.cancel(true)).as("the future has ended").isFalse();
        }
        assertThat(future.cancel(false)).isFalse();

        assertThat(cancels).containsExactly(false, true);
    }

    @Test
    void cancel_ended_isTooLate() throws Exception {
        succeed("yes");

        assertThat(future.cancel(true)).isFalse();

        assertThat(cancels).isEmpty();
        assertThat(future.isCancelled()).isFalse();
        assertThat(future.get()).isEqualTo("yes");
    }

    @Test
    void cancel_whileTheResultArrives_isOneOrTheOther() throws Exception {
        for (int round = 0; round < 500; round++) {
            List<Boolean> stops = Collections.synchronizedList(new ArrayList<>());
            DefaultTaskFuture<String> raced = new DefaultTaskFuture<>(round, callbacks, condition -> {}, stops::add);
            CyclicBarrier together = new CyclicBarrier(2);
            Thread settler = new Thread(() -> {
                try {
                    together.await();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                raced.settle(settled(() -> "yes"));
            });
            settler.start();
            together.await();
            boolean cancelled = raced.cancel(true);
            settler.join(30_000);

            assertThat(raced.isCancelled()).isEqualTo(cancelled);
            assertThat(raced.successful()).isEqualTo(!cancelled);
            assertThat(stops).hasSize(cancelled ? 1 : 0);
        }
    }
}
