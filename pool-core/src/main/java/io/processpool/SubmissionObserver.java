package io.processpool;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sees each submission – one call of {@code apply}, {@code map}, {@code imap} … – in the thread of its caller, gives it
 * headers that travel with it, and hears of its end: the place to let a trace go on in the worker.
 *
 * <p>Must be safe for use by many threads and quick, for the caller waits. The observers of a pool are asked in the order in
 * which they were added. One that throws is logged and ignored: it harms neither the submission nor the other observers.
 */
@FunctionalInterface
public interface SubmissionObserver {

    /**
     * Something is being submitted. Called before anything is encoded or queued, once for each call that the pool's caller
     * makes, also if the pool does not take it in the end.
     *
     * @param poolName the name of the pool
     * @param taskName the name from the options, or one derived from the function
     * @return what follows the submission to its end
     */
    Submission submitted(String poolName, String taskName);

    /** Follows one submission. */
    interface Submission {

        /**
         * Returns what {@link WorkerContext#headers()} shows to the tasks. Asked once, in the caller's thread. What all
         * observers give, together with the entries of the MDC that travel, may have 64 KiB encoded; if it is more, the call
         * that submits throws an {@link IllegalArgumentException}.
         *
         * @return the headers, without nulls
         */
        default Map<String, String> headers() {
            return Map.of();
        }

        /**
         * The submission has ended: all of its items have, or it was cancelled or abandoned, or the pool did not take it.
         * Called exactly once, on the callback executor of the pool; before or after the caller hears of it, so a future may
         * be done first.
         *
         * <p>A lazy map has ended when its last item has, whether or not the results were taken; one that is closed before
         * is {@link TaskOutcome#CANCELLED}. A submission that a full or closed pool refuses is
         * {@link TaskOutcome#ABANDONED}, one that cannot be encoded a {@link TaskOutcome#FAILURE}, as is a map whose source
         * throws. Otherwise a map has the outcome of the first failed item to be known.
         *
         * @param outcome how it ended
         * @param failure null on success and if it was cancelled; else what the caller gets too, but for what a task threw an
         *     exception object of its own. Values are not decoded for it.
         */
        default void ended(TaskOutcome outcome, @Nullable Throwable failure) {}
    }
}
