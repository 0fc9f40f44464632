package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** What a {@link SubmissionObserver} and the caller's MDC give to tasks. For the ends see {@link SubmissionEndContract}. */
abstract class SubmissionContract extends PoolContract {

    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final RecordedSubmissions recorder = new RecordedSubmissions();

    SubmissionContract(Mode mode) {
        super(mode);
    }

    @AfterEach
    void clearMdc() {
        MDC.clear();
    }

    private ProcessPool.Builder observed() {
        return builder().workers(1).submissionObserver(recorder);
    }

    private static String trace() {
        return WorkerContext.current().headers().getOrDefault("traceparent", "none");
    }

    private static String traceOf(Object any) {
        return trace();
    }

    private static String traceOfPair(Object any, Object other) {
        return trace();
    }

    private static Map<String, String> headersOf(Object any) {
        return new HashMap<>(WorkerContext.current().headers());
    }

    private static <T> List<T> read(ResultIterator<T> results) {
        List<T> list = new ArrayList<>();
        results.forEachRemaining(list::add);
        return list;
    }

    private static Map<String, String> mdc() {
        Map<String, String> copy = MDC.getCopyOfContextMap();
        return copy == null ? Map.of() : new HashMap<>(copy);
    }

    /** What the MDC of the worker holds of these two keys, however the pool's process has set it. */
    private static String userAndSecret(Object any) {
        return mdc().get("user") + "/" + mdc().get("secret");
    }

    // ---- headers --------------------------------------------------------------------------------------------------

    @Test
    void headers_singleTasks_areSeen() throws Exception {
        recorder.headers = Map.of("traceparent", TRACE);
        try (ProcessPool pool = observed().build()) {
            String captured = "-";

            assertThat(pool.apply(() -> trace())).isEqualTo(TRACE);
            assertThat(pool.apply(() -> trace() + captured)).isEqualTo(TRACE + captured);
            assertThat(pool.apply(SubmissionContract::traceOf, 1)).isEqualTo(TRACE);
            assertThat(pool.applyAsync(() -> trace()).get(LONG)).isEqualTo(TRACE);
            assertThat(pool.applyAsync(SubmissionContract::traceOf, 1).get(LONG))
                    .isEqualTo(TRACE);
        }
    }

    @Test
    void headers_maps_areSeenByEachItem() throws Exception {
        recorder.headers = Map.of("traceparent", TRACE);
        List<String> traces = Collections.nCopies(2000, TRACE);
        List<Map.Entry<Integer, Integer>> pairs =
                numbers(2000).stream().map(i -> Map.entry(i, i)).toList();
        try (ProcessPool pool = observed().workers(2).build()) {
            assertThat(pool.map(SubmissionContract::traceOf, numbers(2000))).isEqualTo(traces);
            assertThat(pool.mapAsync(SubmissionContract::traceOf, numbers(2000)).get(LONG))
                    .isEqualTo(traces);
            assertThat(pool.starmap(SubmissionContract::traceOfPair, pairs)).isEqualTo(traces);
            assertThat(pool.starmapAsync(SubmissionContract::traceOfPair, pairs).get(LONG))
                    .isEqualTo(traces);
            assertThat(read(pool.imap(SubmissionContract::traceOf, numbers(2000))))
                    .isEqualTo(traces);
            assertThat(read(pool.imapUnordered(SubmissionContract::traceOf, numbers(2000))))
                    .isEqualTo(traces);
            assertThat(read(pool.istarmap(SubmissionContract::traceOfPair, pairs)))
                    .isEqualTo(traces);
            assertThat(read(pool.istarmapUnordered(SubmissionContract::traceOfPair, pairs)))
                    .isEqualTo(traces);
        }
        assertThat(recorder.begun).hasSize(8);
    }

    @Test
    void headers_executorView_areSeen() throws Exception {
        recorder.headers = Map.of("traceparent", TRACE);
        try (ProcessPool pool = observed().build()) {
            ExecutorService view = pool.asExecutorService();
            Callable<String> task = (Callable<String> & Serializable) () -> trace();

            assertThat(view.submit(task).get()).isEqualTo(TRACE);
            assertThat(view.invokeAny(List.of(task))).isEqualTo(TRACE);
            assertThat(view.invokeAll(List.of(task)).get(0).get()).isEqualTo(TRACE);
        }
    }

    @Test
    void headers_nextSubmissionHasNone_areGone() {
        try (ProcessPool pool = observed().build()) {
            recorder.headers = Map.of("traceparent", TRACE);
            pool.apply(SubmissionContract::traceOf, 1);
            recorder.headers = Map.of();

            assertThat(pool.apply(SubmissionContract::traceOf, 1)).isEqualTo("none");
        }
    }

    @Test
    void headers_betweenTasks_areEmpty() {
        recorder.headers = Map.of("traceparent", TRACE);
        try (ProcessPool pool = observed()
                .initializer(() -> WorkerContext.current()
                        .state()
                        .put("early", WorkerContext.current().headers()))
                .build()) {
            assertThat(pool.apply(() -> WorkerContext.current().state().get("early")))
                    .isEqualTo(Map.of());
        }
    }

    @Test
    void headers_inTheTask_cannotBeChanged() {
        recorder.headers = Map.of("traceparent", TRACE);
        try (ProcessPool pool = observed().build()) {
            assertThatThrownBy(() ->
                            pool.apply(() -> WorkerContext.current().headers().put("a", "b")))
                    .isInstanceOf(TaskFailedException.class)
                    .hasCauseInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void headers_severalObservers_areMergedAndTheLastWins() {
        RecordedSubmissions second = new RecordedSubmissions();
        recorder.headers = Map.of("a", "first", "c", "\u00fc\ud83d\ude00");
        second.headers = Map.of("a", "second", "b", "");
        try (ProcessPool pool = observed().submissionObserver(second).build()) {
            assertThat(pool.apply(SubmissionContract::headersOf, 1))
                    .isEqualTo(Map.of("a", "second", "b", "", "c", "\u00fc\ud83d\ude00"));
        }
        assertThat(recorder.ends()).hasSize(1);
        assertThat(second.ends()).hasSize(1);
    }

    @Test
    void headers_almostTooLarge_travel() {
        recorder.headers = Map.of("large", "x".repeat(65_000));
        try (ProcessPool pool = observed().build()) {
            assertThat(pool.map(
                            i -> WorkerContext.current().headers().get("large").length(), numbers(100)))
                    .containsOnly(65_000);
        }
    }

    @Test
    void headers_tooLarge_areRefusedInTheCallersThread() {
        recorder.headers = Map.of("large", "x".repeat(70_000));
        try (ProcessPool pool = observed().build()) {
            assertThatThrownBy(() -> pool.applyAsync(SubmissionContract::traceOf, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("headers", "65536", "large", "bytes=700");
            assertThatThrownBy(() -> pool.imap(SubmissionContract::traceOf, numbers(3)))
                    .isInstanceOf(IllegalArgumentException.class);

            assertThat(recorder.ends()).hasSize(2).allSatisfy(end -> {
                assertThat(end.outcome()).isEqualTo(TaskOutcome.FAILURE);
                assertThat(end.failure()).isInstanceOf(IllegalArgumentException.class);
            });
        }
    }

    // ---- observers ------------------------------------------------------------------------------------------------

    @Test
    void observer_eachSubmission_isAskedOnceInTheCallersThread() {
        try (ProcessPool pool = observed().name("seen").build()) {
            pool.applyAsync(Tasks::square, 3, TaskOptions.defaults().name("mine"));
            pool.map(Tasks::square, numbers(100), MapOptions.defaults().name("many"));
            pool.imap(Tasks::square, numbers(100)).close();
        }

        assertThat(recorder.begun)
                .extracting(each -> each.task)
                .containsExactly("mine", "many", "SubmissionContract lambda");
        assertThat(recorder.begun).allSatisfy(each -> {
            assertThat(each.pool).isEqualTo("seen");
            assertThat(each.caller).isSameAs(Thread.currentThread());
            assertThat(each.asked).containsExactly(Thread.currentThread());
        });
    }

    @Test
    void observer_thatThrows_harmsNobody() {
        SubmissionObserver broken = (pool, task) -> {
            throw new IllegalStateException("no observer today");
        };
        recorder.headers = Map.of("traceparent", TRACE);
        try (ProcessPool pool = builder()
                .workers(1)
                .submissionObserver(broken)
                .submissionObserver(recorder)
                .build()) {
            assertThat(pool.apply(SubmissionContract::traceOf, 1)).isEqualTo(TRACE);
        }
        assertThat(recorder.onlyEnd().outcome()).isEqualTo(TaskOutcome.SUCCESS);
    }

    @Test
    @SuppressWarnings("NullAway") // what is not allowed
    void observer_withNulls_harmsNobody() {
        RecordedSubmissions nulls = new RecordedSubmissions();
        nulls.headers = Collections.singletonMap("null", null);
        recorder.headers = Map.of("traceparent", TRACE);
        try (ProcessPool pool = builder()
                .workers(1)
                .submissionObserver((name, task) -> null)
                .submissionObserver(nulls)
                .submissionObserver(recorder)
                .build()) {
            assertThat(pool.apply(SubmissionContract::headersOf, 1)).isEqualTo(Map.of("traceparent", TRACE));
        }
        assertThat(nulls.onlyEnd().outcome()).isEqualTo(TaskOutcome.SUCCESS);
    }

    @Test
    void observer_thatThrowsAtTheEnd_harmsNoOther() {
        SubmissionObserver broken = (pool, task) -> new SubmissionObserver.Submission() {
            @Override
            public void ended(TaskOutcome outcome, Throwable failure) {
                throw new IllegalStateException("no end today");
            }
        };
        try (ProcessPool pool = builder()
                .workers(1)
                .submissionObserver(broken)
                .submissionObserver(recorder)
                .build()) {
            assertThat(pool.apply(Tasks::square, 3)).isEqualTo(9);
        }
        assertThat(recorder.onlyEnd().outcome()).isEqualTo(TaskOutcome.SUCCESS);
    }

    // ---- MDC ------------------------------------------------------------------------------------------------------

    @Test
    void mdc_chosenKeys_standInTheWorkersMdcAndNotInTheHeaders() {
        recorder.headers = Map.of("traceparent", TRACE);
        try (ProcessPool pool =
                observed().mdcKeys(Arrays.asList("user", "absent")).build()) {
            MDC.put("user", "anna");
            MDC.put("secret", "s");

            assertThat(pool.apply(SubmissionContract::userAndSecret, 1)).isEqualTo("anna/null");
            assertThat(pool.map(SubmissionContract::userAndSecret, numbers(500)))
                    .containsOnly("anna/null");
            assertThat(read(pool.imap(SubmissionContract::userAndSecret, numbers(500))))
                    .containsOnly("anna/null");
            assertThat(pool.apply(SubmissionContract::headersOf, 1)).isEqualTo(Map.of("traceparent", TRACE));
            assertThat(MDC.get("user")).isEqualTo("anna");
        }
    }

    @Test
    void mdc_nextSubmissionHasNone_isGone() {
        try (ProcessPool pool = builder().workers(1).mdcKeys(List.of("user")).build()) {
            MDC.put("user", "anna");
            pool.apply(SubmissionContract::userAndSecret, 1);
            assertThatThrownBy(() -> pool.apply(i -> 1 / i, 0)).isInstanceOf(TaskFailedException.class);
            MDC.clear();

            assertThat(pool.apply(SubmissionContract::userAndSecret, 1)).isEqualTo("null/null");
        }
    }

    @Test
    void mdc_star_isAllOfIt() {
        try (ProcessPool pool = builder().workers(1).mdcKeys(List.of("*")).build()) {
            assertThat(pool.apply(SubmissionContract::userAndSecret, 1)).isEqualTo("null/null");
            MDC.put("user", "anna");
            MDC.put("secret", "s");

            assertThat(pool.map(SubmissionContract::userAndSecret, numbers(3))).containsOnly("anna/s");
        }
    }

    @Test
    void mdc_notAskedFor_staysHere() {
        MDC.put("user", "anna");
        try (ProcessPool pool = observed().build()) {
            assertThat(pool.apply(SubmissionContract::userAndSecret, 1)).isEqualTo("null/null");
        }
    }

    @Test
    void mdc_tooLarge_isRefused() {
        MDC.put("user", "x".repeat(70_000));
        try (ProcessPool pool = builder().workers(1).mdcKeys(List.of("user")).build()) {
            assertThatThrownBy(() -> pool.apply(SubmissionContract::userAndSecret, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("MDC", "65536", "user");
        }
    }
}
