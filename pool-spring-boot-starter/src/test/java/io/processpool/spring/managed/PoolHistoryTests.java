package io.processpool.spring.managed;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.LossReason;
import io.processpool.WorkerExit;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import io.processpool.WorkerState;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolHistoryTests {

    private static final WorkerStartException FAILURE = new WorkerStartException("no database", null);

    private final PoolHistory history = new PoolHistories(2).of("default");

    private static WorkerSnapshot worker(int id) {
        return new WorkerSnapshot(id, 0, 4711, WorkerState.EXITED, null, 0, Instant.EPOCH, -1, null);
    }

    @Test
    void recent_lostWorker_showsReasonAndErrorFileButNoLastWords() {
        WorkerExit exit = new WorkerExit(0, 4711, 134, "SIGABRT", List.of("account 12345"), "hs_err_pid4711.log");

        history.workerLost(worker(0), new WorkerLostException("last words: account 12345", exit, LossReason.CRASHED));

        PoolHistory.Event event = history.recent().get(0);
        assertThat(event.reason()).isEqualTo("crashed");
        assertThat(event.exitCode()).isEqualTo(134);
        assertThat(event.signal()).isEqualTo("SIGABRT");
        assertThat(event.detail()).isEqualTo("hs_err_pid4711.log");
        assertThat(event.toString()).doesNotContain("12345");
    }

    @Test
    void recent_moreThanItsSize_keepsTheNewest() {
        for (int id = 0; id < 3; id++) {
            history.workerStartFailed(worker(id), FAILURE);
        }

        assertThat(history.recent()).extracting(PoolHistory.Event::worker).containsExactly(2, 1);
    }
}
