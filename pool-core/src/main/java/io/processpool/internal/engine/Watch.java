package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.Mode;
import io.processpool.RetireReason;
import io.processpool.WorkerSnapshot;
import io.processpool.internal.Nanos;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after workers that are alive: asks each for a sign of life now and then, and for its memory if that is limited.
 * One that stays silent, or does not give back what the pool has asked it for, is a zombie; its task is given up, a
 * successor started, and the process killed a little later.
 */
final class Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long MEMORY_PERIOD_MILLIS = 1_000;

    private final EngineCore core;
    private final Fleet fleet;
    private final long periodNanos;
    private final long timeoutNanos;

    /** Only the timer's thread. */
    private long lastRound = System.nanoTime();

    Watch(EngineCore core, Fleet fleet) {
        this.core = core;
        this.fleet = fleet;
        this.timeoutNanos = Nanos.of(core.config().heartbeatTimeout());
        this.periodNanos = timeoutNanos / 4;
    }

    void start() {
        if (core.config().mode() == Mode.INLINE) {
            return;
        }
        core.timer().scheduleWithFixedDelay(this::askAll, periodNanos, periodNanos, TimeUnit.NANOSECONDS);
        if (core.config().recycle().maxMemory() > 0) {
            core.timer()
                    .scheduleWithFixedDelay(
                            this::weighLater, MEMORY_PERIOD_MILLIS, MEMORY_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Never throws: the timer would not call it again. */
    private void askAll() {
        try {
            askEach();
        } catch (RuntimeException | Error e) {
            LOG.error("workers could not be asked whether they live {}", core.suffix(), e);
        }
    }

    private void askEach() {
        long now = System.nanoTime();
        boolean wasFrozen = now - lastRound > 3 * periodNanos;
        lastRound = now;
        core.locked(after -> {
            for (Worker worker : List.copyOf(fleet.workers())) {
                ask(worker, now, wasFrozen, after);
            }
        });
    }

    /** Asks one, or gives it up if it was silent for too long; with the lock held. */
    void ask(Worker worker, long now, boolean wasFrozen, After after) {
        Channel channel = worker.channel;
        Lane lane = worker.lane;
        if (channel == null || lane == null || worker.phase() == Phase.ZOMBIE) {
            return;
        }
        if (wasFrozen) {
            worker.heardAt = now; // nobody could be heard while this process did not run
            lane.excuse(now);
        }
        if (now - worker.heardAt > timeoutNanos) {
            zombie(worker, "has not answered for %d s (stopped, or out of memory?)", now - worker.heardAt, after);
        } else if (lane.owesFor(now) > timeoutNanos) {
            zombie(worker, "has not given back for %d s the tasks that it has not begun", lane.owesFor(now), after);
        } else {
            after.run(() -> channel.send(new Message.Ping(worker.heartbeat.ask())));
        }
    }

    private void zombie(Worker worker, String how, long nanos, After after) {
        String what = how.formatted(TimeUnit.NANOSECONDS.toSeconds(nanos));
        String message = "{} {}; it is given up as a zombie, and will be killed";
        after.run(() -> core.housekeeping().execute(() -> LOG.warn(message, worker, what)));
        fleet.giveUp(worker, new KillReason(LossReason.UNRESPONSIVE, what), after);
        WorkerSnapshot snapshot = core.snapshot(worker);
        core.listeners().tell(listener -> listener.workerZombie(snapshot));
        core.timer().schedule(() -> kill(worker), periodNanos, TimeUnit.NANOSECONDS);
    }

    private void kill(Worker worker) {
        core.housekeeping().execute(() -> {
            WorkerProcess process = worker.process;
            if (process != null) {
                process.kill();
            }
        });
    }

    private void weighLater() {
        core.housekeeping().execute(this::weigh);
    }

    private void weigh() {
        List<Worker> serving = new ArrayList<>();
        core.locked(after -> fleet.workers().stream().filter(Worker::serving).forEach(serving::add));
        for (Worker worker : serving) {
            WorkerProcess process = worker.process;
            if (process != null
                    && process.residentBytes() > core.config().recycle().maxMemory()) {
                fleet.recycle(worker, RetireReason.MAX_MEMORY);
            }
        }
    }
}
