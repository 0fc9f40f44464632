package io.processpool.internal.engine;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** When the fleet launches nothing, and looks again later. Guarded by the pool's lock. */
final class LaunchPauses {

    /** How long a worker that takes over has the processors before its own successor is launched. */
    private static final long HEAD_START_MILLIS = 20;

    private final EngineCore core;
    private final Consumer<After> reconcile;
    private boolean scheduled;
    private boolean headStart;

    /**
     * Makes one.
     *
     * @param reconcile is called, with the lock held, when a pause is over
     */
    LaunchPauses(EngineCore core, Consumer<After> reconcile) {
        this.core = core;
        this.reconcile = reconcile;
    }

    /** Makes the fleet look again after a while. */
    void reconcileIn(long nanos) {
        if (!scheduled) {
            scheduled = true;
            core.timer().schedule(this::pauseIsOver, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void pauseIsOver() {
        core.locked(after -> {
            scheduled = false;
            reconcile.accept(after);
        });
    }

    /** One that stood by serves now: a JVM that starts at this moment would be in its way. */
    void giveHeadStart() {
        if (!headStart) {
            headStart = true;
            core.timer().schedule(this::headStartIsOver, HEAD_START_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void headStartIsOver() {
        core.locked(after -> {
            headStart = false;
            reconcile.accept(after);
        });
    }

    /** Whether somebody has a head start at this moment: the reserve is filled up after it. */
    boolean headStart() {
        return headStart;
    }
}
