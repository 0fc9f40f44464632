package io.processpool.internal.engine;

import io.processpool.RetireReason;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.transport.ChannelListener;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One worker, from its launch until its process is reaped. The fields are guarded by the pool's lock unless they say
 * otherwise; what arrives through the channel goes on to the {@link Fleet}.
 */
final class Worker implements ChannelListener {

    private final Fleet fleet;
    private final int slot;
    private final int generation;
    private final Instant startedAt = Instant.now();
    private final long launchedAt = System.nanoTime();

    private Phase phase = Phase.STARTING;

    /** Whether it was launched for the reserve. */
    boolean standby;

    /** Whether its successor was asked for; it serves until that is ready. */
    boolean leaving;

    /** Whether the end of its channel or process has been noticed. */
    boolean ended;

    volatile boolean saidGoodbye;

    @Nullable
    RetireReason retireReason;

    @Nullable
    String killReason;

    volatile @Nullable WorkerProcess process;

    @Nullable
    Channel channel;

    volatile @Nullable Lane lane;
    volatile @Nullable Path recorder;
    volatile @Nullable Throwable startFailure;

    /** Whether it said that it was ready before its launch had returned. */
    boolean readyBeforeAttended;

    volatile boolean startLate;
    /** Whether it has been given the last task that it may run. */
    boolean spent;

    boolean idleCheckScheduled;
    boolean exitScheduled;

    // Written by the channel's thread before the channel ends, read after that.
    volatile @Nullable Bytes startFailureBytes;
    volatile @Nullable Bytes finalizerFailure;
    long readyAt;
    long idleSince;

    /** When the channel's thread heard from it last, by {@link System#nanoTime()}. */
    volatile long heardAt = launchedAt;

    Worker(Fleet fleet, int slot, int generation, boolean standby) {
        this.fleet = fleet;
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
        heardAt = System.nanoTime();
        fleet.received(this, message);
    }

    @Override
    public void onClosed(@Nullable Throwable cause) {
        fleet.channelClosed(this, cause);
    }

    @Override
    public String toString() {
        return "worker " + slot + "." + generation + " (pid " + pid() + ")";
    }
}
