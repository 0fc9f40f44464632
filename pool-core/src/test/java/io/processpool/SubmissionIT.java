package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.Ledger;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Observed submissions to a pool of processes. */
class SubmissionIT extends SubmissionContract {

    SubmissionIT() {
        super(Mode.PROCESS);
    }

    private static String dieOnce(Ledger ledger) {
        ledger.add("run");
        if (ledger.lines().size() == 1) {
            Deeds.halt(1);
        }
        return WorkerContext.current().headers().get("traceparent");
    }

    @Test
    void headers_taskRunAgainAfterTheLossOfItsWorker_areThereAgain() throws Exception {
        Ledger ledger = ledger("runs");
        SubmissionObserver observer = (pool, task) -> new SubmissionObserver.Submission() {
            @Override
            public Map<String, String> headers() {
                return Map.of("traceparent", "00-again");
            }
        };
        try (ProcessPool pool =
                builder().workers(1).submissionObserver(observer).build()) {
            TaskFuture<String> again = pool.applyAsync(
                    SubmissionIT::dieOnce, ledger, TaskOptions.defaults().retries(1));

            assertThat(again.get(LONG)).isEqualTo("00-again");
        }
    }
}
