package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.RetireReason;
import io.processpool.WorkerSnapshot;
import io.processpool.internal.Nanos;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends workers away: politely, with a deadline for their exit, or by force. What is left of them then is for the {@link
 * Morgue}. Has no state of its own; its methods are called with the pool's lock held, except where they say otherwise.
 */
final class Departures {

    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

    /** How long a worker that has nothing more to do may take to exit. */
    private static final Duration EXIT_DEADLINE = Duration.ofSeconds(10);

    private final EngineCore core;
    private final PoolConfig config;
    private final Fleet fleet;
    private final Scheduler scheduler;
    private final LaunchPad launchPad;
    private final Morgue morgue;

    Departures(EngineCore core, Fleet fleet, Scheduler scheduler, LaunchPad launchPad, Morgue morgue) {
        this.core = core;
        this.config = core.config();
        this.fleet = fleet;
        this.scheduler = scheduler;
        this.launchPad = launchPad;
        this.morgue = morgue;
    }

    /** Writes to the log, later: the lock is held, and whoever holds it may be the thread that all channels wait for. */
    private void log(String message, Worker worker, Object reason, After after) {
        if (LOG.isDebugEnabled()) {
            after.run(() -> core.housekeeping().execute(() -> LOG.debug(message, worker, reason)));
        }
    }

    /** Lets a worker finish what it runs and exit. */
    void retire(Worker worker, RetireReason reason, After after) {
        if (worker.phase() == Phase.STARTING) {
            worker.retireReason = reason;
            kill(worker, new KillReason(LossReason.KILLED, "is not needed any more: " + reason), after);
            return;
        }
        if (worker.phase() != Phase.SERVING && worker.phase() != Phase.STANDBY) {
            return;
        }
        log("{} retires: {}", worker, reason, after);
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

    /** A worker that retires has nothing more to do: its exit has a deadline from now on. */
    void exitSoon(Worker worker) {
        if (worker.exitScheduled) {
            return;
        }
        worker.exitScheduled = true;
        Duration deadline =
                config.finalizer() == null ? EXIT_DEADLINE : config.launch().startTimeout();
        core.timer().schedule(() -> exitIsLate(worker, deadline), Nanos.of(deadline), TimeUnit.NANOSECONDS);
    }

    /** On the timer's thread, without the lock. */
    private void exitIsLate(Worker worker, Duration deadline) {
        core.locked(after -> {
            if (worker.phase() == Phase.RETIRING) {
                WorkerSnapshot snapshot = core.snapshot(worker);
                core.listeners().tell(listener -> listener.workerZombie(snapshot));
                kill(worker, new KillReason(LossReason.EXIT_OVERDUE, "did not exit within " + deadline), after);
            }
        });
    }

    /** Kills a worker and what it has started; it is replaced at once. */
    void kill(Worker worker, KillReason reason, After after) {
        if (worker.phase() == Phase.EXITED || worker.phase() == Phase.ZOMBIE) {
            return;
        }
        log("{} is killed: {}", worker, reason, after);
        boolean launched = !launchPad.withdraw(worker);
        giveUp(worker, reason, after);
        after.run(() -> core.housekeeping().execute(launched ? () -> kill(worker) : () -> morgue.bury(worker)));
    }

    /** Without the lock. */
    private static void kill(Worker worker) {
        WorkerProcess process = worker.process;
        if (process != null) {
            process.kill();
        }
    }

    /**
     * Expects nothing of a worker any more; it is replaced at once.
     *
     * @param reason why, or null if it has ended by itself
     */
    void giveUp(Worker worker, @Nullable KillReason reason, After after) {
        if (reason != null) {
            worker.blame(reason);
        }
        worker.become(Phase.ZOMBIE);
        Lane lane = worker.lane;
        if (lane != null) {
            after.run(() -> scheduler.drain(lane));
        }
        fleet.reconcile(after);
    }
}
