package io.processpool.spring.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.processpool.LossReason;
import io.processpool.PoolListener;
import io.processpool.RetireReason;
import io.processpool.TaskMeter;
import io.processpool.TaskOutcome;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import io.processpool.spring.managed.PoolHistory;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The timers and counters of one pool, in all registries, each once. Safe for use by many threads. */
final class PoolMeters {

    private static final String START_FAILED = "start_failed";

    private final String pool;
    private final Map<MeterRegistry, Registered> everywhere = new ConcurrentHashMap<>();

    PoolMeters(String pool) {
        this.pool = pool;
    }

    void bindTo(MeterRegistry registry) {
        everywhere.computeIfAbsent(registry, any -> new Registered(pool, any));
    }

    /** Removes them. What still happens to the pool is not counted any more. */
    void remove() {
        everywhere.keySet().forEach(registry -> {
            Registered meters = everywhere.remove(registry);
            if (meters != null) {
                meters.remove();
            }
        });
    }

    PoolListener listener() {
        return new Workers();
    }

    TaskMeter meter() {
        return new Tasks();
    }

    private void each(Consumer<Registered> action) {
        everywhere.values().forEach(action);
    }

    /** The meters in one registry. All that can be there from the start is, so that a rate begins at zero. */
    private static final class Registered {

        private final String pool;
        private final MeterRegistry registry;
        private final Timer wait;
        private final Map<TaskOutcome, Timer> task = new EnumMap<>(TaskOutcome.class);
        private final Timer start;
        private final Map<String, Counter> exits = new HashMap<>();
        private final Counter rejected;

        Registered(String pool, MeterRegistry registry) {
            this.pool = pool;
            this.registry = registry;
            this.wait = timer("task.wait", "Time from the acceptance of a task until it runs")
                    .register(registry);
            for (TaskOutcome outcome : TaskOutcome.values()) {
                task.put(
                        outcome,
                        timer("task", "Time that a task ran, by how it ended; zero if it never started")
                                .tag("outcome", PoolHistory.lowerCase(outcome))
                                .register(registry));
            }
            this.start = timer("worker.start", "Time from the launch of a worker until it is ready")
                    .register(registry);
            this.rejected = ProcessPoolMetrics.counter("tasks.rejected", pool)
                    .description("Tasks refused because the queue was full")
                    .register(registry);
            for (RetireReason reason : RetireReason.values()) {
                addExits(PoolHistory.lowerCase(reason));
            }
            for (LossReason reason : LossReason.values()) {
                addExits(PoolHistory.lowerCase(reason));
            }
            addExits(START_FAILED);
        }

        private Timer.Builder timer(String name, String description) {
            return Timer.builder(ProcessPoolMetrics.PREFIX + name)
                    .tag(ProcessPoolMetrics.POOL, pool)
                    .description(description);
        }

        private void addExits(String reason) {
            exits.put(
                    reason,
                    ProcessPoolMetrics.counter("worker.exits", pool)
                            .tag("reason", reason)
                            .description("Workers that ended, planned or not")
                            .register(registry));
        }

        void ended(String reason) {
            Counter known = exits.get(reason);
            if (known != null) {
                known.increment();
            }
        }

        void remove() {
            task.values().forEach(registry::remove);
            exits.values().forEach(registry::remove);
            List.of(wait, start, rejected).forEach(registry::remove);
        }
    }

    private final class Workers implements PoolListener {

        @Override
        public boolean observesTasks() {
            return false;
        }

        @Override
        public void workerReady(WorkerSnapshot worker, Duration startup) {
            each(meters -> meters.start.record(startup));
        }

        @Override
        public void workerRetired(WorkerSnapshot worker, RetireReason reason) {
            each(meters -> meters.ended(PoolHistory.lowerCase(reason)));
        }

        @Override
        public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
            each(meters -> meters.ended(PoolHistory.lowerCase(reason.reason())));
        }

        @Override
        public void workerStartFailed(WorkerSnapshot worker, WorkerStartException reason) {
            each(meters -> meters.ended(START_FAILED));
        }
    }

    private final class Tasks implements TaskMeter {

        @Override
        public void started(long waitedNanos) {
            each(meters -> meters.wait.record(waitedNanos, TimeUnit.NANOSECONDS));
        }

        @Override
        public void ended(TaskOutcome outcome, long ranNanos) {
            each(meters -> recorded(meters, outcome).record(ranNanos, TimeUnit.NANOSECONDS));
        }

        @Override
        public void rejected() {
            each(meters -> meters.rejected.increment());
        }
    }

    @SuppressWarnings("NullAway") // there is one for each outcome
    private static Timer recorded(Registered meters, TaskOutcome outcome) {
        return meters.task.get(outcome);
    }
}
