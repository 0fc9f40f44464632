package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.LossReason;
import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.testing.Scarcity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What the scheduler tells the engine, in words. */
final class RecordedEvents implements SchedulerEvents, TaskMessages {

    private final ReentrantLock lock;
    private final List<String> told = new ArrayList<>();
    boolean observed;
    boolean tracksIdleness;

    /** What it takes to tell of single tasks, and to say something about one. */
    final Scarcity memory = new Scarcity();

    RecordedEvents(ReentrantLock lock) {
        this.lock = lock;
    }

    private void tell(String event) {
        assertThat(lock.isHeldByCurrentThread())
                .as("told under the lock: " + event)
                .isFalse();
        told.add(event);
    }

    /** Of single tasks: under the lock, for the order. */
    private void tellOfTask(String event) {
        assertThat(lock.isHeldByCurrentThread())
                .as("told under the lock: " + event)
                .isTrue();
        memory.take();
        told.add(event);
    }

    /** Returns what was told since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(told);
        told.clear();
        return taken;
    }

    @Override
    public void workWaiting() {
        tell("work waits");
    }

    @Override
    public void laneRunsOut(Lane lane) {
        tell("runs out " + lane.where());
    }

    @Override
    public void laneSpent(Lane lane) {
        tell("spent " + lane.where());
    }

    @Override
    public void laneIdle(Lane lane) {
        tell("idle " + lane.where());
    }

    @Override
    public boolean tracksIdleness() {
        return tracksIdleness;
    }

    @Override
    public void killLane(Lane lane, LossReason kind, String what) {
        tell("kill " + lane.where() + ": " + what);
    }

    @Override
    public void drained() {
        tell("drained");
    }

    @Override
    public boolean observed() {
        return observed;
    }

    @Override
    public void taskQueued(Job job, long index) {
        tellOfTask("queued " + job.id() + "/" + index);
    }

    @Override
    public void taskStarted(Job job, long index, Lane lane, long waitedNanos) {
        assertThat(waitedNanos).isNotNegative();
        tellOfTask("started " + job.id() + "/" + index + " on " + lane.where());
    }

    @Override
    public void taskDone(Job job, long index, TaskOutcome outcome, long ranNanos) {
        assertThat(ranNanos).isBetween(0L, Duration.ofDays(1).toNanos());
        tellOfTask("done " + job.id() + "/" + index + " " + outcome);
    }

    @Override
    public void taskProgress(Job job, long index, long done, long total) {
        tellOfTask("progress " + job.id() + "/" + index + " " + done + "/" + total);
    }

    @Override
    public void taskRejected(String name) {
        tellOfTask("rejected " + name);
    }

    @Override
    public String suffix() {
        assertThat(lock.isHeldByCurrentThread()).isTrue();
        return "(pool=test)";
    }

    @Override
    public String timedOut(Job job, long index, Lane lane) {
        assertThat(lock.isHeldByCurrentThread()).isTrue();
        memory.take();
        return job.describe(index) + " timed out (" + lane.where() + ")";
    }

    @Override
    public void logSlow(Job job, long index, Lane lane, Bytes stack) {
        assertThat(lock.isHeldByCurrentThread()).isTrue();
        told.add("slow " + job.id() + "/" + index + " at " + HexFormat.of().formatHex(stack.toArray()));
    }

    @Override
    public @Nullable Throwable decodeStack(Job job, @Nullable Bytes stack) {
        return stack == null ? null : new Throwable(HexFormat.of().formatHex(stack.toArray()));
    }
}
