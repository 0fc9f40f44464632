package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.processpool.TaskOutcome;
import io.processpool.WorkerLostException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.scheduler.Chunk;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.RecorderFile;
import io.processpool.testing.CapturedLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong around the end of a worker, nobody waits for ever for what it was running. */
@Timeout(60)
class MorgueTests {

    private final FleetFixture pool = new FleetFixture(1, 0);
    private final SingleItem job = new SingleItem();

    @AfterEach
    void close() {
        pool.close();
    }

    private FakeProcess runsTheJob() {
        pool.settle();
        pool.scheduler.submit(job, Chunk.single(job, 0, Bytes.of(new byte[] {1, 0})));
        pool.settle();
        assertThat(pool.scheduler.idle(pool.worker("0.0").lane)).isFalse();
        return pool.processes.get(0);
    }

    @Test
    void workerIsLost_itsTaskFails() {
        FakeProcess process = runsTheJob();

        process.kill();
        pool.settle();

        assertThat(failure()).hasMessageContainingAll("worker 0 was lost while it ran task 1", "exit 137");
    }

    @Test
    void workerIsLost_itCannotBeSaidHow_itsTaskFailsAllTheSame() {
        FakeProcess process = runsTheJob();
        process.secret = new IllegalStateException("no such directory");
        try (CapturedLog log = CapturedLog.of(Morgue.class.getName())) {
            process.kill();
            pool.settle();

            assertThat(log.events(Level.ERROR, "was not dealt with properly")).hasSize(1);
        }
        assertThat(failure())
                .hasMessageContainingAll("worker 0 was lost while it ran task 1", "no such directory", "pool=fleet");
        assertThat(pool.serving()).containsExactly("0.1");
    }

    private WorkerLostException failure() {
        assertThat(job.endings).hasSize(1).first().isInstanceOf(Ending.Failed.class);
        Ending.Failed failed = (Ending.Failed) job.endings.get(0);
        assertThat(failed.error().get()).isInstanceOf(WorkerLostException.class);
        return (WorkerLostException) failed.error().get();
    }

    /** Returns a job that the worker runs and that has timed out; its end is told with its stack, or when the worker is lost. */
    private SingleItem timesOut() {
        SingleItem late = new SingleItem(1);
        pool.settle();
        pool.scheduler.submit(late, Chunk.single(late, 0, Bytes.of(new byte[] {1, 0})));
        pool.settle();
        pool.timer.advance(Duration.ofMillis(1));
        assertThat(late.endings).as("its stack is awaited").isEmpty();
        return late;
    }

    /** Returns a job of two items that the worker has, and runs the first of. */
    private SingleItem runsTwo() {
        SingleItem two = new SingleItem();
        pool.settle();
        pool.scheduler.submit(two, Chunk.of(two, 0, 2, Bytes.of(new byte[] {1, 0, 1, 0}), new int[] {2, 4}, true));
        pool.settle();
        return two;
    }

    static List<Throwable> reasonsNotToHear() {
        return List.of(new OutOfMemoryError("Java heap space"), new ProtocolException("nonsense"));
    }

    // A worker that does not know yet that nobody hears it may begin another item at any moment.
    @ParameterizedTest
    @MethodSource("reasonsNotToHear")
    void workerCouldNotBeHeard_itHasEndedBeforeWhatItHasBegunIsLookedUp(Throwable reason) {
        SingleItem late = timesOut();
        FakeProcess process = pool.processes.get(0);
        List<Boolean> alive = new ArrayList<>();
        late.atItsEnd = () -> alive.add(process.isAlive());

        process.worker.onClosed(reason);
        pool.settle();

        assertThat(alive).as("when its loss is booked").containsExactly(false);
        assertThat(pool.serving()).containsExactly("0.1");
    }

    // Nobody knows which of the two it had begun.
    @Test
    void workerIsLost_itsRecorderCannotBeRead_allThatItHadFails(@TempDir Path directory) throws Exception {
        SingleItem two = runsTwo();
        FakeProcess process = pool.processes.get(0);
        RecorderFile recorder = RecorderFile.create(directory.resolve("recorder"));
        process.worker.recorder = recorder;
        recorder.close();

        process.kill();
        pool.settle();

        assertThat(two.endings).hasSize(2);
    }

    @Test
    void workerIsLost_noMemoryToSettleThat_isSettledAMomentLater() {
        SingleItem late = timesOut();
        pool.events.memory.refuse(2);

        pool.processes.get(0).kill();
        pool.settle();

        assertThat(late.endings).hasSize(1);
        assertThat(late.endings.get(0).outcome()).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(pool.serving()).containsExactly("0.1");
    }

    // It is given up first, so that it is replaced meanwhile; that is no reason to go by what it does while it lives.
    @Test
    void workerCouldNotBeHeard_noMemoryToGiveItUp_itIsEndedAllTheSame() {
        SingleItem two = runsTwo();
        FakeProcess process = pool.processes.get(0);
        List<Boolean> alive = new ArrayList<>();
        two.atItsEnd = () -> alive.add(process.isAlive());
        process.memory.refuse(1); // to ask for what it has not begun

        process.worker.onClosed(new OutOfMemoryError("Java heap space"));
        pool.settle();

        assertThat(alive).as("when its items fail").containsExactly(false);
        assertThat(two.endings).hasSize(2);
        assertThat(pool.serving()).containsExactly("0.1");
    }

    private void settleThoughSomethingFails() {
        try {
            pool.settle();
        } catch (OutOfMemoryError e) {
            pool.timer.advance(Duration.ofSeconds(30)); // if nothing has been done at all
            pool.settle();
        }
    }

    /** Each number is a step of what is done about a loss. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void workerIsLost_noMemoryForOneStep_itsTaskFailsOnce(int step) {
        FakeProcess process = runsTheJob();

        process.kill();
        pool.memory.refuse(step, 1);
        settleThoughSomethingFails();

        assertThat(failure()).hasMessageContaining("worker 0 was lost while it ran task 1");
    }

    /** The same if it cannot be said how it was lost, so that the task fails without that. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void workerIsLost_itCannotBeSaidHow_noMemoryForOneStep_itsTaskFailsOnce(int step) {
        FakeProcess process = runsTheJob();
        process.secret = new IllegalStateException("no such directory");

        process.kill();
        pool.memory.refuse(step, 1);
        settleThoughSomethingFails();

        assertThat(failure()).hasMessageContaining("worker 0 was lost while it ran task 1");
    }

    // Its channel has ended, but it has not.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void workerIsLost_noMemoryForOneStep_itIsKilledAllTheSame(int step) {
        FakeProcess process = runsTheJob();

        pool.memory.refuse(step, 1);
        process.worker.onClosed(null);
        pool.settle();

        assertThat(process.isAlive()).isFalse();
        assertThat(failure()).hasMessageContaining("worker 0 was lost while it ran task 1");
        assertThat(pool.serving()).containsExactly("0.1");
    }
}
