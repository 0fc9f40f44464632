package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The task threw. The {@linkplain #getCause() cause} is the original exception with the stack that it had in the
 * worker, or a {@link RemoteException} that carries class name, message and stack when the original cannot be rebuilt
 * here.
 */
public final class TaskFailedException extends ProcessPoolException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     * @param cause the cause, or null
     */
    public TaskFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
