package io.processpool.internal.engine;

import io.processpool.internal.Checks;
import io.processpool.internal.Nanos;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.RecyclePolicy;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a pool has an archive of loaded classes made, with which its later workers start quicker: when that is
 * likely to pay, and nobody waits for the processor.
 *
 * <p>Making one costs about what fifteen starts save. So a pool does it that has lived for a minute; for ten seconds, if it
 * keeps standby workers or replaces workers by tasks, age, memory or idleness. It then waits for a moment in which no
 * worker runs a task or starts, but not longer than another minute: the process in training has a low priority.
 */
final class ArchiveTraining {

    /** The system property with the time of a pool that replaces workers; others wait for six times as long. */
    static final String DELAY_PROPERTY = "processpool.archiveDelay";

    private static final Duration DELAY = Duration.ofSeconds(10);
    private static final int FACTOR = 6;

    private final EngineCore core;
    private final Fleet fleet;
    private final WorkerFactory factory;
    private final Duration delay;

    /** How often a busy pool was found; only the timer's thread. */
    private int busy;

    ArchiveTraining(EngineCore core, Fleet fleet, WorkerFactory factory, Duration delay) {
        this.core = core;
        this.fleet = fleet;
        this.factory = factory;
        this.delay = delay;
    }

    /**
     * Returns the time that the property says, else the default.
     *
     * @throws IllegalArgumentException if it says none
     */
    static Duration delay(@Nullable String property) {
        if (property == null) {
            return DELAY;
        }
        try {
            return Checks.positive(DELAY_PROPERTY, Duration.parse(property));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    DELAY_PROPERTY + " must be a duration such as PT10S: " + DELAY_PROPERTY + "=" + property, e);
        }
    }

    void start() {
        if (core.config().launch().classDataSharing()) {
            schedule(replacesWorkers(core.config()) ? 1 : FACTOR);
        }
    }

    static boolean replacesWorkers(PoolConfig config) {
        RecyclePolicy recycle = config.recycle();
        return config.standbyWorkers() > 0
                || recycle.maxTasks() > 0
                || recycle.maxAge() != null
                || recycle.maxMemory() > 0
                || recycle.idleTimeout() != null;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
    private void schedule(int times) {
        long nanos = times * Math.min(Nanos.of(delay), Long.MAX_VALUE / FACTOR / 2);
        core.timer().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private void look() {
        boolean idle = core.lockedFor(after -> fleet.workers().stream().allMatch(fleet::idle));
        if (!idle && ++busy < FACTOR) {
            schedule(1);
        } else {
            core.housekeeping().execute(this::train);
        }
    }

    private void train() {
        if (!factory.train()) {
            schedule(1);
        }
    }
}
