package io.processpool;

/**
 * Measures tasks, for metrics. Each item of a map counts as a task.
 *
 * <p>Unlike a {@link PoolListener}, which is told of each task when it happens and may be too slow for a million of them,
 * a meter gets bare numbers in batches, shortly after. None is lost. The calls come one at a time from a thread of the
 * pool; a meter must be quick and must not block. One that throws is logged.
 */
public interface TaskMeter {

    /**
     * A task began to run.
     *
     * @param waitedNanos the time from its acceptance to here, in nanoseconds
     */
    default void started(long waitedNanos) {}

    /**
     * A task ended.
     *
     * @param outcome how it ended
     * @param ranNanos the time from its start to here, in nanoseconds; zero if it never started
     */
    default void ended(TaskOutcome outcome, long ranNanos) {}

    /** A task was refused because the queue was full. */
    default void rejected() {}
}
