package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.TaskFailedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The handle as a {@link CompletionStage}. */
@Timeout(60)
class TaskFutureStageTests extends TaskFutureFixture {

    // ---- stages ---------------------------------------------------------------------------------------------------

    @Test
    void stage_succeeds_runsOnTheCallbackExecutor() {
        List<String> heard = new ArrayList<>();
        future.thenAccept(heard::add);
        future.thenApply(String::length).thenAccept(length -> heard.add("length " + length));
        future.whenComplete((value, failure) -> heard.add(value + ", " + failure));
        succeed("yes");
        assertThat(heard).as("not on the thread that delivers").isEmpty();

        callbacks.runAll();

        assertThat(heard).containsExactlyInAnyOrder("yes", "length 3", "yes, null");
    }

    @Test
    void stage_addedAfterTheEnd_runsOnTheCallbackExecutor() {
        succeed("yes");
        List<String> heard = new ArrayList<>();

        future.thenAccept(heard::add);
        assertThat(heard).as("not on the caller's thread").isEmpty();
        callbacks.runAll();

        assertThat(heard).containsExactly("yes");
    }

    @Test
    void stage_theExecutorDoesNotTakeIt_failsWithThat() {
        OutOfMemoryError scarcity = new OutOfMemoryError("unable to create native thread");
        DefaultTaskFuture<String> scarce = new DefaultTaskFuture<>(
                8,
                task -> {
                    throw scarcity;
                },
                condition -> {},
                interrupt -> {});
        List<Throwable> heard = new ArrayList<>();
        scarce.whenComplete((value, failure) -> heard.add(failure));

        scarce.settle(settled(() -> "yes"));

        assertThat(heard).singleElement().satisfies(e -> assertThat(e).hasRootCause(scarcity));
    }

    @Test
    void stage_fails_handsTheFailureOn() {
        TaskFailedException failure = new TaskFailedException("failed", null);
        List<Throwable> heard = new ArrayList<>();
        future.whenComplete((value, e) -> heard.add(e));
        CompletionStage<String> recovered = future.exceptionally(e -> "recovered from " + e.getMessage());
        CompletionStage<Integer> derived = future.thenApply(String::length);

        fail(failure);
        callbacks.runAll();

        assertThat(heard).containsExactly(failure);
        assertThat(recovered.toCompletableFuture()).isCompletedWithValue("recovered from failed");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(derived.toCompletableFuture()::join)
                .havingCause()
                .isSameAs(failure);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(future.toCompletableFuture()::get)
                .havingCause()
                .isSameAs(failure);
    }

    @Test
    void stage_cancelled_isCancelledToo() {
        CompletableFuture<String> stage = future.toCompletableFuture();

        future.cancel(false);
        callbacks.runAll();

        assertThat(stage.isCancelled()).isTrue();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(stage::join);
    }

    @Test
    void stage_asyncMethods_useTheCallbackExecutor() {
        List<String> heard = new ArrayList<>();
        future.thenAcceptAsync(heard::add);
        future.thenApply(value -> value + "!").thenAcceptAsync(heard::add);
        succeed("yes");

        callbacks.runAll();

        assertThat(heard).containsExactlyInAnyOrder("yes", "yes!");
    }

    @Test
    void stage_everyMethod_seesTheValue() {
        Set<String> heard = new HashSet<>();
        CompletableFuture<String> other = CompletableFuture.completedFuture("other");
        CompletableFuture<String> never = new CompletableFuture<>();
        future.thenRun(() -> heard.add("thenRun"));
        future.thenRunAsync(() -> heard.add("thenRunAsync"));
        future.thenApplyAsync(value -> heard.add("thenApplyAsync"));
        future.thenCombine(other, (a, b) -> heard.add("thenCombine " + a + " " + b));
        future.thenAcceptBoth(other, (a, b) -> heard.add("thenAcceptBoth"));
        future.runAfterBoth(other, () -> heard.add("runAfterBoth"));
        future.applyToEither(never, value -> heard.add("applyToEither " + value));
        future.acceptEither(never, value -> heard.add("acceptEither"));
        future.runAfterEither(never, () -> heard.add("runAfterEither"));
        future.thenCompose(value -> CompletableFuture.completedFuture(heard.add("thenCompose")));
        future.handle((value, failure) -> heard.add("handle"));
        future.handleAsync((value, failure) -> heard.add("handleAsync"), Runnable::run);
        future.whenCompleteAsync((value, failure) -> heard.add("whenCompleteAsync"));
        succeed("yes");

        callbacks.runAll();

        assertThat(heard)
                .containsExactlyInAnyOrder(
                        "thenRun",
                        "thenRunAsync",
                        "thenApplyAsync",
                        "thenCombine yes other",
                        "thenAcceptBoth",
                        "runAfterBoth",
                        "applyToEither yes",
                        "acceptEither",
                        "runAfterEither",
                        "thenCompose",
                        "handle",
                        "handleAsync",
                        "whenCompleteAsync");
    }

    @Test
    void stage_callbackThrows_harmsOnlyWhatHangsOnIt() throws Exception {
        CompletionStage<Object> failing = future.thenApply(value -> {
            throw new IllegalStateException("a bug in a callback");
        });
        List<String> heard = new ArrayList<>();
        future.thenAccept(heard::add);
        succeed("yes");

        callbacks.runAll();

        assertThat(heard).containsExactly("yes");
        assertThat(failing.toCompletableFuture()).isCompletedExceptionally();
        assertThat(future.get()).isEqualTo("yes");
    }

    // ---- toCompletableFuture --------------------------------------------------------------------------------------

    @Test
    void toCompletableFuture_asked_isACopyThatOthersDoNotSee() {
        CompletableFuture<String> other = future.toCompletableFuture();
        CompletionStage<Integer> dependent = future.thenApply(String::length);

        assertThat(future.toCompletableFuture().complete("by hand")).isTrue();
        assertThat(future.toCompletableFuture().completeExceptionally(new IllegalStateException()))
                .isTrue();

        assertThat(other).isNotDone();
        succeed("yes");
        callbacks.runAll();
        assertThat(other).isCompletedWithValue("yes");
        assertThat(dependent.toCompletableFuture()).isCompletedWithValue(3);
        assertThat(future.toCompletableFuture()).isCompletedWithValue("yes");
    }

    @Test
    void toCompletableFuture_cancelledWhenItWasCompletedByHand_leavesTheTaskAlone() {
        CompletableFuture<String> copy = future.toCompletableFuture();
        copy.complete("by hand");

        assertThat(copy.cancel(true)).isFalse();

        assertThat(cancels).isEmpty();
        assertThat(future.isCancelled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void toCompletableFuture_cancelled_cancelsTheTask(boolean interrupt) {
        CompletableFuture<String> stage = future.toCompletableFuture();

        assertThat(stage.cancel(interrupt)).isTrue();

        assertThat(cancels).containsExactly(interrupt);
        assertThat(stage.isCancelled()).isTrue();
        assertThat(future.isCancelled()).isTrue();
        callbacks.runAll();
        assertThat(stage.isCancelled()).isTrue();
    }

    @Test
    void toCompletableFuture_derivedIsCancelled_leavesTheTaskAlone() throws Exception {
        CompletableFuture<Integer> derived = future.toCompletableFuture().thenApply(String::length);

        derived.cancel(true);

        assertThat(cancels).isEmpty();
        succeed("yes");
        assertThat(future.get()).isEqualTo("yes");
    }

    /** The result is there, only its callbacks have not had their turn. */
    @Test
    void toCompletableFuture_cancelledAfterTheEnd_isTooLate() throws Exception {
        CompletableFuture<String> stage = future.toCompletableFuture();
        succeed("yes");

        assertThat(stage.cancel(true)).isFalse();

        callbacks.runAll();
        assertThat(stage).isCompletedWithValue("yes");
        assertThat(future.get()).isEqualTo("yes");
        assertThat(cancels).isEmpty();
    }

    @Test
    void toCompletableFuture_completedByHand_doesNotChangeTheTask() throws Exception {
        future.toCompletableFuture().complete("by hand");
        succeed("yes");
        callbacks.runAll();

        assertThat(future.get()).isEqualTo("yes");
        assertThat(cancels).isEmpty();
    }
}
