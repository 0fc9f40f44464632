package io.processpool.spring.health;

import io.processpool.PoolSnapshot;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import io.processpool.WorkerState;
import io.processpool.spring.managed.PoolHistory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The health of one pool: out of service once it takes no more tasks, down only if no worker can be started, or none stays. A
 * lost worker or a zombie is the pool's business, not a reason to take the application out of service; the details show
 * them.
 */
final class PoolHealth extends AbstractHealthIndicator {

    private final ProcessPool pool;

    PoolHealth(ProcessPool pool) {
        super("Process pool health check failed");
        this.pool = pool;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        PoolSnapshot snapshot = pool.snapshot();
        String trouble = snapshot.startTrouble();
        if (snapshot.state() != PoolState.RUNNING) {
            builder.outOfService();
        } else if (trouble != null) {
            builder.down().withDetail("error", trouble);
        } else {
            builder.up();
        }
        builder.withDetail("state", PoolHistory.lowerCase(snapshot.state()))
                .withDetail("workers", workers(snapshot))
                .withDetail("tasksActive", snapshot.tasksActive())
                .withDetail("tasksQueued", snapshot.tasksQueued())
                .withDetail("queueRemaining", snapshot.queueRemaining());
    }

    /** Those that are meant to be, and in which state how many are; zombies always, for they are what to look for. */
    private static Map<String, Object> workers(PoolSnapshot snapshot) {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("target", snapshot.targetWorkers());
        for (WorkerState state : WorkerState.values()) {
            long count = snapshot.workers(state);
            if (count > 0 || state == WorkerState.ZOMBIE) {
                counts.put(PoolHistory.lowerCase(state), count);
            }
        }
        return counts;
    }
}
