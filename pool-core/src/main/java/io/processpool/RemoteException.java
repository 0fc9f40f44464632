package io.processpool;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for an exception of a worker that cannot be rebuilt in this process, because it is not serializable or its
 * class is not known here. It has the stack trace that the original had, and remote causes of its own.
 */
public final class RemoteException extends ProcessPoolException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** The class name of the original. */
    private final String className;

    /** The message of the original. */
    private final @Nullable String originalMessage;

    /**
     * Makes a stand-in.
     *
     * @param className the class name of the original
     * @param originalMessage the message of the original, or null
     * @param stackTrace the stack of the original
     * @param cause the stand-in for the original's cause, or null
     */
    public RemoteException(
            String className,
            @Nullable String originalMessage,
            StackTraceElement[] stackTrace,
            @Nullable Throwable cause) {
        super(originalMessage == null ? className : className + ": " + originalMessage, cause);
        this.className = className;
        this.originalMessage = originalMessage;
        setStackTrace(stackTrace);
    }

    /**
     * Returns the class name of the original exception.
     *
     * @return the binary name
     */
    public String className() {
        return className;
    }

    /**
     * Returns the message of the original exception.
     *
     * @return the message, or null if it had none
     */
    public @Nullable String originalMessage() {
        return originalMessage;
    }
}
