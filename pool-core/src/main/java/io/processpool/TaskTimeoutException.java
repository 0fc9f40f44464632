package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The task ran longer than its time-out. Its {@linkplain #getCause() cause}, if there is one, carries the stack at which
 * the task was stuck, taken from the worker before it was interrupted or killed.
 */
public final class TaskTimeoutException extends ProcessPoolException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     * @param cause the cause, or null
     */
    public TaskTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
