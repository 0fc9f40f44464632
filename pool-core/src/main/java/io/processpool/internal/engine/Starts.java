package io.processpool.internal.engine;

import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.Scheduler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether workers can be started, and stay: of {@linkplain StartTrouble failures in a row}, and of workers that have
 * proved themselves since. Guarded by the pool's lock, with which held its methods are called.
 */
final class Starts {

    /** A worker that has been ready for so long did not end because of how it was started. */
    static final long STABLE_MILLIS = 2_000;

    private final EngineCore core;
    private final Scheduler scheduler;
    private final Roster roster;
    private final StartTrouble trouble = new StartTrouble();

    Starts(EngineCore core, Scheduler scheduler, Roster roster) {
        this.core = core;
        this.scheduler = scheduler;
        this.roster = roster;
    }

    /** Whether it is being tried to start one: there is one at a time then, until it is known that they start again. */
    boolean isTrying() {
        return trouble.failures() > 0 && roster.first(worker -> worker.phase() == Phase.STARTING) != null;
    }

    /** Returns for how many nanoseconds no worker may be launched. */
    long pause() {
        return trouble.pause();
    }

    /** A worker is ready. */
    void ready(Worker worker) {
        if (trouble.failures() > 0) {
            core.timer().schedule(() -> troubleMayBeOver(worker), STABLE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** On the timer's thread, without the lock. */
    private void troubleMayBeOver(Worker worker) {
        core.locked(after -> {
            if (isUp(worker)) {
                trouble.over();
            }
        });
    }

    /** A worker ended before it was of any use: the next is launched with more care. */
    void failed(Worker worker) {
        trouble.failed(worker.launchedAt());
    }

    /**
     * It is known why a worker ended before it was of any use; may fail the tasks that wait.
     *
     * @param killed whether it was killed by somebody else than the pool
     */
    void explain(Throwable cause, boolean killed, After after) {
        trouble.explain(String.valueOf(cause.getMessage()), killed);
        if (trouble.lasting() != null && roster.first(Starts::isUp) == null) {
            after.run(() -> scheduler.outage(() -> core.startException(cause)));
        }
    }

    /** Why there is no worker that is any good, or null. */
    @Nullable
    String trouble() {
        return roster.first(this::proven) == null ? trouble.lasting() : null;
    }

    /** Whether a worker is ready, and not one of those that end at once. */
    private boolean proven(Worker worker) {
        Lane lane = worker.lane;
        return lane != null
                && isUp(worker)
                && (scheduler.ended(lane) > 0
                        || System.nanoTime() - worker.readyAt >= TimeUnit.MILLISECONDS.toNanos(STABLE_MILLIS));
    }

    private static boolean isUp(Worker worker) {
        return worker.serving() || worker.phase() == Phase.STANDBY;
    }
}
