package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Handles of tasks in processes. */
class HandleIT extends HandleContract {

    HandleIT() {
        super(Mode.PROCESS);
    }

    // D12
    @Test
    void failures_ofTasksWhoseWorkersWereLost_areObjectsOfTheirOwn() {
        Set<Integer> identities = new HashSet<>();
        try (ProcessPool pool = pool(2)) {
            List<TaskFuture<?>> futures = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                futures.add(pool.applyAsync(() -> {
                    Runtime.getRuntime().halt(5);
                    return null;
                }));
            }
            for (TaskFuture<?> future : futures) {
                Throwable failure = failureOf(future);
                assertThat(failure).isInstanceOf(WorkerLostException.class);
                identities.add(System.identityHashCode(failure));
            }
        }
        assertThat(identities).hasSize(3);
    }
}
