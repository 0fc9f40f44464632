package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Workers cannot be started: a bad JVM flag, no {@code java}, a failing initializer. The message holds the worker's own
 * words. The pool keeps trying with growing pauses, and serves again as soon as a worker starts.
 */
public final class WorkerStartException extends ProcessPoolException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     * @param cause the cause, or null
     */
    public WorkerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
