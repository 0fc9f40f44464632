package io.processpool.spring.managed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.processpool.MapOptions;
import io.processpool.PoolClosedException;
import io.processpool.PoolSnapshot;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import io.processpool.ResultIterator;
import io.processpool.TaskBiFunction;
import io.processpool.TaskCallable;
import io.processpool.TaskFunction;
import io.processpool.TaskFuture;
import io.processpool.TaskOptions;
import io.processpool.WorkerSnapshot;
import io.processpool.spring.StartMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.DisposableBean;

/**
 * A pool that starts and stops with an application context, and may do so again: it makes a new pool each time, and passes
 * everything on to that. Safe for use by many threads.
 *
 * <pre>
 *             start(), first use          drain()               start()
 *   UNUSED ----------------------> OPEN ----------> STOPPED ------------> OPEN ...
 *      |                             |                 |
 *      +-----------------------------+-----------------+---- destroy() --&gt; DESTROYED
 * </pre>
 */
public final class ManagedPool implements ProcessPool, BeanClassLoaderAware, DisposableBean {

    private enum Phase {
        /** Was never started; the first use starts it, wherever the context is. */
        UNUSED,
        /** Started; a lazy one may not have a pool yet. */
        OPEN,
        /** Its context is stopped or paused. */
        STOPPED,
        /** Its context is closed; there is no way back. */
        DESTROYED
    }

    private final String name;
    private final Supplier<ProcessPool> builder;
    private final StartMode startMode;
    private final PoolSnapshot unused;
    private final Object monitor = new Object();

    /** Set by Spring, before anybody has the bean. */
    private ClassLoader beanClassLoader = ManagedPool.class.getClassLoader();

    @GuardedBy("monitor")
    private Phase phase = Phase.UNUSED;

    /** The pool in use, or the one of before the stop; written with the monitor held. */
    private volatile @Nullable ProcessPool current;

    /** Whether {@link #current} takes tasks, as far as this class knows; written with the monitor held. */
    private volatile boolean open;

    /**
     * Makes a pool that has no workers yet.
     *
     * @param unused what its snapshot shows until it has
     * @param builder builds and launches a pool, each time this one is started
     * @param startMode when that happens
     */
    public ManagedPool(PoolSnapshot unused, Supplier<ProcessPool> builder, StartMode startMode) {
        this.name = unused.name();
        this.unused = unused;
        this.builder = builder;
        this.startMode = startMode;
    }

    @Override
    public void setBeanClassLoader(ClassLoader classLoader) {
        beanClassLoader = classLoader;
    }

    /** Begins to launch the workers, unless the pool is lazy or running. */
    void start() {
        synchronized (monitor) {
            if (phase == Phase.DESTROYED) {
                throw closed();
            }
            phase = Phase.OPEN;
            if (!open) {
                current = null; // that of before the restart tells nothing any more
            }
            if (startMode == StartMode.LAZY) {
                return;
            }
        }
        pool();
    }

    /**
     * Waits for a worker, if that is how the pool is to start.
     *
     * @throws io.processpool.WorkerStartException if none can be started
     */
    void awaitReady() {
        if (startMode == StartMode.READY) {
            pool().apply(new ReadyProbe());
        }
    }

    /** Takes no more tasks, waits for those there are, kills what takes too long. Returns once all workers are gone. */
    void drain() {
        ProcessPool pool = leave(Phase.STOPPED);
        if (pool != null) {
            new PoolDrain(name, pool).run();
        }
    }

    /** Ends the pool for good: drains it; or, if that has been going on too long for the context, kills it. */
    @Override
    public void destroy() {
        boolean draining;
        synchronized (monitor) {
            draining = phase == Phase.STOPPED;
        }
        ProcessPool pool = leave(Phase.DESTROYED);
        if (pool == null) {
            return;
        }
        if (draining) {
            pool.terminate();
        }
        pool.close();
    }

    private @Nullable ProcessPool leave(Phase next) {
        synchronized (monitor) {
            phase = next;
            open = false;
            return current;
        }
    }

    /** Returns the pool, which the first call starts. */
    private ProcessPool pool() {
        ProcessPool pool = current;
        return open && pool != null ? pool : open();
    }

    private ProcessPool open() {
        synchronized (monitor) {
            if (phase == Phase.STOPPED || phase == Phase.DESTROYED) {
                throw closed();
            }
            ProcessPool pool = current;
            if (!open || pool == null) {
                pool = build();
                current = pool;
                open = true;
                phase = Phase.OPEN;
            }
            return pool;
        }
    }

    /** Whoever happens to need the pool first, it belongs to the application: workers and results have its classes. */
    private ProcessPool build() {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        thread.setContextClassLoader(beanClassLoader);
        try {
            return builder.get();
        } finally {
            thread.setContextClassLoader(own);
        }
    }

    @GuardedBy("monitor")
    private PoolClosedException closed() {
        String what = phase == Phase.DESTROYED ? "closed" : "stopped, paused or closing";
        return new PoolClosedException(
                "the application context of this pool is " + what + " (pool=" + name + ")", null);
    }

    // ---- what an unused pool can answer by itself -----------------------------------------------------------------

    @Override
    public PoolSnapshot snapshot() {
        ProcessPool pool;
        synchronized (monitor) {
            if (awaitsFirstUse()) {
                return unused;
            }
            pool = current;
        }
        return pool == null ? ended(unused) : pool.snapshot();
    }

    private boolean awaitsFirstUse() {
        synchronized (monitor) {
            return !open && (phase == Phase.UNUSED || phase == Phase.OPEN);
        }
    }

    private static PoolSnapshot ended(PoolSnapshot unused) {
        return new PoolSnapshot(
                unused.name(),
                PoolState.TERMINATED,
                0,
                List.of(),
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                unused.untrusted());
    }

    @Override
    public List<WorkerSnapshot> activeChildren() {
        ProcessPool pool = current;
        return pool == null ? List.of() : pool.activeChildren();
    }

    /** Ends the pool in use; one that is not used yet takes no tasks any more. */
    @Override
    public void shutdown() {
        ProcessPool pool = endable();
        if (pool != null) {
            pool.shutdown();
        }
    }

    @Override
    public void terminate() {
        ProcessPool pool = endable();
        if (pool != null) {
            pool.terminate();
        }
    }

    @Override
    public void close() {
        ProcessPool pool = endable();
        if (pool != null) {
            pool.close();
        }
    }

    /** Returns the pool in use; if there is none yet, there will be none. */
    private @Nullable ProcessPool endable() {
        ProcessPool pool = current;
        return pool != null ? pool : leaveUnused();
    }

    /** Returns the pool if another thread has just started it. */
    private @Nullable ProcessPool leaveUnused() {
        synchronized (monitor) {
            if (current == null && phase != Phase.DESTROYED) {
                phase = Phase.STOPPED;
            }
            return current;
        }
    }

    @Override
    public void join() throws InterruptedException {
        ProcessPool pool = current;
        if (pool != null) {
            pool.join();
        } else {
            requireEnded();
        }
    }

    @Override
    public boolean join(Duration timeout) throws InterruptedException {
        ProcessPool pool = current;
        if (pool != null) {
            return pool.join(timeout);
        }
        requireEnded();
        return true;
    }

    private void requireEnded() {
        if (snapshot().state() == PoolState.RUNNING) {
            throw new IllegalStateException("call shutdown() or terminate() before join() (pool=" + name + ")");
        }
    }

    // ---- what needs the pool --------------------------------------------------------------------------------------

    @Override
    public <R> R apply(TaskCallable<R> task) {
        return pool().apply(task);
    }

    @Override
    public <T, R> R apply(TaskFunction<? super T, ? extends R> fn, T argument) {
        return pool().apply(fn, argument);
    }

    @Override
    public <R> TaskFuture<R> applyAsync(TaskCallable<R> task, TaskOptions options) {
        return pool().applyAsync(task, options);
    }

    @Override
    public <T, R> TaskFuture<R> applyAsync(TaskFunction<? super T, ? extends R> fn, T argument, TaskOptions options) {
        return pool().applyAsync(fn, argument, options);
    }

    @Override
    public <T, R> List<R> map(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options) {
        return pool().map(fn, items, options);
    }

    @Override
    public <T, R> TaskFuture<List<R>> mapAsync(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options) {
        return pool().mapAsync(fn, items, options);
    }

    @Override
    public <A, B, R> List<R> starmap(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options) {
        return pool().starmap(fn, pairs, options);
    }

    @Override
    public <A, B, R> TaskFuture<List<R>> starmapAsync(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options) {
        return pool().starmapAsync(fn, pairs, options);
    }

    @Override
    public <T, R> ResultIterator<R> imap(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options) {
        return pool().imap(fn, items, options);
    }

    @Override
    public <T, R> ResultIterator<R> imapUnordered(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options) {
        return pool().imapUnordered(fn, items, options);
    }

    @Override
    public <A, B, R> ResultIterator<R> istarmap(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options) {
        return pool().istarmap(fn, pairs, options);
    }

    @Override
    public <A, B, R> ResultIterator<R> istarmapUnordered(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options) {
        return pool().istarmapUnordered(fn, pairs, options);
    }

    @Override
    public void resize(int workers) {
        pool().resize(workers);
    }

    @Override
    public void recycle(int workerId) {
        pool().recycle(workerId);
    }

    /** Of a pool that has no workers yet, there is none to replace. */
    @Override
    public void recycleAll() {
        if (!awaitsFirstUse()) {
            pool().recycleAll();
        }
    }

    @Override
    public void kill(int workerId) {
        pool().kill(workerId);
    }

    @Override
    public String threadDump(int workerId) {
        return pool().threadDump(workerId);
    }

    /** Returns a view of the pool that is in use now: after a restart of the context, ask again. */
    @Override
    public ExecutorService asExecutorService() {
        return pool().asExecutorService();
    }

    @Override
    public String toString() {
        return "ManagedPool[" + name + ", " + snapshot().state() + "]";
    }
}
