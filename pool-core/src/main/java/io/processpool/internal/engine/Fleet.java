package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.RetireReason;
import io.processpool.WorkerSnapshot;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.transport.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a pool: keeps as many as are wanted. The rule is one comparison, made after every change ({@link
 * #reconcile}): those that serve or will serve, against those wanted. So no event can be counted twice or be missed.
 *
 * <p>Its parts know the fleet, and next to nothing of each other:
 *
 * <ul>
 *   <li>the {@link Roster} lists the workers and gives them their slots;
 *   <li>the {@link LaunchPad} launches them;
 *   <li>{@link WorkerMessages} passes on what they say;
 *   <li>{@link Starts} knows whether they can be started at all;
 *   <li>{@link Recycling} decides which has served long enough;
 *   <li>{@link Departures} retires and kills them;
 *   <li>the {@link Morgue} deals with those that have ended.
 * </ul>
 *
 * <p>Guarded by the pool's lock, except for what blocks: launching, killing and burying happens on the pool's housekeeping
 * threads. Methods that take an {@link After} are called with the lock held.
 */
final class Fleet {

    private static final KillReason TERMINATED =
            new KillReason(LossReason.POOL_TERMINATED, "belongs to a pool that was terminated");

    private final EngineCore core;
    private final PoolConfig config;
    private final Scheduler scheduler;
    private final LaunchPad launchPad;
    private final Recycling recycling;
    private final Departures departures;
    private final WorkerMessages messages;

    // All below are guarded by the pool's lock; those that are volatile are read without it, too, as hints.
    private final Roster roster = new Roster();
    private final Starts starts;
    private final LaunchPauses pauses;

    /** How many the user wants. */
    private volatile int target;

    /** How many are to serve: the target, less those that were let go for idleness. */
    private int wanted;

    private volatile boolean mayGrow;
    private volatile boolean closing;
    private boolean reconciling;
    private boolean unreconciled;
    private long started;
    private long lost;

    Fleet(EngineCore core, Scheduler scheduler) {
        this.core = core;
        this.config = core.config();
        this.scheduler = scheduler;
        this.target = config.workers();
        this.wanted = target;
        Morgue morgue = new Morgue(core, this, scheduler);
        this.starts = new Starts(core, scheduler, roster);
        this.pauses = new LaunchPauses(core, this::reconcile);
        this.launchPad = new LaunchPad(core, this, morgue);
        this.recycling = new Recycling(core, this);
        this.departures = new Departures(core, this, scheduler, launchPad, morgue);
        this.messages = new WorkerMessages(core, this, scheduler, morgue);
    }

    /** Begins to launch workers. */
    void start(WorkerFactory newFactory) {
        core.locked(after -> {
            launchPad.open(newFactory);
            reconcile(after);
        });
    }

    // ---- how many -------------------------------------------------------------------------------------------------

    /**
     * Launches, promotes or lets go until there are as many workers as wanted. What it does may lead here again, before it
     * is done: such a call leaves it to the one that is at work to look once more.
     */
    void reconcile(After after) {
        unreconciled = true;
        if (reconciling) {
            return;
        }
        reconciling = true;
        try {
            while (unreconciled) {
                unreconciled = false;
                adjust(after);
            }
        } finally {
            reconciling = false;
        }
    }

    /** Compares once; counts anew after each step, since a step may change more than one worker. */
    private void adjust(After after) {
        mayGrow = wanted < target;
        if (closing || !launchPad.isOpen()) {
            return;
        }
        boolean added = true;
        while (added && roster.count(Worker::counts) < wanted) {
            added = addServing(after);
        }
        while (roster.count(Worker::counts) > wanted) {
            retire(surplus(Worker::counts), RetireReason.RESIZED, after);
        }
        if (roster.count(worker -> worker.serving() && !worker.leaving) >= wanted) {
            recycling.relieve(after); // the successor serves, or was dropped since fewer are wanted now
        }
        while (roster.count(Worker::reserve) < reserve() && !pauses.headStart() && mayLaunch(after)) {
            launch(true, after);
        }
        while (roster.count(Worker::reserve) > reserve()) {
            retire(surplus(Worker::reserve), RetireReason.RESIZED, after);
        }
    }

    /** How many are to be in reserve: those that the user wants, and the successors of those that will leave soon. */
    private int reserve() {
        return config.standbyWorkers() + roster.count(worker -> worker.runsOut && worker.serving() && !worker.leaving);
    }

    private boolean addServing(After after) {
        Worker ready = roster.first(worker -> worker.phase() == Phase.STANDBY && roster.hasItsSlotAlone(worker));
        if (ready != null) {
            ready.standby = false;
            ready.become(Phase.SERVING);
            pauses.giveHeadStart();
            serve(ready, after);
            return true;
        }
        Worker coming = roster.first(
                worker -> worker.standby && worker.phase() == Phase.STARTING && roster.hasItsSlotAlone(worker));
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

    /** The worker that is missed least: one that starts, else one that is idle, else the one of the highest slot. */
    private Worker surplus(Predicate<Worker> which) {
        return roster.all().stream()
                .filter(which)
                .max(Comparator.comparing((Worker worker) -> worker.phase() == Phase.STARTING)
                        .thenComparing(this::idle)
                        .thenComparing(Worker::slot))
                .orElseThrow();
    }

    boolean idle(Worker worker) {
        return worker.lane != null && scheduler.idle(worker.lane);
    }

    private boolean mayLaunch(After after) {
        if (starts.isTrying()) {
            return false;
        }
        long pause = starts.pause();
        if (pause > 0) {
            pauses.reconcileIn(pause);
        }
        return pause == 0;
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
            int busy = roster.count(Worker::counts);
            wanted = (int) Math.min(target, Math.max(wanted, busy + scheduler.queued()));
            reconcile(after);
        });
    }

    // ---- launch ---------------------------------------------------------------------------------------------------

    private void launch(boolean standby, After after) {
        int slot = roster.freeSlot(standby);
        Worker worker = new Worker(messages, slot, roster.nextGeneration(slot), standby);
        roster.add(worker);
        started++;
        launchPad.launch(worker, after);
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
        roster.addLane(lane, worker);
        worker.readyAt = System.nanoTime();
        Duration startup = Duration.ofNanos(worker.readyAt - worker.launchedAt());
        if (budget < Integer.MAX_VALUE) {
            lane.giveNotice(startup.multipliedBy(2)); // its successor may take a little longer
        }
        WorkerSnapshot snapshot = core.snapshot(worker);
        core.listeners().tell(listener -> listener.workerReady(snapshot, startup));
        after.run(process::releaseLaunchFiles);
        starts.ready(worker);
        recycling.born(worker);
        worker.become(worker.standby ? Phase.STANDBY : Phase.SERVING);
        if (worker.serving()) {
            serve(worker, after);
        } else {
            after.run(() -> scheduler.standBy(lane));
        }
        reconcile(after);
    }

    /** A worker takes tasks from now on. */
    private void serve(Worker worker, After after) {
        Lane lane = Objects.requireNonNull(worker.lane, "lane");
        after.run(() -> scheduler.open(lane));
        recycling.idle(worker, after);
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

    /** A worker will soon have been given the last task that it may run. */
    void runsOut(Lane lane) {
        core.locked(after -> {
            Worker worker = roster.of(lane);
            if (worker != null && worker.serving()) {
                worker.runsOut = true;
                reconcile(after);
            }
        });
    }

    /** A worker has been given the last task that it may run. */
    void spent(Lane lane) {
        core.locked(after -> {
            Worker worker = roster.of(lane);
            if (worker != null) {
                recycling.spent(worker, after);
            }
        });
    }

    /** A worker has nothing in flight. */
    void laneIdle(Lane lane) {
        core.locked(after -> {
            Worker worker = roster.of(lane);
            if (worker == null || !scheduler.idle(lane)) {
                return;
            }
            if (worker.phase() == Phase.RETIRING) {
                departures.exitSoon(worker);
            } else {
                recycling.idle(worker, after);
            }
        });
    }

    // ---- ends -----------------------------------------------------------------------------------------------------

    /** Lets a worker finish what it runs and exit. */
    void retire(Worker worker, RetireReason reason, After after) {
        departures.retire(worker, reason, after);
    }

    /** Kills a worker and what it has started; it is replaced at once. */
    void kill(Worker worker, KillReason reason, After after) {
        departures.kill(worker, reason, after);
    }

    /** Expects nothing of a worker any more, for a reason or because it has ended; it is replaced at once. */
    void giveUp(Worker worker, @Nullable KillReason reason, After after) {
        departures.giveUp(worker, reason, after);
    }

    /**
     * Gives up those that could be given a task and whose process has ended, though neither its reaper nor the channel has told
     * yet; what they leave behind is dealt with when these do. Without the lock.
     */
    void giveUpEnded() {
        List<Worker> gone = new ArrayList<>();
        core.locked(after -> roster.all().stream().filter(Fleet::takesTasks).forEach(gone::add));
        gone.removeIf(worker -> {
            WorkerProcess process = worker.process;
            return process == null || process.isAlive(); // asks the system, so without the lock
        });
        if (gone.isEmpty()) {
            return;
        }
        core.locked(after -> {
            for (Worker worker : gone) {
                if (takesTasks(worker)) {
                    giveUp(worker, null, after);
                }
            }
        });
    }

    private static boolean takesTasks(Worker worker) {
        return worker.serving() || worker.phase() == Phase.STANDBY;
    }

    /** Kills a worker because the user says so. */
    void kill(Worker worker) {
        core.locked(after -> kill(worker, new KillReason(LossReason.KILLED, "was told to, by kill()"), after));
    }

    /** Kills the worker of a lane. */
    void kill(Lane lane, KillReason reason) {
        core.locked(after -> {
            Worker worker = roster.of(lane);
            if (worker != null) {
                kill(worker, reason, after);
            }
        });
    }

    /**
     * The worker has been dealt with.
     *
     * @param exited whether its process is gone for certain
     */
    void buried(Worker worker, boolean exited) {
        launchPad.ended(worker, exited);
        core.locked(after -> {
            worker.become(Phase.EXITED);
            roster.remove(worker);
            recycling.gone(worker);
            launchPad.done(worker, after);
            reconcile(after);
            if (closing) {
                endIfEmpty(after);
            }
        });
    }

    /** A worker ended that was not meant to. */
    void noteLoss() {
        lost++;
    }

    /** A worker ended before it was of any use: the next is launched with more care. */
    void noteStartFailure(Worker worker) {
        starts.failed(worker);
    }

    /**
     * It is known why a worker ended before it was of any use; may fail the tasks that wait.
     *
     * @param killed whether it was killed by somebody else than the pool
     */
    void startFailed(Throwable cause, boolean killed, After after) {
        starts.explain(cause, killed, after);
        reconcile(after);
    }

    /** Lets all workers finish and exit; no new ones come. */
    void close() {
        core.locked(after -> {
            closing = true;
            for (Worker worker : List.copyOf(roster.all())) {
                retire(worker, RetireReason.POOL_CLOSED, after);
            }
            endIfEmpty(after);
        });
    }

    /** Kills all workers; no new ones come. */
    void killAll() {
        core.locked(after -> {
            closing = true;
            for (Worker worker : List.copyOf(roster.all())) {
                kill(worker, TERMINATED, after);
            }
            endIfEmpty(after);
        });
    }

    private void endIfEmpty(After after) {
        if (roster.all().isEmpty()) {
            after.run(core::workersGone);
        }
    }

    boolean closing() {
        return closing;
    }

    // ---- views ----------------------------------------------------------------------------------------------------

    /** Returns the workers; the caller holds the lock. */
    List<Worker> workers() {
        return roster.all();
    }

    /** Finds a worker by its id, for the user; the caller holds the lock. */
    Worker find(int id) {
        return roster.find(id);
    }

    @Nullable
    Worker first(Predicate<Worker> which) {
        return roster.first(which);
    }

    /** Returns a look at the worker of a lane, or null if it is gone. */
    @Nullable
    WorkerSnapshot snapshot(Lane lane) {
        Worker worker = core.<@Nullable Worker>lockedFor(after -> roster.of(lane));
        return worker == null ? null : core.snapshot(worker);
    }

    /** Why there is no worker that is any good, or null; the caller holds the lock. */
    @Nullable
    String startTrouble() {
        return starts.trouble();
    }

    /** How many workers have been launched; the caller holds the lock. */
    long started() {
        return started;
    }

    /** How many workers have been lost; the caller holds the lock. */
    long lost() {
        return lost;
    }
}
