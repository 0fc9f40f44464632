package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The pool does not take the task because it was closed, or gave it up because it was terminated.
 */
public final class PoolClosedException extends ProcessPoolException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     * @param cause the cause, or null
     */
    public PoolClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
