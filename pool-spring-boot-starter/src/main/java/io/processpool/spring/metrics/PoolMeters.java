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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The timers and counters of one pool, in all registries. Safe for use by many threads. */
final class PoolMeters {

    private final String pool;
    private final List<Registered> everywhere = new CopyOnWriteArrayList<>();

    PoolMeters(String pool) {
        this.pool = pool;
    }

    void bindTo(MeterRegistry registry) {
        everywhere.add(new Registered(pool, registry));
    }

    PoolListener listener() {
        return new Workers();
    }

    TaskMeter meter() {
        return new Tasks();
    }

    private void each(Consumer<Registered> action) {
        everywhere.forEach(action);
    }

    /** The meters in one registry. All that can be there from the start is, so that a rate begins at zero. */
    private static final class Registered {

        private final String pool;
        private final MeterRegistry registry;
        private final Timer wait;
        private final Map<TaskOutcome, Timer> task = new EnumMap<>(TaskOutcome.class);
        private final Timer start;
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
                    .baseUnit("tasks")
                    .register(registry);
            for (RetireReason reason : RetireReason.values()) {
                exits(PoolHistory.lowerCase(reason));
            }
            for (LossReason reason : LossReason.values()) {
                exits(PoolHistory.lowerCase(reason));
            }
            exits(START_FAILED);
        }

        private Timer.Builder timer(String name, String description) {
            return Timer.builder(ProcessPoolMetrics.PREFIX + name)
                    .tag(ProcessPoolMetrics.POOL, pool)
                    .description(description);
        }

        Counter exits(String reason) {
            return ProcessPoolMetrics.counter("worker.exits", pool)
                    .tag("reason", reason)
                    .description("Workers that ended, planned or not")
                    .baseUnit("workers")
                    .register(registry);
        }
    }

    private static final String START_FAILED = "start_failed";

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
            each(meters -> meters.exits(PoolHistory.lowerCase(reason)).increment());
        }

        @Override
        public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
            each(meters -> meters.exits(PoolHistory.lowerCase(reason.reason())).increment());
        }

        @Override
        public void workerStartFailed(WorkerSnapshot worker, WorkerStartException reason) {
            each(meters -> meters.exits(START_FAILED).increment());
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
