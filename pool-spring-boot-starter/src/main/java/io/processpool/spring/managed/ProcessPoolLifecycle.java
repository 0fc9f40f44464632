package io.processpool.spring.managed;

import io.processpool.ProcessPool;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Starts the pools with the application context, and drains all of them at once when it stops. A pool that the application
 * made itself is drained only when the context closes: it could not be started again.
 *
 * <p>Spring's thread waits for the drain. The callback that {@link SmartLifecycle#stop(Runnable)} offers to others would come
 * from a thread that outlives it, and perhaps the logging and the class loader of the application.
 *
 * <p>If the pools are to stop late, a closing context leaves them open in their phase, and they are drained when this bean
 * is destroyed. A context that is only stopped, or paused, drains them in their phase nevertheless: nothing is destroyed then.
 */
public final class ProcessPoolLifecycle
        implements SmartLifecycle, ApplicationContextAware, ApplicationListener<ContextClosedEvent>, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessPoolLifecycle.class);
    private static final Duration UNLIMITED = Duration.ofNanos(Long.MAX_VALUE);

    private final ProcessPools pools;
    private final int phase;
    private final Duration phaseTimeout;
    private final boolean stopsLate;

    private volatile @Nullable ApplicationContext context;
    private volatile boolean running;
    private volatile boolean closing;

    /**
     * Makes the lifecycle of all pools.
     *
     * @param pools the pools
     * @param phase the phase in which they start and stop
     * @param phaseTimeout how long the context waits for them in that phase; then it goes on, and destroys them
     * @param stopsLate whether they stay open until they are destroyed, for which the context waits as long as they take
     */
    public ProcessPoolLifecycle(ProcessPools pools, int phase, Duration phaseTimeout, boolean stopsLate) {
        this.pools = pools;
        this.phase = phase;
        this.phaseTimeout = phaseTimeout.compareTo(UNLIMITED) < 0 ? phaseTimeout : UNLIMITED;
        this.stopsLate = stopsLate;
    }

    @Override
    public void setApplicationContext(ApplicationContext applicationContext) {
        context = applicationContext;
    }

    @Override
    public void start() {
        List<ManagedPool> managed = pools.all().values().stream()
                .filter(ManagedPool.class::isInstance)
                .map(ManagedPool.class::cast)
                .toList();
        managed.forEach(ManagedPool::start);
        managed.forEach(ManagedPool::awaitReady); // all of them are being launched meanwhile
        running = true;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the same object is meant
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext() == context) { // and not a child, whose events arrive here as well
            closing = true;
        }
    }

    @Override
    public void stop() {
        running = false;
        if (!(stopsLate && closing)) {
            drainAll(phaseTimeout);
        }
    }

    @Override
    public void destroy() {
        if (stopsLate) {
            drainAll(UNLIMITED);
        }
    }

    /** Drains all pools at the same time, and returns once that has ended or the time is over. */
    private void drainAll(Duration timeout) {
        Map<String, Thread> drains = new LinkedHashMap<>();
        pools.all().forEach((name, pool) -> {
            Thread drain = new Thread(() -> drain(name, pool), "processpool-stop-" + name);
            drain.start();
            drains.put(name, drain);
        });
        long begun = System.nanoTime();
        try {
            for (Thread drain : drains.values()) {
                TimeUnit.NANOSECONDS.timedJoin(drain, timeout.toNanos() - (System.nanoTime() - begun));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        drains.values().removeIf(drain -> !drain.isAlive());
        if (!drains.isEmpty()) {
            LOG.warn("The application context goes on before these process pools have ended: {}", drains.keySet());
        }
    }

    private void drain(String name, ProcessPool pool) {
        try {
            if (pool instanceof ManagedPool managed) {
                managed.drain();
            } else if (closing) {
                new PoolDrain(name, pool).run();
            }
        } catch (RuntimeException e) {
            LOG.error("process pool '{}' could not be closed", name, e);
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return phase;
    }
}
