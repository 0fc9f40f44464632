package io.processpool;

import io.processpool.internal.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Options of one task. Immutable; each method with an argument returns a changed copy.
 *
 * <pre>{@code pool.applyAsync(Report::render, id, TaskOptions.defaults().timeout(Duration.ofSeconds(5)));}</pre>
 *
 * @param timeout how long the task may run, from its start in the worker; null takes the pool's {@code taskTimeout}
 * @param priority tasks of a higher priority leave the queue first; default 0
 * @param retries how often the task is run again after the loss of its worker; default 0
 * @param name a name for logs and snapshots; null derives one from the function
 * @param progress receives what the task reports with {@link WorkerContext#progress(long, long)}, may be null
 */
public record TaskOptions(
        @Nullable Duration timeout,
        int priority,
        int retries,
        @Nullable String name,
        @Nullable ProgressListener progress) {

    private static final TaskOptions DEFAULTS = new TaskOptions(null, 0, 0, null, null);

    /** Checks the values. */
    public TaskOptions {
        if (timeout != null) {
            Checks.positive("timeout", timeout);
        }
        Checks.atLeast("retries", retries, 0);
    }

    /**
     * Returns the default options.
     *
     * @return no time-out of its own, priority 0, no retries, a derived name
     */
    public static TaskOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Sets how long the task may run, from its start in the worker, not from its submission. A task that takes longer
     * is interrupted; if it has not ended after the pool's {@code cancelGrace}, its worker is killed. It fails with
     * {@link TaskTimeoutException}.
     *
     * @param timeout a positive duration
     * @return a changed copy
     * @throws IllegalArgumentException if the duration is not positive
     */
    public TaskOptions timeout(Duration timeout) {
        return new TaskOptions(timeout, priority, retries, name, progress);
    }

    /**
     * Sets the priority.
     *
     * @param priority higher leaves the queue first
     * @return a changed copy
     */
    public TaskOptions priority(int priority) {
        return new TaskOptions(timeout, priority, retries, name, progress);
    }

    /**
     * Sets how often the task is run again when its worker is lost. A task that threw or timed out is never retried.
     *
     * @param retries 0 or more; anything but 0 is for tasks that may safely run twice
     * @return a changed copy
     * @throws IllegalArgumentException if negative
     */
    public TaskOptions retries(int retries) {
        return new TaskOptions(timeout, priority, retries, name, progress);
    }

    /**
     * Sets the name under which the task stands in logs, snapshots and exceptions.
     *
     * @param name the name
     * @return a changed copy
     */
    public TaskOptions name(String name) {
        return new TaskOptions(timeout, priority, retries, name, progress);
    }

    /**
     * Sets who receives the progress that the task reports.
     *
     * @param progress the listener
     * @return a changed copy
     */
    public TaskOptions progress(ProgressListener progress) {
        return new TaskOptions(timeout, priority, retries, name, progress);
    }
}
