package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A function, an argument or a result could not be encoded or decoded. The message names the path of fields that leads
 * to the culprit, for example the {@code this} that a lambda captured. Only this task is affected: the worker lives.
 */
public final class TaskSerializationException extends ProcessPoolException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     * @param cause the cause, or null
     */
    public TaskSerializationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
