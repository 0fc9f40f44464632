package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.SchedulerEvents;
import io.processpool.internal.scheduler.TaskMessages;
import io.processpool.testing.Scarcity;
import org.jspecify.annotations.Nullable;

/** Tells a fleet without tasks what the scheduler has to say of its lanes. */
final class FleetEvents implements SchedulerEvents, TaskMessages {

    private final FleetFixture fixture;

    /** What it takes to say something about a task. */
    final Scarcity memory = new Scarcity();

    /** Whether it was told that no job is open any more. */
    boolean drained;

    FleetEvents(FleetFixture fixture) {
        this.fixture = fixture;
    }

    @Override
    public void workWaiting() {
        fixture.fleet.workWaiting();
    }

    @Override
    public void laneRunsOut(Lane lane) {
        fixture.fleet.runsOut(lane);
    }

    @Override
    public void laneSpent(Lane lane) {
        fixture.fleet.spent(lane);
    }

    @Override
    public void laneIdle(Lane lane) {
        fixture.fleet.laneIdle(lane);
    }

    @Override
    public boolean tracksIdleness() {
        return false;
    }

    @Override
    public void killLane(Lane lane, LossReason kind, String what) {
        fixture.fleet.kill(lane, new KillReason(kind, what));
    }

    @Override
    public void drained() {
        drained = true;
    }

    @Override
    public boolean observed() {
        return false;
    }

    @Override
    public void taskQueued(Job job, long index) {}

    @Override
    public void taskStarted(Job job, long index, Lane lane, long waitedNanos) {}

    @Override
    public void taskDone(Job job, long index, TaskOutcome outcome, long ranNanos) {}

    @Override
    public void taskProgress(Job job, long index, long done, long total) {}

    @Override
    public void taskRejected(String name) {}

    @Override
    public String suffix() {
        return fixture.suffix();
    }

    @Override
    public String timedOut(Job job, long index, Lane lane) {
        memory.take();
        return "timed out";
    }

    @Override
    public void logSlow(Job job, long index, Lane lane, Bytes stack) {}

    @Override
    public @Nullable Throwable decodeStack(Job job, @Nullable Bytes stack) {
        return null;
    }
}
