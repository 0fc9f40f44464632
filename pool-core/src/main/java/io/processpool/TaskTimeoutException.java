package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The task ran longer than its time-out. Its {@linkplain #getCause() cause}, if there is one, carries the stack at which
 * the task was stuck, taken from the worker before it was interrupted or killed. The task may still be running when this
 * arrives: it is interrupted now, and has the pool's {@code cancelGrace} to end before its worker is killed.
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
