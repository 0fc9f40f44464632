package io.processpool;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sees each submission – one call of {@code apply}, {@code map}, {@code imap} … – in the thread of its caller, gives it
 * headers that travel with it, and hears of its end: the place to let a trace go on in the worker.
 *
 * <p>Must be safe for use by many threads and quick, for the caller waits. One that throws is logged, and the submission goes
 * on without it.
 */
@FunctionalInterface
public interface SubmissionObserver {

    /**
     * Something is being submitted. Called before it is queued; what cannot be serialized is not submitted at all.
     *
     * @param poolName the name of the pool
     * @param taskName the name from the options, or one derived from the function
     * @return what follows the submission to its end
     */
    Submission submitted(String poolName, String taskName);

    /** Follows one submission. */
    interface Submission {

        /**
         * Returns what {@link WorkerContext#headers()} shows to the tasks. Asked once, in the caller's thread.
         *
         * @return the headers, at most 64 KiB in all
         */
        default Map<String, String> headers() {
            return Map.of();
        }

        /**
         * The submission has ended: all of its tasks have, or it was refused, cancelled or given up. Called exactly once, by
         * a callback thread of the pool, before or after the caller hears of it.
         *
         * @param outcome how; of a map, that of the first task by index that did not succeed
         * @param failure what the caller gets thrown, null on success and if the caller cancelled it
         */
        default void ended(TaskOutcome outcome, @Nullable Throwable failure) {}
    }
}
