package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.WorkerSnapshot;
import io.processpool.internal.Nanos;
import io.processpool.internal.process.WorkerProcess;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches workers, a few at a time: as many as half of the processors. A JVM that starts keeps more than one of them
 * busy, so the first worker is there sooner, and a large pool does not choke the machine. A worker makes room for the
 * next as soon as it has connected; its initializer, which may take long, does not count.
 *
 * <p>Guarded by the pool's lock, except where it says otherwise.
 */
final class LaunchPad {

    private static final Logger LOG = LoggerFactory.getLogger(LaunchPad.class);

    private final EngineCore core;
    private final Fleet fleet;
    private final Morgue morgue;
    private final int limit;
    private final ArrayDeque<Worker> waiting = new ArrayDeque<>();
    private final Set<Worker> launching = new HashSet<>();
    private @Nullable WorkerFactory factory;

    LaunchPad(EngineCore core, Fleet fleet, Morgue morgue) {
        this.core = core;
        this.fleet = fleet;
        this.morgue = morgue;
        this.limit = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    /** Launches with this factory from now on. */
    void open(WorkerFactory newFactory) {
        factory = newFactory;
    }

    boolean isOpen() {
        return factory != null;
    }

    /** Launches a worker when its turn comes. */
    void launch(Worker worker, After after) {
        waiting.addLast(worker);
        next(after);
    }

    /** A worker has connected, or is gone: it makes room for the next. */
    void done(Worker worker, After after) {
        if (launching.remove(worker)) {
            next(after);
        }
    }

    /** The worker has ended; without the lock. */
    void ended(Worker worker, boolean exited) {
        WorkerFactory by = core.<@Nullable WorkerFactory>lockedFor(after -> factory);
        if (by != null) {
            by.ended(worker, exited);
        }
    }

    /** Gives up a worker whose turn has not come; returns false if it had. */
    boolean withdraw(Worker worker) {
        return waiting.remove(worker);
    }

    private void next(After after) {
        WorkerFactory by = factory;
        while (by != null && launching.size() < limit && !waiting.isEmpty()) {
            Worker worker = waiting.removeFirst();
            launching.add(worker);
            after.run(() -> core.housekeeping().execute(() -> launch(worker, by)));
        }
    }

    /** On a housekeeping thread, without the lock. */
    private void launch(Worker worker, WorkerFactory by) {
        if (core.lockedFor(after -> worker.phase() != Phase.STARTING)) {
            morgue.bury(worker); // not needed any more
            return;
        }
        WorkerProcess process;
        try {
            process = by.launch(worker);
        } catch (RuntimeException | Error e) { // of whatever kind: nobody else would end what has not begun
            LOG.debug("{} was not launched", worker, e);
            worker.startFailure = e;
            morgue.bury(worker);
            return;
        }
        boolean doomed = core.lockedFor(after -> {
            worker.process = process;
            WorkerSnapshot snapshot = core.snapshot(worker);
            core.listeners().tell(listener -> listener.workerStarted(snapshot));
            if (worker.readyBeforeAttended) {
                fleet.ready(worker, after);
            }
            return worker.phase() == Phase.ZOMBIE;
        });
        if (doomed) {
            process.kill();
        }
        process.onExit().thenRunAsync(() -> morgue.processEnded(worker), core.housekeeping());
        long nanos = Nanos.of(core.config().launch().startTimeout());
        core.timer().schedule(() -> startIsLate(worker), nanos, TimeUnit.NANOSECONDS);
    }

    private void startIsLate(Worker worker) {
        core.locked(after -> {
            if (worker.phase() == Phase.STARTING) {
                worker.startLate = true;
                fleet.noteStartFailure(worker);
                String what = "was not ready within startTimeout="
                        + core.config().launch().startTimeout();
                fleet.kill(worker, new KillReason(LossReason.UNRESPONSIVE, what), after);
            }
        });
    }
}
