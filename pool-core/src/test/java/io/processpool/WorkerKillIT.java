package io.processpool;

import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@link ProcessPool#kill(int)}, and what each loss of a worker gives as its reason. */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class WorkerKillIT {

    @TempDir
    Path directory;

    /** The reasons that the listeners heard. */
    private final List<LossReason> reasons = new CopyOnWriteArrayList<>();

    private ProcessPool.Builder builder() {
        return ProcessPool.builder()
                .workers(1)
                .cancelGrace(Duration.ofMillis(50))
                .listener(new PoolListener() {
                    @Override
                    public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
                        reasons.add(reason.reason());
                    }
                });
    }

    private void awaitReason(LossReason expected) {
        await().atMost(Lifecycle.PATIENCE)
                .untilAsserted(() -> assertThat(reasons).containsExactly(expected));
    }

    private static WorkerLostException lossOf(TaskFuture<?> future) {
        Throwable failure = PoolContract.failureOf(future);
        assertThat(failure).isInstanceOf(WorkerLostException.class);
        return (WorkerLostException) failure;
    }

    @Test
    void kill_busyWorker_itsTaskFailsAndTheNextRunsInItsSuccessor() throws Exception {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder().build()) {
            TaskFuture<String> running = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"));
            TaskFuture<Long> waiting = pool.applyAsync(Deeds::pid);
            signs.await("begun");
            long pid = pool.activeChildren().get(0).pid();

            pool.kill(0);

            WorkerLostException loss = lossOf(running);
            assertThat(loss.reason()).isEqualTo(LossReason.KILLED);
            assertThat(loss).hasMessageContaining("kill()").hasMessageContaining("pid=" + pid);
            assertThat(waiting.get(Lifecycle.PATIENCE)).isNotEqualTo(pid);
            awaitReason(LossReason.KILLED);
        }
    }

    @Test
    void kill_idleWorker_isReplaced() {
        try (ProcessPool pool = builder().build()) {
            long pid = pool.apply(Deeds::pid);

            pool.kill(0);

            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
            awaitReason(LossReason.KILLED);
        }
    }

    @Test
    void kill_noSuchWorker_isRefused() {
        try (ProcessPool pool = builder().build()) {
            assertThatThrownBy(() -> pool.kill(7))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("7");
        }
    }

    @Test
    void reason_workerHalts_isThatItCrashed() {
        try (ProcessPool pool = builder().build()) {
            assertThat(lossOf(pool.applyAsync(() -> {
                                Deeds.halt(3);
                                return null;
                            }))
                            .reason())
                    .isEqualTo(LossReason.CRASHED);
            awaitReason(LossReason.CRASHED);
        }
    }

    @Test
    void reason_workerOutOfMemory_isThat() {
        try (ProcessPool pool = builder().maxHeap(32 << 20).build()) {
            assertThat(lossOf(pool.applyAsync(() -> new long[1 << 28].length)).reason())
                    .isEqualTo(LossReason.OUT_OF_MEMORY);
            awaitReason(LossReason.OUT_OF_MEMORY);
        }
    }

    @Test
    void reason_taskIgnoresItsTimeout_isTheTimeout() {
        Signs signs = Signs.in(directory);
        TaskOptions brief = TaskOptions.defaults().timeout(Duration.ofMillis(50));
        try (ProcessPool pool = builder().build()) {
            TaskFuture<String> stuck = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"), brief);

            assertThat(PoolContract.failureOf(stuck)).isInstanceOf(TaskTimeoutException.class);
            awaitReason(LossReason.TASK_TIMEOUT);
        }
    }

    @Test
    void reason_taskIgnoresItsCancellation_isTheCancellation() throws Exception {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder().build()) {
            TaskFuture<String> stuck = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"));
            signs.await("begun");

            stuck.cancel(true);

            assertThatThrownBy(() -> stuck.get(Lifecycle.PATIENCE)).isInstanceOf(CancellationException.class);
            awaitReason(LossReason.TASK_CANCELLED);
        }
    }

    @Test
    void reason_workerIsStopped_isThatItDoesNotAnswer() {
        try (ProcessPool pool =
                builder().heartbeatTimeout(Duration.ofSeconds(1)).build()) {
            awaitIdle(pool, 1);

            signal("STOP", pool.activeChildren().get(0).pid());

            awaitReason(LossReason.UNRESPONSIVE);
        }
    }
}
