package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.RetireReason;
import io.processpool.internal.Allowance;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.transport.ChannelListener;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.RecorderFile;
import java.time.Instant;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One worker, from its launch until its process is reaped. Its fields are guarded by the pool's lock, or volatile;
 * each group names who writes it; what arrives through the channel goes on to {@link WorkerMessages}.
 */
final class Worker implements ChannelListener {

    private final WorkerMessages messages;
    private final int slot;
    private final int generation;
    private final Instant startedAt = Instant.now();
    private final long launchedAt = System.nanoTime();

    private Phase phase = Phase.STARTING;

    // Its launch: the launch pad, the factory, and the fleet when it connects and is ready.
    volatile @Nullable WorkerProcess process;
    volatile @Nullable RecorderFile recorder;

    @Nullable
    Channel channel;

    volatile @Nullable Lane lane;

    /** Whether it said that it was ready before its launch had returned. */
    boolean readyBeforeAttended;

    long readyAt;
    volatile boolean startLate;
    volatile @Nullable Throwable startFailure;

    /** Whether it is of the reserve; the fleet changes that. */
    boolean standby;

    // Its replacement: recycling.
    /** Whether its successor was asked for; it serves until that is ready. */
    boolean leaving;

    /** Whether its successor is to be ready when it has been given the last task that it may run. */
    boolean runsOut;

    /** Whether it has been given the last task that it may run. */
    boolean spent;

    /** Looks at its age, or null if that does not matter. */
    @Nullable
    Future<?> ageCheck;

    /** Looks whether it has been idle for long, or null if nobody is about to. */
    @Nullable
    Future<?> idleCheck;

    long idleSince;

    // Its end: departures and morgue; the reason to retire also recycling.
    @Nullable
    RetireReason retireReason;

    /** Null as long as nobody has given it up. */
    @Nullable
    KillReason killReason;

    boolean exitScheduled;

    /** Whether the end of its channel or process has been noticed. */
    boolean ended;

    // What it said: written by the channel's thread, read after the channel has ended.
    volatile @Nullable Bytes startFailureBytes;
    volatile @Nullable Bytes finalizerFailure;
    volatile boolean saidGoodbye;

    /** Whether this side has ended the channel since it could not hear what came: it may have said more, and live. */
    volatile boolean misheard;

    /** What it may say besides results, by far more than it has to; only the channel's thread. */
    final Allowance smallTalk = new Allowance(200_000, 50_000, launchedAt);

    /** Asked by the watch, answered to the channel's thread. */
    final Heartbeat heartbeat = new Heartbeat();

    /**
     * When it gave the last sign of life that counts, by {@link System#nanoTime()}. Written by the channel's thread; the watch
     * may put it forward.
     */
    volatile long heardAt = launchedAt;

    Worker(WorkerMessages messages, int slot, int generation, boolean standby) {
        this.messages = messages;
        this.slot = slot;
        this.generation = generation;
        this.standby = standby;
    }

    int slot() {
        return slot;
    }

    int generation() {
        return generation;
    }

    Instant startedAt() {
        return startedAt;
    }

    long launchedAt() {
        return launchedAt;
    }

    Phase phase() {
        return phase;
    }

    /** Goes to another phase; throws if that is not possible. */
    void become(Phase next) {
        if (!phase.canBecome(next)) {
            throw new IllegalStateException(this + " cannot go from " + phase + " to " + next);
        }
        phase = next;
    }

    /** Whether it is ready and may be given tasks. */
    boolean serving() {
        return phase == Phase.SERVING;
    }

    /** Whether it is, or will be, ready to take over from another. */
    boolean reserve() {
        return standby && phase.live();
    }

    /** Whether it serves or will serve, as far as is known. */
    boolean counts() {
        return !standby && phase.live() && !leaving;
    }

    long pid() {
        WorkerProcess current = process;
        return current == null ? -1 : current.pid();
    }

    /** Returns the worker for messages: {@code worker=0, pid=123}. */
    String where() {
        return "worker=" + slot + ", pid=" + pid();
    }

    @Override
    public void onMessage(Message message) throws ProtocolException {
        messages.received(this, message);
    }

    /** Notes why the pool gives this worker up; the first reason counts. With the pool's lock held. */
    void blame(KillReason reason) {
        if (killReason == null) {
            killReason = reason;
        }
    }

    /** Whether it was killed because somebody wanted that, or it was not needed any more. */
    boolean killedOnPurpose() {
        KillReason reason = killReason;
        return reason != null && (reason.kind() == LossReason.KILLED || reason.kind() == LossReason.POOL_TERMINATED);
    }

    @Override
    public void onClosed(@Nullable Throwable cause) {
        messages.channelClosed(this, cause);
    }

    @Override
    public String toString() {
        return "worker " + slot + "." + generation + " (pid " + pid() + ")";
    }
}
