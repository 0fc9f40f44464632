package io.processpool.internal.engine;

import io.processpool.PoolSnapshot;
import io.processpool.TaskSnapshot;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerState;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.scheduler.TaskCounters;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Takes looks at the pool: what is guarded is read under the lock, what the system has to tell after it. */
final class Snapshots {

    /** A look at a worker that still lacks what the system knows of its process. */
    private record Draft(WorkerSnapshot snapshot, @Nullable WorkerProcess process) {

        boolean isAlive() {
            return process != null && process.isAlive();
        }

        WorkerSnapshot complete() {
            if (process == null || !process.isAlive()) {
                return snapshot;
            }
            return new WorkerSnapshot(
                    snapshot.id(),
                    snapshot.generation(),
                    snapshot.pid(),
                    snapshot.state(),
                    snapshot.currentTask(),
                    snapshot.tasksCompleted(),
                    snapshot.startedAt(),
                    process.residentBytes(),
                    process.cpuTime());
        }
    }

    private Snapshots() {}

    /** Returns the workers whose process is alive. */
    static List<WorkerSnapshot> living(PoolEngine engine, ReentrantLock lock) {
        List<Draft> drafts = new ArrayList<>();
        lock.lock();
        try {
            for (Worker worker : engine.fleet().workers()) {
                drafts.add(new Draft(of(worker, engine.scheduler()), worker.process));
            }
        } finally {
            lock.unlock();
        }
        return drafts.stream().filter(Draft::isAlive).map(Draft::complete).toList();
    }

    static PoolSnapshot of(PoolEngine engine, ReentrantLock lock) {
        List<Draft> drafts = new ArrayList<>();
        PoolSnapshot withoutWorkers;
        lock.lock();
        try {
            Scheduler scheduler = engine.scheduler();
            Fleet fleet = engine.fleet();
            for (Worker worker : fleet.workers()) {
                drafts.add(new Draft(of(worker, scheduler), worker.process));
            }
            TaskCounters counters = scheduler.counters();
            withoutWorkers = new PoolSnapshot(
                    engine.config().name(),
                    engine.state(),
                    fleet.target(),
                    List.of(),
                    scheduler.queued(),
                    scheduler.active(),
                    scheduler.room(),
                    counters.submitted(),
                    counters.succeeded(),
                    counters.failed(),
                    counters.cancelled(),
                    counters.rejected(),
                    fleet.started(),
                    fleet.lost(),
                    fleet.startTrouble(),
                    engine.config().trust().untrusted());
        } finally {
            lock.unlock();
        }
        return withWorkers(withoutWorkers, drafts.stream().map(Draft::complete).toList());
    }

    private static PoolSnapshot withWorkers(PoolSnapshot pool, List<WorkerSnapshot> workers) {
        return new PoolSnapshot(
                pool.name(),
                pool.state(),
                pool.targetWorkers(),
                workers,
                pool.tasksQueued(),
                pool.tasksActive(),
                pool.queueRemaining(),
                pool.tasksSubmitted(),
                pool.tasksSucceeded(),
                pool.tasksFailed(),
                pool.tasksCancelled(),
                pool.tasksRejected(),
                pool.workersStarted(),
                pool.workersLost(),
                pool.startTrouble(),
                pool.untrusted());
    }

    /** Returns what is known without asking the system; the caller holds the lock. */
    static WorkerSnapshot of(Worker worker, Scheduler scheduler) {
        Lane lane = worker.lane;
        return new WorkerSnapshot(
                worker.slot(),
                worker.generation(),
                worker.pid(),
                state(worker, scheduler),
                lane == null ? null : task(scheduler.running(lane)),
                lane == null ? 0 : scheduler.ended(lane),
                worker.startedAt(),
                -1,
                null);
    }

    private static WorkerState state(Worker worker, Scheduler scheduler) {
        return switch (worker.phase()) {
            case STARTING -> WorkerState.STARTING;
            case STANDBY -> WorkerState.STANDBY;
            case SERVING -> worker.lane != null && scheduler.idle(worker.lane) ? WorkerState.IDLE : WorkerState.BUSY;
            case RETIRING -> WorkerState.RETIRING;
            case ZOMBIE -> WorkerState.ZOMBIE;
            case EXITED -> WorkerState.EXITED;
        };
    }

    private static @Nullable TaskSnapshot task(Scheduler.@Nullable RunningTask running) {
        if (running == null) {
            return null;
        }
        Instant startedAt = Instant.now().minus(Duration.ofNanos(System.nanoTime() - running.since()));
        return new TaskSnapshot(
                running.job().id(), running.index(), running.job().settings().name(), startedAt);
    }
}
