package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.Mode;
import io.processpool.PoolClosedException;
import io.processpool.PoolSnapshot;
import io.processpool.PoolState;
import io.processpool.ProcessPoolException;
import io.processpool.RetireReason;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import io.processpool.internal.Nanos;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.Shortage;
import io.processpool.internal.ThreadNames;
import io.processpool.internal.Trust;
import io.processpool.internal.codec.AllowList;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.process.ContainerMemory;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import java.io.ObjectInputFilter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool behind its facade: wires the parts and owns the life cycle.
 *
 * <pre>
 *   callers              |  threads of the pool                          |  worker process (one of many)
 *   ---------------------+-----------------------------------------------+------------------------------------
 *   apply, map, imap     |                                               |
 *     encode             |                                               |
 *     Scheduler.submit --+--- socket -----------------------------------&gt;|  channel thread: reads, answers
 *                        |                                               |    task thread: decodes, runs, encodes
 *                        |  io: reads sockets, Scheduler.results  &lt;------+--- results, bundled
 *     decode  &lt;----------+--- Job.ended                                  |
 *                        |  timer: deadlines, heartbeats                 |
 *                        |  housekeeping: launches, kills, reaps --------+--- the process, its stdout and stderr
 *   callbacks, listeners &lt;-  callback and listener threads               |
 *                        |  feeder: pulls the source of a lazy map       |
 * </pre>
 *
 * <ul>
 *   <li>The <em>caller</em> encodes what it submits and, if a worker is idle, writes it to that worker's socket itself.
 *   <li>The <em>io</em> thread reads all sockets. It books results, hands the workers their next items, and only then
 *       wakes callers. It decodes nothing that a user wrote, and it never blocks.
 *   <li>The <em>timer</em> starts what time demands and runs nothing that takes long.
 *   <li><em>Housekeeping</em> threads do what may block, around processes.
 *   <li>User code of this process runs in the caller, in a feeder, on a callback or on the listener thread.
 * </ul>
 *
 * <p>One lock guards the state of scheduler, fleet and life cycle; see {@code docs/concurrency.md}.
 */
final class PoolEngine implements EngineCore {

    private static final Logger LOG = LoggerFactory.getLogger(PoolEngine.class);
    private static final Duration KILL_DEADLINE = Duration.ofSeconds(15);

    private final PoolConfig config;
    private final @Nullable ObjectInputFilter filter;
    private final ReentrantLock lock = new ReentrantLock();
    private final ScheduledThreadPoolExecutor timer;
    private final ExecutorService housekeeping;
    private final CallbackThreads callbacks;
    private final ExecutorService feeders;
    private final ListenerRelay listeners;
    private final MeterRelay meters;
    private final Dumps dumps = new Dumps();
    private final Scheduler scheduler;
    private final Fleet fleet;
    private final WorkerFactory factory;
    private final Watch watch;
    private final JobServices services;
    private final AtomicBoolean cleaning = new AtomicBoolean();
    private final CountDownLatch terminated = new CountDownLatch(1);

    /** Guarded by lock for writing. */
    private volatile PoolState state = PoolState.RUNNING;

    /** Makes a pool and begins to launch its workers. */
    PoolEngine(PoolConfig config) {
        this.config = config;
        String name = config.name();
        this.timer = new ScheduledThreadPoolExecutor(1, new NamedThreads(name, "timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // What would be due later is not due any more when all workers are gone.
        timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        timer.prestartCoreThread(); // later there may be no threads left, and it is what tries again then
        this.housekeeping = new ElasticThreads(new NamedThreads(name, "housekeeping"), timer);
        this.feeders = new ElasticThreads(new NamedThreads(name, "feeder"), timer);
        this.callbacks = new CallbackThreads(name, timer);
        this.listeners = new ListenerRelay(name, config.listeners(), housekeeping);
        this.meters = new MeterRelay(config.meters(), housekeeping);
        ValueCodec values = new ValueCodec(config.codec());
        this.filter = filter(config.trust());
        ResultDecoder decoder = new ResultDecoder(name, values, filter, this::distrust);
        EngineEvents events = new EngineEvents(this, decoder);
        this.scheduler = new Scheduler(lock, config.tasks(), events, timer, events);
        this.fleet = new Fleet(this, scheduler);
        this.watch = new Watch(this, fleet);
        ContainerMemory memory = ContainerMemory.current();
        Duration archiveDelay;
        try {
            archiveDelay = ArchiveTraining.delay(System.getProperty(ArchiveTraining.DELAY_PROPERTY));
            Welcomes welcomes = new Welcomes(config, events.observed(), fleet::attach);
            this.factory = config.mode() == Mode.INLINE
                    ? new InlineWorkers(name, welcomes)
                    : new ProcessWorkers(config, memory, welcomes, timer, fleet::closing);
        } catch (RuntimeException e) {
            timer.shutdownNow();
            throw e;
        }
        this.services = new JobServices(
                scheduler,
                new ItemEncoder(values),
                decoder,
                factory.lookout(),
                callbacks,
                timer,
                config.codec() == null);
        registerExitHook();
        fleet.start(factory);
        watch.start();
        new MemoryGuard(this, fleet, MemoryGuard.Surroundings.of(memory), MemoryRelief.SHARED).start();
        new ArchiveTraining(this, fleet, factory, archiveDelay).start();
    }

    /** Returns what decides over everything that is read of what workers send. */
    private static @Nullable ObjectInputFilter filter(Trust trust) {
        return trust.untrusted() ? new AllowList(trust.resultTypes(), trust.resultFilter()) : trust.resultFilter();
    }

    /** An untrusted worker has sent what it may not send: it has been taken over, or a type was not declared. */
    private void distrust(Lane lane, String what) {
        fleet.kill(lane, new KillReason(LossReason.PROTOCOL, "sent what is not allowed (" + what + ")"));
    }

    private void registerExitHook() {
        if (!config.registerShutdownHook()) {
            return;
        }
        try {
            ExitHook.add(this);
        } catch (IllegalStateException e) {
            timer.shutdownNow();
            factory.close();
            throw e;
        }
    }

    JobServices services() {
        return services;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    Fleet fleet() {
        return fleet;
    }

    /** Threads that pull the sources of maps. */
    ExecutorService feeders() {
        return feeders;
    }

    /** Returns how many workers there are to be. */
    int workers() {
        return Math.max(1, fleet.target());
    }

    // ---- EngineCore -----------------------------------------------------------------------------------------------

    @Override
    public PoolConfig config() {
        return config;
    }

    @Override
    public <T extends @Nullable Object> T lockedFor(Function<After, T> change) {
        After after = new After();
        T result;
        lock.lock();
        try {
            result = change.apply(after);
        } finally {
            lock.unlock();
            after.runAll(); // also if the change failed half-way: what it has decided is on record
        }
        return result;
    }

    @Override
    public @Nullable ObjectInputFilter filter() {
        return filter;
    }

    @Override
    public ScheduledExecutorService timer() {
        return timer;
    }

    @Override
    public ExecutorService housekeeping() {
        return housekeeping;
    }

    @Override
    public ListenerRelay listeners() {
        return listeners;
    }

    MeterRelay meters() {
        return meters;
    }

    @Override
    public Dumps dumps() {
        return dumps;
    }

    @Override
    public WorkerSnapshot snapshot(Worker worker) {
        lock.lock();
        try {
            return Snapshots.of(worker, scheduler);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String suffix() {
        lock.lock();
        try {
            long busy = fleet.workers().stream()
                    .filter(worker -> worker.serving() && worker.lane != null && !scheduler.idle(worker.lane))
                    .count();
            long serving = fleet.workers().stream().filter(Worker::serving).count();
            return "(pool=" + config.name() + ", busy=" + busy + ", idle=" + (serving - busy) + ", queued="
                    + scheduler.queued() + ")";
        } finally {
            lock.unlock();
        }
    }

    @Override
    public WorkerStartException startException(Throwable cause) {
        String failure = String.valueOf(cause.getMessage());
        return new WorkerStartException(
                "no worker can be started, tried " + StartTrouble.MAX_ATTEMPTS + " times or more. The last failure: "
                        + (failure.contains("pool=") ? failure : failure + " " + suffix()),
                cause);
    }

    // ---- life cycle -----------------------------------------------------------------------------------------------

    /** Moves the state on; returns false if it was there or further already. */
    private boolean advance(PoolState next) {
        lock.lock();
        try {
            if (state.compareTo(next) >= 0) {
                return false;
            }
            state = next;
        } finally {
            lock.unlock();
        }
        LOG.debug("pool {} is {}", config.name(), next);
        return true;
    }

    PoolState state() {
        return state;
    }

    void shutdown() {
        if (advance(PoolState.SHUTDOWN)) {
            scheduler.refuse(closed("was shut down"));
        }
    }

    private Supplier<ProcessPoolException> closed(String how) {
        return () -> new PoolClosedException("the pool " + how + " and takes no more tasks " + suffix(), null);
    }

    /** No job is open any more. */
    void drained() {
        lock.lock();
        try {
            if (state != PoolState.SHUTDOWN) {
                return;
            }
        } finally {
            lock.unlock();
        }
        if (advance(PoolState.STOPPING)) {
            fleet.close();
        }
    }

    void terminate() {
        boolean first = advance(PoolState.STOPPING);
        if (first) {
            scheduler.refuse(closed("was terminated"));
        }
        scheduler.abandonAll(
                () -> new PoolClosedException("the pool was terminated before the task had ended " + suffix(), null));
        if (terminated.getCount() > 0) {
            fleet.killAll();
        }
    }

    /** Waits for the end of the pool, whoever brings it about. */
    boolean awaitTermination(Duration timeout) throws InterruptedException {
        return terminated.await(Nanos.of(timeout), TimeUnit.NANOSECONDS);
    }

    boolean join(Duration timeout) throws InterruptedException {
        if (state == PoolState.RUNNING) {
            throw new IllegalStateException(
                    "join() needs shutdown(), close() or terminate() before it: the pool is running " + suffix());
        }
        return awaitTermination(timeout);
    }

    void close() {
        shutdown();
        boolean interrupted = false;
        try {
            if (join(config.shutdownTimeout())) {
                return;
            }
            LOG.warn(
                    "pool {} has not ended within shutdownTimeout={} and is terminated {}",
                    config.name(),
                    config.shutdownTimeout(),
                    suffix());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        terminate();
        try {
            if (!interrupted && !join(KILL_DEADLINE)) {
                LOG.error("pool {} cannot be rid of its workers {}", config.name(), suffix());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The facade was dropped without being closed. */
    void abandoned(Throwable creation) {
        if (state == PoolState.RUNNING) {
            LOG.warn(
                    "pool {} was dropped without close(); it finishes its tasks and ends. It was made here:",
                    config.name(),
                    creation);
            shutdown();
        }
    }

    /** The JVM exits. */
    void jvmExits() {
        try {
            if (state == PoolState.SHUTDOWN) {
                join(config.shutdownTimeout());
            }
            terminate();
            join(KILL_DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void workersGone() {
        if (cleaning.compareAndSet(false, true)) {
            startCloser();
        }
    }

    /** Starts the last thread of the pool; again and again if the system has no more threads, or the pool never ends. */
    private void startCloser() {
        Thread closer = new Thread(this::cleanUp, ThreadNames.of(config.name(), "closer"));
        closer.setDaemon(true);
        try {
            closer.start();
        } catch (OutOfMemoryError e) {
            LOG.debug("no thread to end pool {} with, trying again soon", config.name(), e);
            timer.schedule(this::startCloser, Shortage.PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void cleanUp() {
        try {
            advance(PoolState.STOPPING);
            timer.shutdownNow();
            feeders.shutdownNow();
            factory.close();
            housekeeping.shutdown();
            callbacks.shutdown();
            listeners.close();
            meters.flush();
            ExitHook.remove(this);
        } finally {
            advance(PoolState.TERMINATED);
            terminated.countDown();
            callbacks.runRest();
        }
    }

    // ---- views ----------------------------------------------------------------------------------------------------

    PoolSnapshot snapshot() {
        return Snapshots.of(this, lock);
    }

    List<WorkerSnapshot> activeChildren() {
        fleet.giveUpEnded();
        return Snapshots.living(this, lock);
    }

    Worker find(int workerId) {
        lock.lock();
        try {
            return fleet.find(workerId);
        } finally {
            lock.unlock();
        }
    }

    void recycleAll() {
        List<Worker> all;
        lock.lock();
        try {
            all = List.copyOf(fleet.workers());
        } finally {
            lock.unlock();
        }
        all.forEach(worker -> fleet.recycle(worker, RetireReason.REQUESTED));
    }
}
