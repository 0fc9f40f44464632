package io.processpool.internal.engine;

import io.processpool.RetireReason;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerState;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of a pool: launches, greets, replaces and retires them, and keeps as many as are wanted. The rule is one
 * comparison, made after every change ({@link #reconcile}): those that serve or will serve, against those wanted. So no
 * event can be counted twice or be missed.
 *
 * <p>Guarded by the pool's lock, except for what blocks: launching, killing and burying happens on the pool's
 * housekeeping threads.
 */
final class Fleet {

    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

    /** How long a worker that has nothing more to do may take to exit. */
    private static final Duration EXIT_DEADLINE = Duration.ofSeconds(10);

    /** How long the end of the channel may come after the end of the process. */
    private static final long CHANNEL_LAG_MILLIS = 2_000;

    private static final long STABLE_MILLIS = 2_000;

    private final EngineCore core;
    private final PoolConfig config;
    private final Scheduler scheduler;
    private final Morgue morgue;

    // All below are guarded by the pool's lock.
    private final List<Worker> workers = new ArrayList<>();
    private final Map<Lane, Worker> byLane = new IdentityHashMap<>();
    private final Map<Integer, Integer> generations = new HashMap<>();
    private final ArrayDeque<Worker> recycleLater = new ArrayDeque<>();
    private final StartTrouble trouble = new StartTrouble();
    private @Nullable WorkerFactory factory;
    private int target;
    /** How many are to serve: the target, less those that were let go for idleness. */
    private int wanted;

    private volatile boolean mayGrow;
    private volatile boolean closing;
    private boolean reconcileScheduled;
    long started;
    long lost;

    Fleet(EngineCore core, Scheduler scheduler) {
        this.core = core;
        this.config = core.config();
        this.scheduler = scheduler;
        this.target = config.workers();
        this.wanted = target;
        this.morgue = new Morgue(core, this, scheduler);
    }

    /** Begins to launch workers. */
    void start(WorkerFactory newFactory) {
        core.locked(after -> {
            factory = newFactory;
            reconcile(after);
        });
    }

    // ---- how many -------------------------------------------------------------------------------------------------

    /** Launches, promotes or lets go until there are as many workers as wanted. */
    private void reconcile(After after) {
        mayGrow = wanted < target;
        if (closing || factory == null) {
            return;
        }
        int serving = count(worker -> !worker.standby && worker.phase().live() && !worker.leaving);
        while (serving < wanted && addServing(after)) {
            serving++;
        }
        while (serving > wanted) {
            Worker surplus = surplus();
            retire(surplus, RetireReason.RESIZED, after);
            serving--;
        }
        int standby = count(worker -> worker.standby && worker.phase().live());
        while (standby < config.standbyWorkers() && mayLaunch(after)) {
            launch(true, after);
            standby++;
        }
    }

    private int count(Predicate<Worker> which) {
        return (int) workers.stream().filter(which).count();
    }

    private boolean addServing(After after) {
        Worker ready = first(worker -> worker.phase() == Phase.STANDBY);
        if (ready != null) {
            ready.standby = false;
            ready.become(Phase.SERVING);
            serve(ready, after);
            return true;
        }
        Worker coming = first(worker -> worker.standby && worker.phase() == Phase.STARTING);
        if (coming != null) {
            coming.standby = false;
            return true;
        }
        if (!mayLaunch(after)) {
            return false;
        }
        launch(false, after);
        return true;
    }

    private @Nullable Worker first(Predicate<Worker> which) {
        return workers.stream().filter(which).findFirst().orElse(null);
    }

    /** The worker that is missed least: one that starts, else one that is idle, else the one of the highest slot. */
    private Worker surplus() {
        return workers.stream()
                .filter(worker -> !worker.standby && worker.phase().live() && !worker.leaving)
                .max(Comparator.comparing((Worker worker) -> worker.phase() == Phase.STARTING)
                        .thenComparing(this::idle)
                        .thenComparing(Worker::slot))
                .orElseThrow();
    }

    private boolean idle(Worker worker) {
        return worker.lane != null && scheduler.idle(worker.lane);
    }

    private boolean mayLaunch(After after) {
        long pause = trouble.pause();
        if (pause > 0 && !reconcileScheduled) {
            reconcileScheduled = true;
            core.timer().schedule(this::reconcileLater, pause, TimeUnit.NANOSECONDS);
        }
        return pause == 0;
    }

    private void reconcileLater() {
        core.locked(after -> {
            reconcileScheduled = false;
            reconcile(after);
        });
    }

    /** Changes how many workers there are to be. */
    void resize(int newTarget) {
        core.locked(after -> {
            target = newTarget;
            wanted = newTarget;
            reconcile(after);
        });
    }

    int target() {
        return target;
    }

    /** Tasks wait: workers that were let go for idleness are missed now. */
    void workWaiting() {
        if (!mayGrow) {
            return;
        }
        core.locked(after -> {
            int busy = count(worker -> !worker.standby && worker.phase().live() && !worker.leaving);
            wanted = (int) Math.min(target, Math.max(wanted, busy + scheduler.queued()));
            reconcile(after);
        });
    }

    // ---- launch ---------------------------------------------------------------------------------------------------

    private void launch(boolean standby, After after) {
        int slot = 0;
        while (taken(slot)) {
            slot++;
        }
        int generation = generations.merge(slot, 1, Integer::sum) - 1;
        Worker worker = new Worker(this, slot, generation, standby);
        workers.add(worker);
        started++;
        WorkerFactory current = Objects.requireNonNull(factory, "factory");
        after.run(() -> core.housekeeping().execute(() -> launch(worker, current)));
    }

    private boolean taken(int slot) {
        return first(worker -> worker.slot() == slot && worker.phase().live() && !worker.leaving) != null;
    }

    /** On a housekeeping thread. */
    private void launch(Worker worker, WorkerFactory by) {
        WorkerProcess process;
        try {
            process = by.launch(worker);
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("{} was not launched", worker, e);
            worker.startFailure = e;
            morgue.bury(worker);
            return;
        }
        boolean[] doomed = new boolean[1];
        core.locked(after -> {
            worker.process = process;
            doomed[0] = worker.phase() == Phase.ZOMBIE;
            core.listeners().tell(listener -> listener.workerStarted(core.snapshot(worker)));
            if (worker.readyBeforeAttended) {
                ready(worker, after);
            }
        });
        if (doomed[0]) {
            process.kill();
        }
        process.onExit().thenRunAsync(() -> processEnded(worker), core.housekeeping());
        core.timer()
                .schedule(
                        () -> startIsLate(worker),
                        config.launch().startTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void startIsLate(Worker worker) {
        core.locked(after -> {
            if (worker.phase() == Phase.STARTING) {
                worker.startLate = true;
                kill(worker, "was not ready within startTimeout=" + config.launch().startTimeout(), after);
            }
        });
    }

    /** A worker has connected. */
    void attach(Worker worker, Channel channel) {
        core.locked(after -> {
            worker.channel = channel;
            if (worker.phase() == Phase.ZOMBIE) {
                after.run(channel::close);
            }
        });
    }

    private void ready(Worker worker, After after) {
        WorkerProcess process = worker.process;
        if (process == null) {
            worker.readyBeforeAttended = true;
            return;
        }
        if (worker.phase() != Phase.STARTING) {
            return;
        }
        int budget = config.recycle().maxTasks() == 0 ? Integer.MAX_VALUE : config.recycle().maxTasks();
        Lane lane = new Lane(Objects.requireNonNull(worker.channel, "channel"), budget, worker.where());
        worker.lane = lane;
        byLane.put(lane, worker);
        worker.readyAt = System.nanoTime();
        Duration startup = Duration.ofNanos(worker.readyAt - worker.launchedAt());
        core.listeners().tell(listener -> listener.workerReady(core.snapshot(worker), startup));
        after.run(process::releaseLaunchFiles);
        if (trouble.failures() > 0) {
            core.timer().schedule(() -> troubleMayBeOver(worker), STABLE_MILLIS, TimeUnit.MILLISECONDS);
        }
        scheduleAge(worker);
        worker.become(worker.standby ? Phase.STANDBY : Phase.SERVING);
        if (worker.serving()) {
            serve(worker, after);
        }
        reconcile(after);
    }

    private void troubleMayBeOver(Worker worker) {
        core.locked(after -> {
            if (worker.phase() == Phase.SERVING || worker.phase() == Phase.STANDBY) {
                trouble.over();
            }
        });
    }

    /** A worker takes tasks from now on; one that waited for its successor may go. */
    private void serve(Worker worker, After after) {
        Lane lane = Objects.requireNonNull(worker.lane, "lane");
        worker.idleSince = System.nanoTime();
        after.run(() -> scheduler.open(lane));
        Worker relieved = first(other -> other.leaving && other.serving() && !other.spent);
        if (relieved != null) {
            retire(relieved, Objects.requireNonNull(relieved.retireReason, "reason"), after);
        }
        recycleNext(after);
        checkIdleLater(worker);
    }

    // ---- what workers say -----------------------------------------------------------------------------------------

    /** A message has arrived, on the channel's thread. */
    void received(Worker worker, Message message) throws ProtocolException {
        Lane lane = worker.lane;
        if (message instanceof Message.Ready) {
            core.locked(after -> ready(worker, after));
        } else if (message instanceof Message.StartFailed failed) {
            worker.startFailureBytes = failed.failure();
        } else if (message instanceof Message.Goodbye goodbye) {
            worker.saidGoodbye = true;
            worker.finalizerFailure = goodbye.failure();
        } else if (message instanceof Message.Dump dump) {
            core.dumps().answered(dump);
        } else if (message instanceof Message.Pong) {
            LOG.trace("{} answers", worker);
        } else if (lane == null) {
            throw new ProtocolException(worker + " speaks of tasks before it is ready");
        } else if (message instanceof Message.Results results) {
            scheduler.results(lane, results.records());
        } else if (message instanceof Message.Returned returned) {
            scheduler.returned(lane, returned);
        } else if (message instanceof Message.Progress progress) {
            scheduler.progress(lane, progress);
        } else if (message instanceof Message.Stack stack) {
            scheduler.stack(lane, stack);
        } else {
            throw new ProtocolException("not a message to the pool: " + message.getClass().getSimpleName());
        }
    }

    /** The channel has ended: everything that the worker said has been heard. */
    void channelClosed(Worker worker, @Nullable Throwable cause) {
        if (cause != null) {
            LOG.debug("channel of {} ended", worker, cause);
        }
        core.housekeeping().execute(() -> morgue.bury(worker));
    }

    /** The process has ended; what it said last may still be on its way. */
    private void processEnded(Worker worker) {
        Channel[] channel = new Channel[1];
        core.locked(after -> channel[0] = worker.channel);
        if (channel[0] == null) {
            morgue.bury(worker);
        } else {
            core.timer().schedule(channel[0]::close, CHANNEL_LAG_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    // ---- recycling ------------------------------------------------------------------------------------------------

    private void scheduleAge(Worker worker) {
        Duration maxAge = config.recycle().maxAge();
        if (maxAge != null) {
            core.timer().schedule(() -> recycle(worker, RetireReason.MAX_AGE), maxAge.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Replaces a worker: its successor comes first. One at a time. */
    void recycle(Worker worker, RetireReason reason) {
        core.locked(after -> {
            if (worker.retireReason == null && worker.phase() == Phase.STANDBY) {
                retire(worker, reason, after);
                reconcile(after);
            } else if (worker.retireReason == null && worker.serving()) {
                worker.retireReason = reason;
                recycleLater.addLast(worker);
                recycleNext(after);
            }
        });
    }

    private void recycleNext(After after) {
        if (first(worker -> worker.leaving && worker.serving() && !worker.spent) != null) {
            return;
        }
        Worker next = recycleLater.pollFirst();
        while (next != null && !next.serving()) {
            next = recycleLater.pollFirst();
        }
        if (next != null) {
            next.leaving = true;
            reconcile(after);
        }
    }

    /** A worker has been given the last task that it may run. */
    void spent(Lane lane) {
        core.locked(after -> {
            Worker worker = byLane.get(lane);
            if (worker != null && worker.serving() && !worker.spent) {
                worker.spent = true;
                worker.leaving = true;
                worker.retireReason = RetireReason.MAX_TASKS;
                if (scheduler.idle(lane)) {
                    retire(worker, RetireReason.MAX_TASKS, after);
                }
                reconcile(after);
            }
        });
    }

    /** A worker has nothing in flight. */
    void laneIdle(Lane lane) {
        core.locked(after -> {
            Worker worker = byLane.get(lane);
            if (worker == null || !scheduler.idle(lane)) {
                return;
            }
            worker.idleSince = System.nanoTime();
            if (worker.phase() == Phase.RETIRING) {
                exitSoon(worker);
            } else if (worker.spent && worker.serving()) {
                retire(worker, RetireReason.MAX_TASKS, after);
                reconcile(after);
            } else {
                checkIdleLater(worker);
            }
        });
    }

    private void checkIdleLater(Worker worker) {
        Duration timeout = config.recycle().idleTimeout();
        if (timeout != null && !worker.idleCheckScheduled) {
            worker.idleCheckScheduled = true;
            core.timer().schedule(() -> checkIdle(worker, timeout), timeout.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void checkIdle(Worker worker, Duration timeout) {
        core.locked(after -> {
            worker.idleCheckScheduled = false;
            if (!worker.serving() || worker.leaving || !idle(worker)) {
                return; // the next end of a task looks again
            }
            long left = timeout.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - worker.idleSince);
            if (left > 0) {
                worker.idleCheckScheduled = true;
                core.timer().schedule(() -> checkIdle(worker, timeout), left, TimeUnit.MILLISECONDS);
                return;
            }
            wanted--;
            retire(worker, RetireReason.IDLE, after);
            reconcile(after);
        });
    }

    /** Finds a worker by its id, for the user. */
    Worker find(int id) {
        Worker found = first(worker -> worker.slot() == id && worker.phase().live() && !worker.leaving);
        if (found == null) {
            found = first(worker -> worker.slot() == id && worker.phase() != Phase.EXITED);
        }
        if (found == null) {
            throw new IllegalArgumentException("workerId must be that of a worker: workerId=" + id + ", workers="
                    + workers.stream().map(Worker::slot).sorted().distinct().toList());
        }
        return found;
    }

    // ---- ends -----------------------------------------------------------------------------------------------------

    /** Lets a worker finish what it runs and exit. */
    private void retire(Worker worker, RetireReason reason, After after) {
        if (worker.phase() == Phase.STARTING) {
            worker.retireReason = reason;
            kill(worker, "is not needed any more: " + reason, after);
            return;
        }
        if (worker.phase() != Phase.SERVING && worker.phase() != Phase.STANDBY) {
            return;
        }
        LOG.debug("{} retires: {}", worker, reason);
        worker.retireReason = reason;
        worker.become(Phase.RETIRING);
        Lane lane = Objects.requireNonNull(worker.lane, "lane");
        Channel channel = Objects.requireNonNull(worker.channel, "channel");
        after.run(() -> {
            boolean idle = scheduler.drain(lane);
            channel.send(new Message.Retire());
            if (idle) {
                core.locked(again -> exitSoon(worker));
            }
        });
    }

    private void exitSoon(Worker worker) {
        if (worker.exitScheduled) {
            return;
        }
        worker.exitScheduled = true;
        Duration deadline = config.finalizer() == null ? EXIT_DEADLINE : config.launch().startTimeout();
        core.timer().schedule(() -> exitIsLate(worker, deadline), deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void exitIsLate(Worker worker, Duration deadline) {
        core.locked(after -> {
            if (worker.phase() == Phase.RETIRING) {
                core.listeners().tell(listener -> listener.workerZombie(core.snapshot(worker)));
                kill(worker, "did not exit within " + deadline, after);
            }
        });
    }

    /** Kills a worker and what it has started; it is replaced at once. */
    void kill(Worker worker, String reason, After after) {
        if (worker.phase() == Phase.EXITED || worker.phase() == Phase.ZOMBIE) {
            return;
        }
        LOG.debug("{} is killed: {}", worker, reason);
        giveUp(worker, reason, after);
        after.run(() -> core.housekeeping().execute(() -> kill(worker)));
    }

    /** Expects nothing of a worker any more. */
    void giveUp(Worker worker, String reason, After after) {
        worker.killReason = reason;
        worker.become(Phase.ZOMBIE);
        Lane lane = worker.lane;
        if (lane != null) {
            after.run(() -> scheduler.drain(lane));
        }
        reconcile(after);
    }

    private static void kill(Worker worker) {
        WorkerProcess process = worker.process;
        if (process != null) {
            process.kill();
        }
    }

    /** Kills the worker of a lane. */
    void kill(Lane lane, String reason) {
        core.locked(after -> {
            Worker worker = byLane.get(lane);
            if (worker != null) {
                kill(worker, reason, after);
            }
        });
    }

    /** The worker has been dealt with and its process is gone. */
    void buried(Worker worker) {
        core.locked(after -> {
            worker.become(Phase.EXITED);
            workers.remove(worker);
            if (worker.lane != null) {
                byLane.remove(worker.lane);
            }
            reconcile(after);
            if (closing && workers.isEmpty()) {
                after.run(core::workersGone);
            }
        });
    }

    /** A worker ended before it was of any use; may fail the tasks that wait. */
    void startFailed(Throwable cause, After after) {
        trouble.failed(cause);
        boolean nobody = count(worker -> worker.serving() || worker.phase() == Phase.STANDBY) == 0;
        if (nobody && trouble.failures() >= StartTrouble.MAX_ATTEMPTS) {
            after.run(() -> scheduler.outage(() -> core.startException(cause)));
        }
        reconcile(after);
    }

    /** Lets all workers finish and exit; no new ones come. */
    void close() {
        core.locked(after -> {
            closing = true;
            for (Worker worker : List.copyOf(workers)) {
                retire(worker, RetireReason.POOL_CLOSED, after);
            }
            endIfEmpty(after);
        });
    }

    /** Kills all workers; no new ones come. */
    void killAll() {
        core.locked(after -> {
            closing = true;
            for (Worker worker : List.copyOf(workers)) {
                kill(worker, "belongs to a pool that was terminated", after);
            }
            endIfEmpty(after);
        });
    }

    private void endIfEmpty(After after) {
        if (workers.isEmpty()) {
            after.run(core::workersGone);
        }
    }

    boolean closing() {
        return closing;
    }

    /** Returns the workers; the caller holds the lock. */
    List<Worker> workers() {
        return workers;
    }

    /** Returns a look at the worker of a lane, or null if it is gone. */
    @Nullable WorkerSnapshot snapshot(Lane lane) {
        Worker[] worker = new Worker[1];
        core.locked(after -> worker[0] = byLane.get(lane));
        return worker[0] == null ? null : core.snapshot(worker[0]);
    }

    /** Returns the state of a worker for the user; the caller holds the lock. */
    WorkerState state(Worker worker) {
        return switch (worker.phase()) {
            case STARTING -> WorkerState.STARTING;
            case STANDBY -> WorkerState.STANDBY;
            case SERVING -> idle(worker) ? WorkerState.IDLE : WorkerState.BUSY;
            case RETIRING -> WorkerState.RETIRING;
            case ZOMBIE -> WorkerState.ZOMBIE;
            case EXITED -> WorkerState.EXITED;
        };
    }
}
