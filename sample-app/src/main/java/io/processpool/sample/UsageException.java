package io.processpool.sample;

import java.io.Serial;

/** The user asked for something that cannot be done. The message is for them; the stack is for nobody. */
final class UsageException extends RuntimeException {

    static final int EXIT_CODE = 2;

    @Serial
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
