package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** What travels with submissions to a pool of processes, whatever happens to the workers. */
class SubmissionIT extends SubmissionContract {

    private final RecordedSubmissions recorder = new RecordedSubmissions();

    SubmissionIT() {
        super(Mode.PROCESS);
    }

    @AfterEach
    void clear() {
        MDC.clear();
    }

    private static String traceAndUser() {
        return WorkerContext.current().headers().get("traceparent") + "/" + MDC.get("user");
    }

    private static String dieOnce(Ledger ledger) {
        ledger.add("run");
        if (ledger.lines().size() == 1) {
            Deeds.halt(1);
        }
        return traceAndUser();
    }

    private ProcessPool.Builder travelling() {
        recorder.headers = Map.of("traceparent", "00-again");
        MDC.put("user", "anna");
        return builder().submissionObserver(recorder).mdcKeys(List.of("user"));
    }

    @Test
    void headers_taskRunAgainAfterTheLossOfItsWorker_areThereAgain() throws Exception {
        Ledger ledger = ledger("runs");
        try (ProcessPool pool = travelling().workers(1).build()) {
            TaskFuture<String> again = pool.applyAsync(
                    SubmissionIT::dieOnce, ledger, TaskOptions.defaults().retries(1));

            assertThat(again.get(LONG)).isEqualTo("00-again/anna");
        }
        assertThat(recorder.onlyEnd().outcome()).isEqualTo(TaskOutcome.SUCCESS);
    }

    @Test
    void headers_itemsSentAheadToAWorkerThatIsLost_areThereElsewhere() {
        MapOptions together = MapOptions.defaults().chunkSize(20);
        List<Integer> items = IntStream.range(0, 100).boxed().toList();
        int lost = 0;
        try (ProcessPool pool = travelling().workers(2).build()) {
            ResultIterator<String> results = pool.imap(
                    i -> {
                        if (i == 45) {
                            Deeds.halt(1);
                        }
                        return traceAndUser();
                    },
                    items,
                    together);
            while (results.hasNext()) {
                try {
                    assertThat(results.next()).isEqualTo("00-again/anna");
                } catch (WorkerLostException e) {
                    lost++;
                }
            }
        }
        assertThat(lost).isEqualTo(1);
        assertThat(recorder.onlyEnd().outcome()).isEqualTo(TaskOutcome.WORKER_LOST);
    }

    @Test
    void headers_itemsRecalledFromABusyWorker_areThereElsewhere() throws Exception {
        Gate gate = gate("gate");
        MapOptions together = MapOptions.defaults().chunkSize(10);
        try (ProcessPool pool = travelling().workers(2).build()) {
            TaskFuture<List<String>> map = pool.mapAsync(
                    i -> {
                        if (i == 0) {
                            gate.pass();
                        } else if (i == 9) {
                            gate.open(); // only where another worker runs it
                        }
                        return traceAndUser();
                    },
                    IntStream.range(0, 10).boxed().toList(),
                    together);

            assertThat(map.get(LONG)).hasSize(10).containsOnly("00-again/anna");
        }
    }
}
