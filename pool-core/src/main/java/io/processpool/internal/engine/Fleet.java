package io.processpool.internal.engine;

import io.processpool.RetireReason;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerState;
import io.processpool.internal.Nanos;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.time.Duration;
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

    /** A worker that has been ready for so long did not end because of how it was started. */
    static final long STABLE_MILLIS = 2_000;

    private final EngineCore core;
    private final PoolConfig config;
    private final Scheduler scheduler;
    private final Morgue morgue;
    private final LaunchPad launchPad;
    private final Recycling recycling;

    // All below are guarded by the pool's lock.
    private final List<Worker> workers = new ArrayList<>();
    private final Map<Lane, Worker> byLane = new IdentityHashMap<>();
    private final Map<Integer, Integer> generations = new HashMap<>();
    private final StartTrouble trouble = new StartTrouble();
    private volatile int target;
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
        this.launchPad = new LaunchPad(core, this, morgue);
        this.recycling = new Recycling(core, this);
    }

    /** Begins to launch workers. */
    void start(WorkerFactory newFactory) {
        core.locked(after -> {
            launchPad.open(newFactory);
            reconcile(after);
        });
    }

    // ---- how many -------------------------------------------------------------------------------------------------

    /** Launches, promotes or lets go until there are as many workers as wanted. */
    void reconcile(After after) {
        mayGrow = wanted < target;
        if (closing || !launchPad.isOpen()) {
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

    @Nullable
    Worker first(Predicate<Worker> which) {
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

    boolean idle(Worker worker) {
        return worker.lane != null && scheduler.idle(worker.lane);
    }

    private boolean mayLaunch(After after) {
        if (trouble.failures() > 0 && first(worker -> worker.phase() == Phase.STARTING) != null) {
            return false; // one at a time, until it is known that they start again
        }
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
        launchPad.launch(worker, after);
    }

    private boolean taken(int slot) {
        return first(worker -> worker.slot() == slot && worker.phase().live() && !worker.leaving) != null;
    }

    /** A worker has connected. */
    void attach(Worker worker, Channel channel) {
        core.locked(after -> {
            worker.channel = channel;
            launchPad.done(worker, after);
            if (worker.phase() == Phase.ZOMBIE) {
                after.run(channel::close);
            }
        });
    }

    /** A worker has run its initializer. */
    void ready(Worker worker, After after) {
        WorkerProcess process = worker.process;
        if (process == null) {
            worker.readyBeforeAttended = true;
            return;
        }
        if (worker.phase() != Phase.STARTING) {
            return;
        }
        int budget = config.recycle().maxTasks() == 0
                ? Integer.MAX_VALUE
                : config.recycle().maxTasks();
        Lane lane = new Lane(Objects.requireNonNull(worker.channel, "channel"), budget, worker.where());
        worker.lane = lane;
        byLane.put(lane, worker);
        worker.readyAt = System.nanoTime();
        Duration startup = Duration.ofNanos(worker.readyAt - worker.launchedAt());
        WorkerSnapshot snapshot = core.snapshot(worker);
        core.listeners().tell(listener -> listener.workerReady(snapshot, startup));
        after.run(process::releaseLaunchFiles);
        if (trouble.failures() > 0) {
            core.timer().schedule(() -> troubleMayBeOver(worker), STABLE_MILLIS, TimeUnit.MILLISECONDS);
        }
        recycling.born(worker);
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
        after.run(() -> scheduler.open(lane));
        recycling.relieve(after);
        recycling.idle(worker);
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
            throw new ProtocolException(
                    "not a message to the pool: " + message.getClass().getSimpleName());
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
    void processEnded(Worker worker) {
        Channel channel = core.<@Nullable Channel>lockedFor(after -> worker.channel);
        if (channel == null) {
            morgue.bury(worker);
        } else {
            core.timer().schedule(channel::close, CHANNEL_LAG_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    // ---- recycling ------------------------------------------------------------------------------------------------

    /** Replaces a worker: its successor comes first. One at a time. */
    void recycle(Worker worker, RetireReason reason) {
        core.locked(after -> recycling.request(worker, reason, after));
    }

    /** Lets go of a worker that had nothing to do; it will be missed when tasks wait. */
    void letGo(Worker worker, After after) {
        wanted--;
        retire(worker, RetireReason.IDLE, after);
        reconcile(after);
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
            if (worker.phase() == Phase.RETIRING) {
                exitSoon(worker);
            } else if (worker.spent && worker.serving()) {
                retire(worker, RetireReason.MAX_TASKS, after);
                reconcile(after);
            } else {
                recycling.idle(worker);
            }
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
    void retire(Worker worker, RetireReason reason, After after) {
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
        Duration deadline =
                config.finalizer() == null ? EXIT_DEADLINE : config.launch().startTimeout();
        core.timer().schedule(() -> exitIsLate(worker, deadline), Nanos.of(deadline), TimeUnit.NANOSECONDS);
    }

    private void exitIsLate(Worker worker, Duration deadline) {
        core.locked(after -> {
            if (worker.phase() == Phase.RETIRING) {
                WorkerSnapshot snapshot = core.snapshot(worker);
                core.listeners().tell(listener -> listener.workerZombie(snapshot));
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
        boolean launched = !launchPad.withdraw(worker);
        giveUp(worker, reason, after);
        after.run(() -> core.housekeeping().execute(launched ? () -> kill(worker) : () -> morgue.bury(worker)));
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
            launchPad.done(worker, after);
            if (worker.lane != null) {
                byLane.remove(worker.lane);
            }
            reconcile(after);
            if (closing && workers.isEmpty()) {
                after.run(core::workersGone);
            }
        });
    }

    /** A worker ended before it was of any use: the next is launched with more care. */
    void noteStartFailure(Worker worker) {
        trouble.failed(worker.launchedAt());
    }

    /** It is known why a worker ended before it was of any use; may fail the tasks that wait. */
    void startFailed(Throwable cause, After after) {
        boolean nobody = count(other -> other.serving() || other.phase() == Phase.STANDBY) == 0;
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
    @Nullable
    WorkerSnapshot snapshot(Lane lane) {
        Worker worker = core.<@Nullable Worker>lockedFor(after -> byLane.get(lane));
        return worker == null ? null : core.snapshot(worker);
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
