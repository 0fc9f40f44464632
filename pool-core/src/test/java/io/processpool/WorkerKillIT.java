package io.processpool;

import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
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
    void kill_workersThatStart_isNoStartFailure() {
        Signs signs = Signs.in(directory);
        RecordedEvents events = new RecordedEvents();
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .initializer(() -> {
                    signs.give("begun-" + Deeds.pid());
                    signs.await("go");
                })
                .listener(events)
                .build()) {
            for (int killed = 1; killed <= 4; killed++) {
                signs.expect("begun-", killed);
                pool.kill(0);
            }
            signs.give("go");

            long pid = pool.apply(Deeds::pid);

            events.expect(Kind.READY, pid);
            assertThat(events.all(Kind.START_FAILED)).isEmpty();
            assertThat(events.all(Kind.LOST)).isEmpty();
            assertThat(pool.snapshot().startTrouble()).isNull();
        }
    }

    @Test
    void kill_workerThatHasStartedAProcess_killsThatToo() {
        try (ProcessPool pool = builder().build()) {
            long sleeper = pool.apply(Deeds::startSleeper);
            assertThat(Lifecycle.alive(sleeper)).isTrue();

            pool.kill(0);

            Lifecycle.awaitDeath(sleeper);
        }
    }

    @Test
    void reason_workerIsKilledByASignal_isThatItCrashed() throws Exception {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder().build()) {
            TaskFuture<String> running = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"));
            signs.expect("begun");

            signal("KILL", pool.activeChildren().get(0).pid());

            assertThat(lossOf(running).reason()).isEqualTo(LossReason.CRASHED);
            awaitReason(LossReason.CRASHED);
        }
    }

    @Test
    void reason_taskCallsExit_isThatItCrashed() {
        try (ProcessPool pool = builder().build()) {
            assertThat(lossOf(pool.applyAsync(() -> {
                                System.exit(0);
                                return null;
                            }))
                            .reason())
                    .isEqualTo(LossReason.CRASHED);
            awaitReason(LossReason.CRASHED);
        }
    }

    @Test
    void reason_workerTalksNonsense_isTheProtocol() {
        try (ProcessPool pool = builder().build()) {
            WorkerLostException loss = lossOf(pool.applyAsync(Deeds::talkNonsense));

            assertThat(loss.reason()).isEqualTo(LossReason.PROTOCOL);
            assertThat(loss).hasMessageContaining("not of the protocol");
            awaitReason(LossReason.PROTOCOL);
            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }

    // The finalizer has as long as a worker has to start.
    @Test
    void reason_finalizerDoesNotEnd_isTheExitThatIsOverdue() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder()
                .startTimeout(Duration.ofSeconds(3))
                .finalizer(() -> Deeds.ignoreInterrupts(signs, "finalizing"))
                .build()) {
            awaitIdle(pool, 1);

            pool.recycle(0);

            signs.expect("finalizing");
            awaitReason(LossReason.EXIT_OVERDUE);
            pool.terminate();
        }
    }

    @Test
    void reason_ofAnException_survivesItsJourney() throws Exception {
        WorkerExit exit = new WorkerExit(1, 2, 3, null, List.of(), null);
        WorkerLostException loss = new WorkerLostException("lost", exit, LossReason.PROTOCOL);

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(loss);
        Object read = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();

        assertThat(((WorkerLostException) read).reason()).isEqualTo(LossReason.PROTOCOL);
        assertThat(new WorkerLostException("lost", exit).reason()).isEqualTo(LossReason.CRASHED);
        assertThat(new WorkerOutOfMemoryException("lost", exit).reason()).isEqualTo(LossReason.OUT_OF_MEMORY);
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
