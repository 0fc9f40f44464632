package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Observers of a pool of processes. */
class ListenerIT extends ListenerContract {

    ListenerIT() {
        super(Mode.PROCESS);
    }

    @Test
    void events_workerLost_areToldOfTaskWorkerAndSuccessor() {
        Recorder recorder = new Recorder();
        try (ProcessPool pool = builder().workers(1).listener(recorder).build()) {
            assertThatThrownBy(() -> pool.applyAsync(
                                    () -> {
                                        Runtime.getRuntime().halt(5);
                                        return null;
                                    },
                                    TaskOptions.defaults().name("deadly"))
                            .get())
                    .hasCauseInstanceOf(WorkerLostException.class);
            pool.applyAsync(Tasks::square, 2, TaskOptions.defaults().name("next"));
            recorder.awaitEvent("next#0 done SUCCESS");
            recorder.awaitEvent("worker 0.0 lost 5");

            assertThat(recorder.ofTask("deadly"))
                    .containsExactly("deadly#0 queued", "deadly#0 started", "deadly#0 done WORKER_LOST");
            assertThat(recorder.ofWorkers())
                    .contains(
                            "worker 0.0 started",
                            "worker 0.0 ready",
                            "worker 0.0 lost 5",
                            "worker 0.1 started",
                            "worker 0.1 ready")
                    .doesNotHaveDuplicates();
        }
    }
}
