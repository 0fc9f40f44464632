package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.RetireReason;
import io.processpool.TaskSerializationException;
import io.processpool.WorkerExit;
import io.processpool.WorkerLostException;
import io.processpool.WorkerOutOfMemoryException;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import io.processpool.internal.PlainText;
import io.processpool.internal.Shortage;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.FailureCodec;
import io.processpool.internal.process.ExitDescription;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Casualty;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.RecorderFile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deals with workers that have ended, however they did: settles what they left behind, reaps the process, finds out
 * what it died of, and tells whoever has to know. Runs on housekeeping threads, since all of that may take a moment.
 */
final class Morgue {

    private static final Logger LOG = LoggerFactory.getLogger(Morgue.class);

    /** How long the end of the channel may come after the end of the process. */
    private static final long CHANNEL_LAG_MILLIS = 2_000;

    /** When a worker is buried at the latest after the end of its process. */
    private static final long LAST_RESORT_MILLIS = 30_000;

    /** So often it is tried to settle what a worker left behind, if there is no memory: for a quarter of a minute. */
    private static final int MAX_TRIES = 150;

    /** How long a process may take to end by itself after its channel has ended. */
    private static final Duration LAST_BREATH = Duration.ofSeconds(1);

    private static final Duration REAP_DEADLINE = Duration.ofSeconds(10);
    private static final Duration OUTPUT_DEADLINE = Duration.ofSeconds(1);

    private final EngineCore core;
    private final Fleet fleet;
    private final Scheduler scheduler;

    Morgue(EngineCore core, Fleet fleet, Scheduler scheduler) {
        this.core = core;
        this.fleet = fleet;
        this.scheduler = scheduler;
    }

    /** The process of a worker has ended; what it said last may still be on its way. */
    void processEnded(Worker worker) {
        Channel channel = core.<@Nullable Channel>lockedFor(after -> worker.channel);
        if (channel == null) {
            bury(worker);
        } else {
            core.timer().schedule(channel::close, CHANNEL_LAG_MILLIS, TimeUnit.MILLISECONDS);
            // Should nobody hear of that for want of memory, its task must not wait for ever.
            Runnable atLast = () -> core.housekeeping().execute(() -> bury(worker));
            core.timer().schedule(atLast, LAST_RESORT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Deals with a worker whose channel or process has ended; only the first call counts. */
    void bury(Worker worker) {
        Phase was = core.<@Nullable Phase>lockedFor(after -> {
            boolean first = !worker.ended;
            worker.ended = true;
            if (first && worker.phase() == Phase.STARTING && !worker.killedOnPurpose()) {
                fleet.noteStartFailure(worker); // before it is replaced
            }
            return first ? worker.phase() : null;
        });
        if (was == null) {
            return;
        }
        boolean exited = false;
        try {
            Casualty casualty = settle(worker);
            giveUp(worker);
            exited = reap(worker);
            report(worker, was, casualty);
        } catch (RuntimeException | Error e) {
            failUndecided(worker, e);
            LOG.error("the end of {} was not dealt with properly {}", worker, core.suffix(), e);
            exited = reap(worker); // it may live
        } finally {
            remove(worker, exited);
        }
    }

    private void giveUp(Worker worker) {
        if (!worker.saidGoodbye) {
            core.locked(after -> {
                if (worker.phase() != Phase.ZOMBIE) {
                    fleet.giveUp(worker, null, after);
                }
            });
        }
    }

    /**
     * Something went wrong before it was decided what becomes of the item that the worker was running, or of what it had not
     * begun: somebody waits for it.
     */
    private void failUndecided(Worker worker, Throwable why) {
        Lane lane = worker.lane;
        if (lane == null) {
            return;
        }
        try {
            for (int tries = 1; ; tries++) {
                try {
                    scheduler.misheard(lane);
                    Casualty casualty = lost(lane, null);
                    if (casualty != null) {
                        scheduler.fail(casualty, () -> inexplicable(worker, casualty, why));
                    }
                    return;
                } catch (OutOfMemoryError e) {
                    awaitMemory(tries, e);
                }
            }
        } catch (RuntimeException | Error e) {
            why.addSuppressed(e);
        }
    }

    private WorkerLostException inexplicable(Worker worker, Casualty casualty, Throwable why) {
        WorkerExit exit = new WorkerExit(worker.slot(), worker.pid(), -1, null, List.of(), null);
        String message = "worker " + worker.slot() + " was lost " + casualty.when()
                + "; it is not known how, since looking for that failed: " + why + " (pool="
                + core.config().name() + ", " + worker.where() + ")";
        return new WorkerLostException(message, exit, LossReason.CRASHED);
    }

    /**
     * Settles what the worker had in flight; returns the item that it was running. Tries again and again if there is no memory
     * for it: whoever waits for what the worker had in its hands waits for this.
     */
    private @Nullable Casualty settle(Worker worker) {
        Lane lane = worker.lane;
        if (lane == null) {
            return null;
        }
        RecorderFile recorder = worker.recorder;
        for (int tries = 1; ; tries++) {
            try {
                if (worker.misheard) {
                    endUnheard(worker);
                    scheduler.misheard(lane);
                }
                return lost(lane, recorder == null ? null : recorded(worker, lane, recorder));
            } catch (OutOfMemoryError e) {
                awaitMemory(tries, e);
            }
        }
    }

    /** A worker may not know yet that it is not heard, and begin something when its recorder is read already. */
    private void endUnheard(Worker worker) {
        giveUp(worker);
        WorkerProcess process = worker.process;
        if (process != null) {
            end(process);
        }
    }

    private @Nullable Casualty lost(Lane lane, FlightRecorder.@Nullable Contents contents) {
        Casualty casualty = scheduler.lost(lane, contents);
        return casualty != null ? casualty : scheduler.undecided(lane); // of an earlier try
    }

    /** Waits a moment for memory, or throws if there was none for long. */
    private static void awaitMemory(int tries, OutOfMemoryError e) {
        if (tries == MAX_TRIES) {
            throw e;
        }
        LockSupport.parkNanos(Shortage.PAUSE_NANOS);
    }

    private FlightRecorder.@Nullable Contents recorded(Worker worker, Lane lane, RecorderFile recorder) {
        try {
            return recorder.read();
        } catch (IOException e) {
            LOG.warn("flight recorder of {} cannot be read: {}", worker, e.toString());
            scheduler.misheard(lane);
            return null;
        }
    }

    /** Sees to it that the process ends; returns whether it has. */
    private static boolean reap(Worker worker) {
        WorkerProcess process = worker.process;
        if (process == null) {
            return true;
        }
        boolean exited = end(process);
        if (!exited) {
            LOG.error("{} does not end though it was killed", worker);
        }
        process.killDescendants();
        process.awaitOutput(OUTPUT_DEADLINE);
        return exited;
    }

    private static boolean end(WorkerProcess process) {
        if (ended(process, LAST_BREATH)) {
            return true;
        }
        process.kill();
        return ended(process, REAP_DEADLINE);
    }

    private static boolean ended(WorkerProcess process, Duration within) {
        try {
            process.onExit().get(within.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void report(Worker worker, Phase was, @Nullable Casualty casualty) {
        if (worker.lane == null) {
            if (!worker.killedOnPurpose() && !fleet.closing()) {
                startFailed(worker);
            }
        } else if (worker.saidGoodbye && casualty == null && (worker.killReason == null || worker.killedOnPurpose())) {
            retired(worker);
        } else {
            lost(worker, was, casualty);
        }
    }

    private void retired(Worker worker) {
        Bytes failure = worker.finalizerFailure;
        if (failure != null) {
            LOG.warn("the finalizer of {} failed {}", worker, core.suffix(), decode(failure));
        }
        RetireReason reason = worker.retireReason == null ? RetireReason.REQUESTED : worker.retireReason;
        WorkerSnapshot snapshot = core.snapshot(worker);
        core.listeners().tell(listener -> listener.workerRetired(snapshot, reason));
    }

    private void lost(Worker worker, Phase was, @Nullable Casualty casualty) {
        ExitDescription description = describe(worker);
        Supplier<WorkerLostException> exception = () -> lostException(worker, casualty, description);
        boolean planned = fleet.closing() && was != Phase.SERVING;
        boolean killedWithItsPool = fleet.closing() && casualty == null;
        if (!killedWithItsPool) {
            core.locked(after -> fleet.noteLoss());
        }
        if (casualty != null) {
            scheduler.fail(casualty, exception);
        }
        WorkerSnapshot snapshot = core.snapshot(worker);
        core.listeners().tell(listener -> listener.workerLost(snapshot, exception.get()));
        if (killedWithItsPool) {
            return; // as the user wants it
        }
        core.locked(after -> {
            if (!planned && casualty == null && uselessSoFar(worker)) {
                fleet.noteStartFailure(worker);
                fleet.startFailed(exception.get(), killedByOthers(worker, description), after);
            }
        });
        if (worker.killReason == null) {
            LOG.warn("{} was lost: {} {}", worker, description.text(), core.suffix());
        } else {
            LOG.warn("{} was killed: {} {}", worker, worker.killReason, core.suffix());
        }
    }

    /** Whether the worker ended right after its start, without a task to blame: the next may do the same. */
    private boolean uselessSoFar(Worker worker) {
        Lane lane = worker.lane;
        long readyFor = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - worker.readyAt);
        return lane != null
                && readyFor < Starts.STABLE_MILLIS
                && scheduler.ended(lane) == 0
                && worker.killReason == null;
    }

    /** Whether it was killed, and not by the pool, nor for want of memory, as far as is known. */
    private static boolean killedByOthers(Worker worker, ExitDescription description) {
        return worker.killReason == null
                && !description.outOfMemory()
                && "SIGKILL".equals(description.exit().signalName());
    }

    private ExitDescription describe(Worker worker) {
        WorkerProcess process = worker.process;
        if (process == null) {
            throw new IllegalStateException(worker + " has no process");
        }
        return process.describeExit();
    }

    private WorkerLostException lostException(Worker worker, @Nullable Casualty casualty, ExitDescription description) {
        StringBuilder message = new StringBuilder("worker ").append(worker.slot());
        message.append(casualty == null ? " was lost: " : " was lost " + casualty.when() + ": ");
        KillReason killReason = worker.killReason;
        if (killReason != null) {
            message.append("the pool killed it, since it ").append(killReason).append("; ");
        }
        message.append(description.text());
        if (!description.exit().stderrTail().isEmpty()) {
            message.append("; last words: ").append(String.join(" | ", lastWords(description)));
        }
        message.append(" (pool=").append(core.config().name()).append(", ").append(worker.where());
        message.append(", ").append(core.suffix().substring(core.suffix().indexOf("busy=")));
        if (description.outOfMemory() || (killReason != null && killReason.kind() == LossReason.OUT_OF_MEMORY)) {
            return new WorkerOutOfMemoryException(message.toString(), description.exit());
        }
        LossReason reason = killReason == null ? LossReason.CRASHED : killReason.kind();
        return new WorkerLostException(message.toString(), description.exit(), reason);
    }

    private static List<String> lastWords(ExitDescription description) {
        List<String> tail = description.exit().stderrTail();
        return tail.subList(Math.max(0, tail.size() - 5), tail.size());
    }

    private void startFailed(Worker worker) {
        WorkerStartException failure = startException(worker);
        WorkerSnapshot snapshot = core.snapshot(worker);
        core.listeners().tell(listener -> listener.workerStartFailed(snapshot, failure));
        LOG.warn("{}", PlainText.escape(String.valueOf(failure.getMessage())));
        WorkerProcess process = worker.process;
        boolean killed = process != null && killedByOthers(worker, process.describeExit());
        core.locked(after -> fleet.startFailed(failure, killed, after));
    }

    private WorkerStartException startException(Worker worker) {
        Throwable failure = worker.startFailure;
        if (failure instanceof WorkerStartException known) {
            return known;
        }
        Bytes initializer = worker.startFailureBytes;
        if (initializer != null) {
            Throwable cause = decode(initializer);
            return new WorkerStartException(
                    "worker " + worker.slot() + " could not start, its initializer failed: "
                            + FailureCodec.describe(cause) + " " + core.suffix(),
                    cause);
        }
        WorkerProcess process = worker.process;
        if (process == null) {
            Object why = failure == null ? worker.killReason : failure;
            return new WorkerStartException(
                    "worker " + worker.slot() + " could not start: " + why + " " + core.suffix(), failure);
        }
        ExitDescription description = process.describeExit();
        String what = worker.startLate ? worker.killReason + "" : description.text();
        String words = description.exit().stderrTail().isEmpty()
                ? "it wrote nothing to stderr"
                : "it wrote: " + String.join(" | ", description.exit().stderrTail());
        return new WorkerStartException(
                "worker " + worker.slot() + " could not start: " + what + "; " + words + " (pid=" + worker.pid() + ") "
                        + core.suffix(),
                failure);
    }

    /** Returns the failure that a worker tells of, or why it cannot be read. */
    private Throwable decode(Bytes failure) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try {
            return FailureCodec.decode(
                    failure.open(), loader != null ? loader : ClassLoader.getSystemClassLoader(), core.filter());
        } catch (TaskSerializationException e) {
            return e;
        }
    }

    private void remove(Worker worker, boolean exited) {
        RecorderFile recorder = worker.recorder;
        try {
            if (recorder != null) {
                recorder.close();
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be deleted", recorder, e);
        }
        WorkerProcess process = worker.process;
        if (process != null) {
            process.releaseLaunchFiles();
        }
        fleet.buried(worker, exited);
    }
}
