package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the workers say, passed on to those whom it concerns: fleet, scheduler, thread dumps; in the end, the morgue. Called
 * by the thread of the channel, without the pool's lock.
 */
final class WorkerMessages {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerMessages.class);

    private final EngineCore core;
    private final Fleet fleet;
    private final Scheduler scheduler;
    private final Morgue morgue;

    WorkerMessages(EngineCore core, Fleet fleet, Scheduler scheduler, Morgue morgue) {
        this.core = core;
        this.fleet = fleet;
        this.scheduler = scheduler;
        this.morgue = morgue;
    }

    /** A message has arrived. */
    void received(Worker worker, Message message) throws ProtocolException {
        Lane lane = worker.lane;
        if (isSignOfLife(worker, message)) {
            worker.heardAt = System.nanoTime();
        }
        if (!(message instanceof Message.Results) && !worker.smallTalk.take(1, System.nanoTime())) {
            throw new ProtocolException("more messages than anybody could have asked for");
        }
        if (message instanceof Message.Ready) {
            core.locked(after -> fleet.ready(worker, after));
        } else if (message instanceof Message.StartFailed failed) {
            worker.startFailureBytes = failed.failure();
        } else if (message instanceof Message.Goodbye goodbye) {
            requireThatItMayLeave(worker);
            worker.saidGoodbye = true;
            worker.finalizerFailure = goodbye.failure();
        } else if (message instanceof Message.Dump dump) {
            core.dumps().answered(worker, dump.nonce(), dump.text());
        } else if (message instanceof Message.Pong) {
            LOG.trace("{} answers", worker);
        } else if (lane == null) {
            throw new ProtocolException(worker + " speaks of tasks before it is ready");
        } else if (message instanceof Message.Results results) {
            scheduler.results(lane, results.records());
        } else if (message instanceof Message.Started started) {
            scheduler.started(lane, started);
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

    /** One that is not trusted may talk and talk, and not read what it is sent: then its task would never begin, nor end. */
    private boolean isSignOfLife(Worker worker, Message message) {
        boolean answer = message instanceof Message.Pong pong && worker.heartbeat.isAnswer(pong.nonce());
        return answer || !core.config().trust().untrusted() || worker.lane == null;
    }

    /** One that leaves as planned has nothing more to do; else its task would be nobody's. */
    private void requireThatItMayLeave(Worker worker) throws ProtocolException {
        boolean may = core.lockedFor(
                after -> worker.phase() == Phase.ZOMBIE || (worker.phase() == Phase.RETIRING && fleet.idle(worker)));
        if (!may) {
            throw new ProtocolException(worker + " says goodbye, but was not told to go, or has a task");
        }
    }

    /** The channel has ended: everything that the worker said has been heard. */
    void channelClosed(Worker worker, @Nullable Throwable cause) {
        if (cause != null) {
            LOG.debug("channel of {} ended", worker, cause);
        }
        worker.misheard = cause != null && (cause instanceof ProtocolException || !(cause instanceof IOException));
        if (cause instanceof ProtocolException) {
            String what = "sent what is not of the protocol (" + cause.getMessage() + ")";
            core.locked(after -> worker.blame(new KillReason(LossReason.PROTOCOL, what)));
        }
        core.housekeeping().execute(() -> morgue.bury(worker));
    }
}
