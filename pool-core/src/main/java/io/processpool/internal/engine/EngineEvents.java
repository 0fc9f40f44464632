package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.TaskOutcome;
import io.processpool.TaskSnapshot;
import io.processpool.WorkerSnapshot;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.SchedulerEvents;
import io.processpool.internal.scheduler.TaskMessages;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the scheduler tells the engine, passed on to those whom it concerns: fleet, listeners, log. */
final class EngineEvents implements SchedulerEvents, TaskMessages {

    private static final Logger LOG = LoggerFactory.getLogger(EngineEvents.class);

    private final PoolEngine engine;
    private final ResultDecoder decoder;

    EngineEvents(PoolEngine engine, ResultDecoder decoder) {
        this.engine = engine;
        this.decoder = decoder;
    }

    @Override
    public void workWaiting() {
        engine.fleet().workWaiting();
    }

    @Override
    public void laneRunsOut(Lane lane) {
        engine.fleet().runsOut(lane);
    }

    @Override
    public void laneSpent(Lane lane) {
        engine.fleet().spent(lane);
    }

    @Override
    public void laneIdle(Lane lane) {
        engine.fleet().laneIdle(lane);
    }

    @Override
    public boolean tracksIdleness() {
        return engine.config().recycle().idleTimeout() != null;
    }

    @Override
    public boolean distrustsWorkers() {
        return engine.config().trust().untrusted();
    }

    @Override
    public void killLane(Lane lane, LossReason kind, String what) {
        engine.fleet().kill(lane, new KillReason(kind, what));
    }

    @Override
    public void drained() {
        engine.drained();
    }

    @Override
    public boolean observed() {
        return engine.listeners().observesTasks() || !engine.meters().isEmpty();
    }

    private static TaskSnapshot task(Job job, long index, @Nullable Instant startedAt) {
        return new TaskSnapshot(job.id(), index, job.settings().name(), startedAt);
    }

    @Override
    public void taskQueued(Job job, long index) {
        if (engine.listeners().observesTasks()) {
            TaskSnapshot task = task(job, index, null);
            engine.listeners().tellOfTask(listener -> listener.taskQueued(task));
        }
    }

    @Override
    public void taskStarted(Job job, long index, Lane lane, long waitedNanos) {
        engine.meters().started(waitedNanos);
        if (!engine.listeners().observesTasks()) {
            return;
        }
        TaskSnapshot task = task(job, index, Instant.now());
        WorkerSnapshot worker = engine.fleet().snapshot(lane);
        if (worker != null) {
            Duration waited = Duration.ofNanos(Math.max(0, waitedNanos));
            engine.listeners().tellOfTask(listener -> listener.taskStarted(task, worker, waited));
        }
    }

    @Override
    public void taskDone(Job job, long index, TaskOutcome outcome, long ranNanos) {
        engine.meters().ended(outcome, ranNanos);
        if (engine.listeners().observesTasks()) {
            TaskSnapshot task = task(job, index, null);
            engine.listeners().tellOfTask(listener -> listener.taskDone(task, outcome, Duration.ofNanos(ranNanos)));
        }
    }

    @Override
    public void taskProgress(Job job, long index, long done, long total) {
        if (engine.listeners().observesTasks()) {
            TaskSnapshot task = task(job, index, null);
            engine.listeners().tellOfTask(listener -> listener.taskProgress(task, done, total));
        }
    }

    @Override
    public void taskRejected(String name) {
        engine.meters().rejected();
        engine.listeners().tellOfTask(listener -> listener.taskRejected(name));
    }

    @Override
    public String suffix() {
        return engine.suffix();
    }

    @Override
    public String timedOut(Job job, long index, Lane lane) {
        return job.describe(index) + " ran longer than its timeout="
                + Duration.ofNanos(job.settings().timeoutNanos()) + " (pool="
                + engine.config().name() + ", " + lane.where() + ")";
    }

    @Override
    public void logSlow(Job job, long index, Lane lane, Bytes stack) {
        if (stack.length() == 0) {
            return;
        }
        engine.housekeeping()
                .execute(() -> LOG.warn(
                        "{} runs longer than slowTaskThreshold={} (pool={}, {}); it is here:",
                        job.describe(index),
                        engine.config().tasks().slowThreshold(),
                        engine.config().name(),
                        lane.where(),
                        decoder.stack(job, stack)));
    }

    @Override
    public @Nullable Throwable decodeStack(Job job, @Nullable Bytes stack) {
        return decoder.stack(job, stack);
    }
}
