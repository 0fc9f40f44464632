package io.processpool;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable, consistent look at a pool.
 *
 * @param name the name of the pool
 * @param state the state of the pool
 * @param targetWorkers how many workers it is meant to have, see {@link ProcessPool#resize(int)}
 * @param workers the workers, starting (launched or about to be), standby and zombies included
 * @param tasksQueued tasks accepted and not handed to a worker
 * @param tasksActive tasks handed to a worker and not ended
 * @param queueRemaining how many more single tasks the queue takes before it is full; items of maps do not count
 * @param tasksSubmitted tasks accepted since the pool was built, each item of a map counted
 * @param tasksSucceeded tasks that returned a value
 * @param tasksFailed tasks that ended with a failure of their own, by time-out or by loss of their worker
 * @param tasksCancelled tasks that were cancelled
 * @param tasksRejected tasks refused because the queue was full
 * @param workersStarted worker processes launched since the pool was built
 * @param workersLost workers that ended without having been told to; not those killed with their pool
 * @param startTrouble why no worker can be started, or none stays: the last failure, if three tries in a row have failed, and
 *     no worker serves that has proved itself by a task, or by having been ready for two seconds; else null
 * @param untrusted whether its workers are presumed to be taken over, see {@link ProcessPool.Builder#untrusted(boolean)}
 */
public record PoolSnapshot(
        String name,
        PoolState state,
        int targetWorkers,
        List<WorkerSnapshot> workers,
        long tasksQueued,
        long tasksActive,
        long queueRemaining,
        long tasksSubmitted,
        long tasksSucceeded,
        long tasksFailed,
        long tasksCancelled,
        long tasksRejected,
        long workersStarted,
        long workersLost,
        @Nullable String startTrouble,
        boolean untrusted) {

    /** Makes one of a pool that trusts its workers; for programs that make snapshots themselves, for their tests say. */
    public PoolSnapshot(
            String name,
            PoolState state,
            int targetWorkers,
            List<WorkerSnapshot> workers,
            long tasksQueued,
            long tasksActive,
            long queueRemaining,
            long tasksSubmitted,
            long tasksSucceeded,
            long tasksFailed,
            long tasksCancelled,
            long tasksRejected,
            long workersStarted,
            long workersLost,
            @Nullable String startTrouble) {
        this(
                name,
                state,
                targetWorkers,
                workers,
                tasksQueued,
                tasksActive,
                queueRemaining,
                tasksSubmitted,
                tasksSucceeded,
                tasksFailed,
                tasksCancelled,
                tasksRejected,
                workersStarted,
                workersLost,
                startTrouble,
                false);
    }

    /** Copies the list. */
    public PoolSnapshot {
        workers = List.copyOf(workers);
    }

    /**
     * Counts the workers in a state.
     *
     * @param state the state
     * @return how many workers are in it
     */
    public long workers(WorkerState state) {
        return workers.stream().filter(w -> w.state() == state).count();
    }
}
