package io.processpool.spring.managed;

import io.processpool.ProcessPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * <p>If the pools are to stop late, a closing context leaves them open in their phase, and they are drained when this bean
 * is destroyed. A context that is only stopped, or paused, drains them in their phase nevertheless: nothing is destroyed then.
 */
public final class ProcessPoolLifecycle
        implements SmartLifecycle, ApplicationContextAware, ApplicationListener<ContextClosedEvent>, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessPoolLifecycle.class);

    private final ProcessPools pools;
    private final int phase;
    private final boolean stopsLate;

    private volatile @Nullable ApplicationContext context;
    private volatile boolean running;
    private volatile boolean closing;

    /**
     * Makes the lifecycle of all pools.
     *
     * @param pools the pools
     * @param phase the phase in which they start and stop
     * @param stopsLate whether they stay open until they are destroyed
     */
    public ProcessPoolLifecycle(ProcessPools pools, int phase, boolean stopsLate) {
        this.pools = pools;
        this.phase = phase;
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
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext() == context) { // and not a child, whose events arrive here as well
            closing = true;
        }
    }

    @Override
    public void stop() {
        running = false;
        if (!(stopsLate && closing)) {
            drainAll();
        }
    }

    /** Returns at once; other beans of this phase stop meanwhile. */
    @Override
    public void stop(Runnable callback) {
        Thread thread = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "processpool-stop");
        thread.start();
    }

    @Override
    public void destroy() {
        if (stopsLate) {
            drainAll();
        }
    }

    /** Drains all pools at the same time. */
    private void drainAll() {
        List<Thread> threads = new ArrayList<>();
        for (Map.Entry<String, ProcessPool> entry : pools.all().entrySet()) {
            Thread thread =
                    new Thread(() -> drain(entry.getKey(), entry.getValue()), "processpool-stop-" + entry.getKey());
            thread.start();
            threads.add(thread);
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
