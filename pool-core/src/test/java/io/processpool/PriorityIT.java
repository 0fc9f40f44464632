package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order in which tasks leave the queue for processes. */
class PriorityIT extends PriorityContract {

    PriorityIT() {
        super(Mode.PROCESS);
    }

    @Test
    void chunk_workerLost_restComesBeforeWhatWasQueuedBehindIt() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<List<Integer>> map = pool.mapAsync(
                    x -> {
                        if (x == 1) {
                            gate.pass();
                        }
                        ledger.add(x);
                        return x;
                    },
                    List.of(0, 1, 2, 3),
                    MapOptions.defaults().chunkSize(4));
            gate.awaitArrivals(1);
            TaskFuture<Void> behind = pool.applyAsync(() -> {
                ledger.add("behind");
                return null;
            });
            ProcessHandle.of(pool.activeChildren().get(0).pid()).orElseThrow().destroyForcibly();

            assertThat(failureOf(map)).isInstanceOf(WorkerLostException.class);
            behind.get(LONG);
            assertThat(ledger.lines()).containsExactly("0", "2", "3", "behind");
        }
    }
}
