package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The root of everything that the pool itself throws. Unchecked.
 *
 * <p>{@link TaskFuture#get()} wraps it in an {@link java.util.concurrent.ExecutionException}; the blocking calls
 * ({@code apply}, {@code map}, {@code next}) throw it bare. No two failed tasks share an exception object.
 */
public class ProcessPoolException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     */
    public ProcessPoolException(String message) {
        super(message);
    }

    /**
     * Makes an exception with a cause.
     *
     * @param message what happened, where, and what to do
     * @param cause the cause, or null
     */
    public ProcessPoolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
