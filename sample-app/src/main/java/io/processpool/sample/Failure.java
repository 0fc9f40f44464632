package io.processpool.sample;

import io.processpool.ProcessPoolException;
import io.processpool.RemoteException;
import io.processpool.TaskFailedException;
import io.processpool.TaskTimeoutException;
import io.processpool.WorkerOutOfMemoryException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Why a document failed.
 *
 * @param cause the exception
 * @param reason the same in half a line, for people
 */
record Failure(Throwable cause, String reason) {

    /**
     * Puts the reason into words.
     *
     * @param heap the heap that the worker had
     * @param timeout the time that the document had
     */
    static Failure of(Throwable cause, DataSize heap, Duration timeout) {
        return new Failure(cause, reason(cause, heap, timeout));
    }

    private static String reason(Throwable failure, DataSize heap, Duration timeout) {
        if (failure instanceof WorkerOutOfMemoryException lost) {
            return "worker out of memory (pid " + lost.pid() + ", heap " + heap.toMegabytes() + " MB)";
        }
        if (failure instanceof TaskTimeoutException) {
            return "not done within " + timeout.toMillis() / 1000.0 + " s" + place(failure.getCause());
        }
        Throwable cause = failure instanceof TaskFailedException ? failure.getCause() : failure;
        // Exceptions of workers that are not trusted arrive as text.
        if (cause instanceof RemoteException remote) {
            return thrown(remote.className(), remote.originalMessage());
        }
        if (cause == null || cause instanceof ProcessPoolException) {
            return firstLine(String.valueOf((cause == null ? failure : cause).getMessage())); // made for reading
        }
        return thrown(cause.getClass().getName(), cause.getMessage());
    }

    private static String thrown(String className, @Nullable String message) {
        if (className.equals(InvalidPasswordException.class.getName())) {
            return "encrypted, needs a password";
        }
        if (className.equals(NoClassDefFoundError.class.getName())
                && String.valueOf(message).contains("bouncycastle")) {
            return "encrypted for a certificate, which this application does not support";
        }
        if (className.equals(AccessDeniedException.class.getName())) {
            return "no permission to read it";
        }
        String name = className.substring(1 + Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')));
        return firstLine(message == null ? name : name + ": " + message);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** Where the worker was stuck, as far as it is known: the innermost frame that is not the JDK's. */
    private static String place(@Nullable Throwable stuck) {
        if (stuck != null) {
            for (StackTraceElement frame : stuck.getStackTrace()) {
                if (!frame.getClassName().startsWith("java.")) {
                    String name = frame.getClassName();
                    return " (was in " + name.substring(name.lastIndexOf('.') + 1) + "." + frame.getMethodName() + ")";
                }
            }
        }
        return "";
    }
}
