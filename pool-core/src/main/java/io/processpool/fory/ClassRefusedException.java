package io.processpool.fory;

import java.io.Serial;

/** A class must not travel; thrown through Fory, which does not know of it. */
final class ClassRefusedException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    ClassRefusedException(String message) {
        super(message);
    }
}
