package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** What a {@link SubmissionObserver} sees, what travels with a task, and how its end is told. */
abstract class SubmissionContract extends PoolContract {

    private final Recorder recorder = new Recorder();

    SubmissionContract(Mode mode) {
        super(mode);
    }

    private record End(TaskOutcome outcome, @Nullable Throwable failure) {}

    /** Gives each submission the header that is set, and keeps their ends. */
    private static final class Recorder implements SubmissionObserver {
        final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<End> ends = new ConcurrentLinkedQueue<>();
        final AtomicReference<Map<String, String>> headers = new AtomicReference<>(Map.of());

        @Override
        public Submission submitted(String poolName, String taskName) {
            begun.add(taskName);
            return new Submission() {
                @Override
                public Map<String, String> headers() {
                    return headers.get();
                }

                @Override
                public void ended(TaskOutcome outcome, @Nullable Throwable failure) {
                    ends.add(new End(outcome, failure));
                }
            };
        }

        /** Waits until all that began has ended, and returns the only end. */
        End onlyEnd() {
            await().atMost(LONG).until(() -> ends.size() >= begun.size());
            assertThat(begun).hasSize(1);
            assertThat(ends).hasSize(1);
            return ends.element();
        }
    }

    @AfterEach
    void clearMdc() {
        MDC.clear();
    }

    private ProcessPool.Builder observed() {
        return builder().workers(1).submissionObserver(recorder);
    }

    private static String trace(Object any) {
        return WorkerContext.current().headers().getOrDefault("traceparent", "none");
    }

    // ---- headers --------------------------------------------------------------------------------------------------

    @Test
    void headers_everyKindOfSubmission_reachEveryItem() throws Exception {
        try (ProcessPool pool = observed().build()) {
            recorder.headers.set(Map.of("traceparent", "00-abc"));

            assertThat(pool.apply(() -> trace(""))).isEqualTo("00-abc");
            assertThat(pool.apply(SubmissionContract::trace, 1)).isEqualTo("00-abc");
            assertThat(pool.applyAsync(SubmissionContract::trace, 1).get(LONG)).isEqualTo("00-abc");
            assertThat(pool.map(SubmissionContract::trace, numbers(500))).isEqualTo(Collections.nCopies(500, "00-abc"));
            assertThat(pool.starmap((a, b) -> trace(a), Map.of(1, 2).entrySet()))
                    .containsExactly("00-abc");
            try (ResultIterator<String> results = pool.imap(SubmissionContract::trace, numbers(50))) {
                assertThat(results.stream()).hasSize(50).containsOnly("00-abc");
            }
            ExecutorService view = pool.asExecutorService();
            Future<String> viewed = view.submit((Callable<String> & java.io.Serializable) () -> trace(""));
            assertThat(viewed.get()).isEqualTo("00-abc");
        }
    }

    @Test
    void headers_nextSubmissionHasNone_areGone() {
        try (ProcessPool pool = observed().build()) {
            recorder.headers.set(Map.of("traceparent", "00-abc"));
            pool.apply(SubmissionContract::trace, 1);
            recorder.headers.set(Map.of());

            assertThat(pool.apply(SubmissionContract::trace, 1)).isEqualTo("none");
        }
    }

    @Test
    void headers_severalObservers_areMergedAndTheLastWins() {
        SubmissionObserver second = (pool, task) -> new SubmissionObserver.Submission() {
            @Override
            public Map<String, String> headers() {
                return Map.of("a", "second", "b", "b");
            }
        };
        recorder.headers.set(Map.of("a", "first", "c", "c"));
        try (ProcessPool pool = observed().submissionObserver(second).build()) {
            assertThat(pool.apply(() -> Map.copyOf(WorkerContext.current().headers())))
                    .isEqualTo(Map.of("a", "second", "b", "b", "c", "c"));
        }
    }

    @Test
    void headers_tooLarge_areRefusedInTheCallersThread() {
        recorder.headers.set(Map.of("large", "x".repeat(70_000)));
        try (ProcessPool pool = observed().build()) {
            assertThatThrownBy(() -> pool.applyAsync(SubmissionContract::trace, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("65536")
                    .hasMessageContaining("large");
        }
    }

    @Test
    void observer_thatThrows_doesNoHarm() {
        SubmissionObserver broken = (pool, task) -> {
            throw new IllegalStateException("no observer today");
        };
        try (ProcessPool pool = builder().workers(1).submissionObserver(broken).build()) {
            assertThat(pool.apply(SubmissionContract::trace, 1)).isEqualTo("none");
        }
    }

    @Test
    void mdc_chosenKeys_standInTheWorkersMdcAndAreGoneAfterwards() {
        try (ProcessPool pool =
                builder().workers(1).mdcKeys(List.of("user", "absent")).build()) {
            MDC.put("user", "anna");
            MDC.put("secret", "s");
            assertThat(pool.apply(() -> MDC.get("user") + MDC.get("secret"))).isEqualTo("annanull");
            assertThat(pool.apply(() -> WorkerContext.current().headers().size()))
                    .isZero();

            MDC.clear();
            assertThat(pool.apply(() -> String.valueOf(MDC.get("user")))).isEqualTo("null");
        }
    }

    @Test
    void mdc_star_isAllOfIt() {
        try (ProcessPool pool = builder().workers(1).mdcKeys(List.of("*")).build()) {
            MDC.put("a", "1");
            MDC.put("b", "2");

            assertThat(pool.map(i -> MDC.get("a") + MDC.get("b"), numbers(3))).containsOnly("12");
        }
    }

    // ---- ends -----------------------------------------------------------------------------------------------------

    @Test
    void end_taskSucceeds_isSuccess() {
        try (ProcessPool pool = observed().build()) {
            pool.applyAsync(Tasks::square, 3, TaskOptions.defaults().name("mine"));

            assertThat(recorder.onlyEnd()).isEqualTo(new End(TaskOutcome.SUCCESS, null));
            assertThat(recorder.begun).containsExactly("mine");
        }
    }

    @Test
    void end_taskThrows_isFailureWithItsException() {
        try (ProcessPool pool = observed().build()) {
            Throwable thrown = catchThrowable(() -> pool.apply(i -> 1 / i, 0));

            End end = recorder.onlyEnd();
            assertThat(end.outcome()).isEqualTo(TaskOutcome.FAILURE);
            assertThat(end.failure()).isInstanceOf(TaskFailedException.class).hasMessage(thrown.getMessage());
        }
    }

    @Test
    void end_mapWithFailedItem_isFailureOnce() {
        try (ProcessPool pool = observed().build()) {
            assertThatThrownBy(() -> pool.map(i -> 10 / (i % 5), numbers(20))).isInstanceOf(TaskFailedException.class);

            assertThat(recorder.onlyEnd().outcome()).isEqualTo(TaskOutcome.FAILURE);
        }
    }

    @Test
    void end_failFast_isTheFailure() {
        try (ProcessPool pool = observed().build()) {
            MapOptions fast = MapOptions.defaults().onError(OnError.FAIL_FAST);
            assertThatThrownBy(() -> pool.map(i -> 10 / (i % 5), numbers(20), fast))
                    .isInstanceOf(TaskFailedException.class);

            assertThat(recorder.onlyEnd().outcome()).isEqualTo(TaskOutcome.FAILURE);
        }
    }

    @Test
    void end_iteratorExhausted_isSuccess() {
        try (ProcessPool pool = observed().build()) {
            pool.imapUnordered(Tasks::square, numbers(100)).forEachRemaining(any -> {});

            assertThat(recorder.onlyEnd()).isEqualTo(new End(TaskOutcome.SUCCESS, null));
        }
    }

    @Test
    void end_iteratorClosedHalfRead_isCancelled() {
        try (ProcessPool pool = observed().build()) {
            try (ResultIterator<Integer> results = pool.imap(
                    Tasks::square, () -> IntStream.iterate(0, i -> i + 1).iterator())) {
                results.next();
            }

            assertThat(recorder.onlyEnd()).isEqualTo(new End(TaskOutcome.CANCELLED, null));
        }
    }

    @Test
    void end_sourceThrows_isFailureWithThatException() {
        IllegalStateException ofSource = new IllegalStateException("source broke");
        Iterable<Integer> source = () -> {
            throw ofSource;
        };
        try (ProcessPool pool = observed().build()) {
            assertThatThrownBy(() -> pool.imap(Tasks::square, source).next()).isSameAs(ofSource);

            assertThat(recorder.onlyEnd()).isEqualTo(new End(TaskOutcome.FAILURE, ofSource));
        }
    }

    @Test
    void end_iteratorWithFailedItem_isFailure() {
        try (ProcessPool pool = observed().build()) {
            ResultIterator<Integer> results = pool.imap(i -> 1 / i, List.of(0));
            assertThatThrownBy(results::next).isInstanceOf(TaskFailedException.class);

            End end = recorder.onlyEnd();
            assertThat(end.outcome()).isEqualTo(TaskOutcome.FAILURE);
            assertThat(end.failure()).isInstanceOf(TaskFailedException.class);
        }
    }

    @Test
    void end_cancelledWhileQueuedOrRunning_isCancelled() {
        Gate gate = gate("gate");
        try (ProcessPool pool = observed().build()) {
            TaskFuture<Void> running = pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            TaskFuture<Integer> queued = pool.applyAsync(Tasks::square, 1);

            queued.cancel(true);
            running.cancel(true);

            await().atMost(LONG).until(() -> recorder.ends.size() == 2);
            assertThat(recorder.ends).extracting(End::outcome).containsOnly(TaskOutcome.CANCELLED);
        }
    }

    @Test
    void end_timeout_isTimeout() {
        Gate gate = gate("gate");
        try (ProcessPool pool = observed().build()) {
            pool.applyAsync(gate::pass, TaskOptions.defaults().timeout(Duration.ofMillis(20)));

            End end = recorder.onlyEnd();
            assertThat(end.outcome()).isEqualTo(TaskOutcome.TIMEOUT);
            assertThat(end.failure()).isInstanceOf(TaskTimeoutException.class);
        }
    }

    @Test
    void end_poolTerminated_isAbandoned() {
        Gate gate = gate("gate");
        try (ProcessPool pool = observed().build()) {
            pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            pool.imap(gate::passWith, numbers(3));
            pool.mapAsync(gate::passWith, numbers(3));

            pool.terminate();

            await().atMost(LONG).until(() -> recorder.ends.size() == 3);
            assertThat(recorder.ends).extracting(End::outcome).containsOnly(TaskOutcome.ABANDONED);
        }
    }

    @Test
    void end_refusedByClosedPool_isAbandoned() {
        ProcessPool pool = observed().build();
        pool.close();

        assertThatThrownBy(() -> pool.applyAsync(Tasks::square, 1)).isInstanceOf(PoolClosedException.class);

        End end = recorder.onlyEnd();
        assertThat(end.outcome()).isEqualTo(TaskOutcome.ABANDONED);
        assertThat(end.failure()).isInstanceOf(PoolClosedException.class);
    }
}
