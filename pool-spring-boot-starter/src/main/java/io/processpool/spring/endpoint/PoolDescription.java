package io.processpool.spring.endpoint;

import io.processpool.PoolSnapshot;
import io.processpool.WorkerState;
import io.processpool.spring.managed.PoolHistory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pool in short.
 *
 * @param state its state, such as {@code running}
 * @param workersTarget how many workers it is meant to have
 * @param workers how many workers are in each state
 * @param tasks how many tasks there are and were
 * @param workersStarted how many worker processes were launched
 * @param workersLost how many of them ended without having been told to
 * @param startTrouble why no worker can be started, or none stays, or null
 * @param untrusted whether its workers are presumed to be taken over
 */
public record PoolDescription(
        String state,
        int workersTarget,
        Map<String, Long> workers,
        Tasks tasks,
        long workersStarted,
        long workersLost,
        @Nullable String startTrouble,
        boolean untrusted) {

    /**
     * How many tasks there are and were since the pool was started.
     *
     * @param active handed to a worker and not ended
     * @param queued accepted and not handed to a worker
     * @param queueRemaining how many more the queue takes
     * @param submitted accepted
     * @param succeeded returned a value
     * @param failed failed, for whatever reason
     * @param cancelled were cancelled
     * @param rejected refused because the queue was full
     */
    public record Tasks(
            long active,
            long queued,
            long queueRemaining,
            long submitted,
            long succeeded,
            long failed,
            long cancelled,
            long rejected) {}

    static PoolDescription of(PoolSnapshot snapshot) {
        Map<String, Long> workers = new LinkedHashMap<>();
        for (WorkerState state : WorkerState.values()) {
            if (state != WorkerState.EXITED) {
                workers.put(PoolHistory.lowerCase(state), snapshot.workers(state));
            }
        }
        return new PoolDescription(
                PoolHistory.lowerCase(snapshot.state()),
                snapshot.targetWorkers(),
                workers,
                new Tasks(
                        snapshot.tasksActive(),
                        snapshot.tasksQueued(),
                        snapshot.queueRemaining(),
                        snapshot.tasksSubmitted(),
                        snapshot.tasksSucceeded(),
                        snapshot.tasksFailed(),
                        snapshot.tasksCancelled(),
                        snapshot.tasksRejected()),
                snapshot.workersStarted(),
                snapshot.workersLost(),
                snapshot.startTrouble(),
                snapshot.untrusted());
    }
}
