package io.processpool;

/** How a task ended. */
public enum TaskOutcome {
    /** It returned a value. */
    SUCCESS,
    /** It threw, or its argument or result could not be encoded or decoded. */
    FAILURE,
    /** It ran longer than its time-out. */
    TIMEOUT,
    /** It was cancelled. */
    CANCELLED,
    /** Its worker ended while running it. */
    WORKER_LOST,
    /** The pool was terminated, or could not start a worker for it. */
    ABANDONED
}
