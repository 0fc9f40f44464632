package io.processpool.internal.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.processpool.internal.process.WorkerProcess;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The last kill for want of memory, whichever pool's worker it hit. The guards of all pools see the same shortage, and one
 * worker less may be the end of it: so until its memory is back, nobody else is killed, and then only by who has looked at the
 * memory since.
 *
 * <p>Thread-safe.
 */
final class MemoryRelief {

    /** That of this process, whose pools share the memory of a container. */
    static final MemoryRelief SHARED = new MemoryRelief(System::nanoTime);

    /** A process may stay although it was killed; nobody waits for it any longer then. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier clock;

    @GuardedBy("this")
    private @Nullable WorkerProcess dying;

    @GuardedBy("this")
    private long killedAt;

    /** When it was found that the last one who was killed has ended. */
    @GuardedBy("this")
    private long overAt;

    MemoryRelief(LongSupplier nanoClock) {
        this.clock = nanoClock;
        this.overAt = nanoClock.getAsLong();
    }

    /** Returns the time, to be noted before a look at the memory. */
    long now() {
        return clock.getAsLong();
    }

    /** Whether a look at the memory, begun at that time, shows what the last kill has brought. */
    synchronized boolean isOver(long lookedAt) {
        WorkerProcess last = dying;
        if (last != null && (!last.isAlive() || now() - killedAt > PATIENCE_NANOS)) {
            over(last);
        }
        return dying == null && lookedAt - overAt >= 0;
    }

    /** A process is about to be killed; returns false if it must not be, since that is not called for any more. */
    synchronized boolean begin(WorkerProcess process, long lookedAt) {
        if (!isOver(lookedAt)) {
            return false;
        }
        dying = process;
        killedAt = now();
        return true;
    }

    /** Forgets a process that was killed as soon as it has ended: memory may never be short again, and nobody look. */
    void forgetAtItsEnd(WorkerProcess process) {
        process.onExit().thenRun(() -> over(process));
    }

    private synchronized void over(WorkerProcess process) {
        if (dying == process) {
            dying = null;
            overAt = now();
        }
    }
}
