package io.processpool;

import io.processpool.internal.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Options of a map. Immutable; each method with an argument returns a changed copy.
 *
 * @param timeout how long each item may run, from its start in the worker; null takes the pool's {@code taskTimeout}
 * @param priority items of a higher priority leave the queue first; default 0
 * @param retries how often an item is run again after the loss of its worker; default 0
 * @param name a name for logs and snapshots; null derives one from the function
 * @param chunkSize how many items travel together; null measures and decides by itself
 * @param maxInFlight for lazy maps, how many items may be pulled and not yet consumed; null decides by itself
 * @param onError what a {@code map} does when an item fails
 * @param progress receives the count of ended items, may be null
 */
public record MapOptions(
        @Nullable Duration timeout,
        int priority,
        int retries,
        @Nullable String name,
        @Nullable Integer chunkSize,
        @Nullable Integer maxInFlight,
        OnError onError,
        @Nullable ProgressListener progress) {

    private static final MapOptions DEFAULTS = new MapOptions(null, 0, 0, null, null, null, OnError.WAIT_ALL, null);

    /** Checks the values. */
    public MapOptions {
        if (timeout != null) {
            Checks.positive("timeout", timeout);
        }
        Checks.atLeast("retries", retries, 0);
        if (chunkSize != null) {
            Checks.atLeast("chunkSize", chunkSize, 1);
        }
        if (maxInFlight != null) {
            Checks.atLeast("maxInFlight", maxInFlight, 1);
        }
        Checks.notNull("onError", onError);
    }

    /**
     * Returns the default options.
     *
     * @return automatic chunk size and window, {@link OnError#WAIT_ALL}
     */
    public static MapOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Sets how long each item may run, whatever the chunk size. See {@link TaskOptions#timeout(Duration)}.
     *
     * @param timeout a positive duration
     * @return a changed copy
     * @throws IllegalArgumentException if the duration is not positive
     */
    public MapOptions timeout(Duration timeout) {
        return new MapOptions(timeout, priority, retries, name, chunkSize, maxInFlight, onError, progress);
    }

    /**
     * Sets the priority.
     *
     * @param priority higher leaves the queue first
     * @return a changed copy
     */
    public MapOptions priority(int priority) {
        return new MapOptions(timeout, priority, retries, name, chunkSize, maxInFlight, onError, progress);
    }

    /**
     * Sets how often an item is run again when its worker is lost.
     *
     * @param retries 0 or more; anything but 0 is for tasks that may safely run twice
     * @return a changed copy
     * @throws IllegalArgumentException if negative
     */
    public MapOptions retries(int retries) {
        return new MapOptions(timeout, priority, retries, name, chunkSize, maxInFlight, onError, progress);
    }

    /**
     * Sets the name under which the items stand in logs, snapshots and exceptions.
     *
     * @param name the name
     * @return a changed copy
     */
    public MapOptions name(String name) {
        return new MapOptions(timeout, priority, retries, name, chunkSize, maxInFlight, onError, progress);
    }

    /**
     * Sets how many items travel to a worker together (Python: {@code chunksize}). This is a matter of transport
     * alone: errors, time-outs, counts and cancellation stay per item. Without it the pool measures the items and
     * sends about a millisecond of work at a time.
     *
     * @param chunkSize 1 or more
     * @return a changed copy
     * @throws IllegalArgumentException if less than 1
     */
    public MapOptions chunkSize(int chunkSize) {
        return new MapOptions(timeout, priority, retries, name, chunkSize, maxInFlight, onError, progress);
    }

    /**
     * Sets how many items of a lazy map may have been pulled from the source and not yet been consumed.
     *
     * @param maxInFlight 1 or more
     * @return a changed copy
     * @throws IllegalArgumentException if less than 1
     */
    public MapOptions maxInFlight(int maxInFlight) {
        return new MapOptions(timeout, priority, retries, name, chunkSize, maxInFlight, onError, progress);
    }

    /**
     * Sets what {@code map} and {@code mapAsync} do when an item fails. Lazy maps deliver each failure in its place.
     *
     * @param onError the policy
     * @return a changed copy
     */
    public MapOptions onError(OnError onError) {
        return new MapOptions(timeout, priority, retries, name, chunkSize, maxInFlight, onError, progress);
    }

    /**
     * Sets who receives the count of ended items.
     *
     * @param progress the listener
     * @return a changed copy
     */
    public MapOptions progress(ProgressListener progress) {
        return new MapOptions(timeout, priority, retries, name, chunkSize, maxInFlight, onError, progress);
    }
}
