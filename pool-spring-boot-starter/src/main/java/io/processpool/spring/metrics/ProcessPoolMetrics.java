package io.processpool.spring.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.processpool.PoolSnapshot;
import io.processpool.ProcessPool;
import io.processpool.WorkerState;
import io.processpool.spring.ProcessPoolCustomizer;
import io.processpool.spring.managed.PoolHistory;
import io.processpool.spring.managed.ProcessPools;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.springframework.core.Ordered;

/**
 * The meters of all pools. Gauges read a snapshot, of pools of whatever origin; timers and counters are fed by the pools
 * that are customized by this class. They follow pools that come and go; when all of the application goes, timers and
 * counters stay for a registry that publishes once more as it closes. Safe for use by many threads.
 *
 * <p>A base unit is given only if the name does not say it: Prometheus appends it.
 */
final class ProcessPoolMetrics implements ProcessPoolCustomizer, MeterBinder, Ordered {

    static final String PREFIX = "processpool.";
    static final String POOL = "pool";

    /** The states that a worker of a pool can be in. */
    private static final List<WorkerState> STATES = List.of(
            WorkerState.STARTING,
            WorkerState.STANDBY,
            WorkerState.IDLE,
            WorkerState.BUSY,
            WorkerState.RETIRING,
            WorkerState.ZOMBIE);

    private final ProcessPools pools;
    private final BooleanSupplier contextIsOpen;
    private final CopyOnWriteArrayList<MeterRegistry> registries = new CopyOnWriteArrayList<>();
    private final Map<String, PoolMeters> events = new ConcurrentHashMap<>();

    ProcessPoolMetrics(ProcessPools pools, BooleanSupplier contextIsOpen) {
        this.pools = pools;
        this.contextIsOpen = contextIsOpen;
    }

    @Override
    public void customize(String name, ProcessPool.Builder builder) {
        PoolMeters meters = events.computeIfAbsent(name, PoolMeters::new);
        registries.forEach(meters::bindTo);
        builder.listener(meters.listener()).taskMeter(meters.meter());
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        if (!registries.addIfAbsent(registry)) {
            return;
        }
        events.values().forEach(meters -> meters.bindTo(registry));
        pools.observe(new Gauges(registry));
    }

    private void removed(String name) {
        if (!contextIsOpen.getAsBoolean()) {
            return;
        }
        PoolMeters meters = events.remove(name);
        if (meters != null) {
            meters.remove();
        }
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    /** The gauges in one registry, of all pools. */
    private final class Gauges implements ProcessPools.Observer {

        private final MeterRegistry registry;
        private final Map<String, List<Meter>> registered = new ConcurrentHashMap<>();

        Gauges(MeterRegistry registry) {
            this.registry = registry;
        }

        @Override
        public void added(String name, ProcessPool pool) {
            List<Meter> meters = new ArrayList<>();
            CachedSnapshot look = new CachedSnapshot(pool);
            Tags tags = Tags.of(POOL, name);
            for (WorkerState state : STATES) {
                meters.add(gauge("workers", look, snapshot -> snapshot.workers(state))
                        .description("Workers in this state; a zombie exists and serves nobody")
                        .tags(tags.and("state", PoolHistory.lowerCase(state)))
                        .register(registry));
            }
            meters.add(gauge("workers.max", look, PoolSnapshot::targetWorkers)
                    .description("Workers that the pool is meant to have")
                    .tags(tags)
                    .register(registry));
            meters.add(gauge("workers.memory", look, ProcessPoolMetrics::resident)
                    .description("Resident memory of all workers, as far as the platform tells it")
                    .tags(tags)
                    .baseUnit("bytes")
                    .register(registry));
            meters.add(gauge("tasks.active", look, PoolSnapshot::tasksActive)
                    .description("Tasks handed to a worker and not ended")
                    .tags(tags)
                    .register(registry));
            meters.add(gauge("tasks.queued", look, PoolSnapshot::tasksQueued)
                    .description("Tasks accepted and not handed to a worker")
                    .tags(tags)
                    .register(registry));
            meters.add(gauge("queue.remaining", look, PoolSnapshot::queueRemaining)
                    .description("Single tasks that the queue takes before it is full")
                    .tags(tags)
                    .baseUnit("tasks")
                    .register(registry));
            registered.put(name, meters);
        }

        @Override
        public void removed(String name) {
            List<Meter> meters = registered.remove(name);
            if (meters != null) {
                meters.forEach(registry::remove);
            }
            ProcessPoolMetrics.this.removed(name);
        }
    }

    private static Gauge.Builder<CachedSnapshot> gauge(
            String name, CachedSnapshot look, ToDoubleFunction<PoolSnapshot> value) {
        return Gauge.builder(PREFIX + name, look, snapshots -> value.applyAsDouble(snapshots.get()))
                .strongReference(true);
    }

    private static double resident(PoolSnapshot snapshot) {
        return snapshot.workers().stream()
                .mapToLong(worker -> Math.max(0, worker.residentBytes()))
                .sum();
    }

    /** Returns a counter of this pool. */
    static Counter.Builder counter(String name, String pool) {
        return Counter.builder(PREFIX + name).tag(POOL, pool);
    }
}
