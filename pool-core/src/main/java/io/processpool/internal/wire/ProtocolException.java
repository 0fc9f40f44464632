package io.processpool.internal.wire;

import java.io.IOException;
import java.io.Serial;

/** The other side sent something that is not of this protocol. The connection cannot be used any further. */
public final class ProtocolException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Makes an exception. */
    public ProtocolException(String message) {
        super(message);
    }
}
