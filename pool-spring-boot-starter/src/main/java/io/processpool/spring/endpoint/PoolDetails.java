package io.processpool.spring.endpoint;

import io.processpool.PoolSnapshot;
import io.processpool.spring.managed.PoolHistory;
import java.util.List;

/**
 * A pool with its workers and what happened lately.
 *
 * @param pool the pool in short
 * @param workers its workers
 * @param recent the latest exits and failures of workers, the newest first
 */
public record PoolDetails(PoolDescription pool, List<WorkerDescription> workers, List<PoolHistory.Event> recent) {

    static PoolDetails of(PoolSnapshot snapshot, PoolHistory history) {
        return new PoolDetails(
                PoolDescription.of(snapshot),
                snapshot.workers().stream().map(WorkerDescription::of).toList(),
                history.recent());
    }
}
