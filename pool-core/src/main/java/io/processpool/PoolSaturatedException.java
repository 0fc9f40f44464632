package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The queue of the pool is full, and the pool was built with {@link Saturation#REJECT}.
 */
public final class PoolSaturatedException extends ProcessPoolException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     * @param cause the cause, or null
     */
    public PoolSaturatedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
