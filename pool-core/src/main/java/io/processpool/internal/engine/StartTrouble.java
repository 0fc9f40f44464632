package io.processpool.internal.engine;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps count of workers that failed to start, or ended before they did anything, and says when the next may be tried:
 * at once after the first failure, then after pauses that double. Guarded by the pool's lock.
 */
final class StartTrouble {

    /** After so many failures in a row, tasks that wait are failed. */
    static final int MAX_ATTEMPTS = 3;

    /**
     * The same if the last was killed by somebody else than the pool. That says little of whether workers can start; but whoever
     * does so may go on for ever.
     */
    static final int MAX_KILLED = 7;

    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(30);

    private int failures;
    private long failedAt;
    private @Nullable String lastFailure;
    private boolean lastWasKilled;
    private long notBefore = System.nanoTime();

    /**
     * A worker failed. Those that were launched before the last failure was known are of the same attempt.
     *
     * @param launchedAt when it was launched, by {@link System#nanoTime()}
     */
    void failed(long launchedAt) {
        if (failures > 0 && launchedAt - failedAt < 0) {
            return;
        }
        failures++;
        failedAt = System.nanoTime();
        long pause = failures < 2 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE << Math.min(20, failures - 2));
        notBefore = System.nanoTime() + pause;
    }

    /**
     * It is known what the last failure was.
     *
     * @param killed whether the worker was killed by somebody else than the pool
     */
    void explain(String failure, boolean killed) {
        lastFailure = failure;
        lastWasKilled = killed;
    }

    /** Returns the last failure if there are so many that tasks are failed; else null. */
    @Nullable
    String lasting() {
        return failures < (lastWasKilled ? MAX_KILLED : MAX_ATTEMPTS) ? null : lastFailure;
    }

    /** Workers start again. */
    void over() {
        failures = 0;
        lastFailure = null;
        notBefore = System.nanoTime();
    }

    int failures() {
        return failures;
    }

    /** Returns for how many nanoseconds no worker may be launched. */
    long pause() {
        return Math.max(0, notBefore - System.nanoTime());
    }
}
