package io.processpool.internal.codec;

import io.processpool.Codec;
import io.processpool.TaskSerializationException;
import io.processpool.internal.PlainText;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import org.jspecify.annotations.Nullable;

/** The exceptions of this package: what was to be encoded or decoded, why it failed, and what to do about it. */
final class Failures {

    private static final int MAX_CAUSES = 32;

    private Failures() {}

    /** Throws what nobody may swallow: errors of the JVM, but for a stack overflow, which the value caused. */
    static void rethrowFatal(Throwable e) {
        if (e instanceof VirtualMachineError fatal && !(e instanceof StackOverflowError)) {
            throw fatal;
        }
    }

    /** Makes the exception for a value that JDK serialization cannot write. */
    static TaskSerializationException notSerialized(String what, Object value, Throwable cause) {
        return new TaskSerializationException(
                "Cannot encode " + what + ": " + SerializationPath.explain(value, cause), cause);
    }

    /** Makes the exception for a value that the user's codec cannot write. */
    static TaskSerializationException notEncoded(String what, Object value, Codec codec, Throwable cause) {
        return new TaskSerializationException(
                "Cannot encode " + what + " of class " + ClassNames.of(value.getClass()) + " with codec "
                        + ClassNames.of(codec.getClass()) + ": " + brief(cause),
                cause);
    }

    /** Makes the exception for bytes that cannot be read. */
    static TaskSerializationException notDecoded(String what, Throwable cause) {
        return new TaskSerializationException("Cannot decode " + what + ": " + reason(cause), cause);
    }

    /** Makes the exception for bytes that cannot be read, of whatever worker: one that is not trusted may not speak through it. */
    static TaskSerializationException notDecoded(String what, Throwable cause, @Nullable ObjectInputFilter filter) {
        return filter instanceof AllowList
                ? new TaskSerializationException(
                        "Cannot decode " + what + ": " + PlainText.excerpt(reason(cause)),
                        FailureText.of(cause).excerpt().toRemoteException())
                : notDecoded(what, cause);
    }

    /** Makes the exception for a function that cannot be read in a worker. */
    static TaskSerializationException functionNotDecoded(Throwable cause) {
        String missing = missingClass(cause);
        if (missing != null) {
            return new TaskSerializationException(
                    "Cannot decode function: class " + missing + " is not on the class path of this worker; a lambda or"
                            + " method reference needs the class in which it is written, and those of all that it captures",
                    cause);
        }
        if (brief(root(cause)).endsWith("Invalid lambda deserialization")) {
            return new TaskSerializationException(
                    "Cannot decode function: the class in which the lambda is written is another version in this worker;"
                            + " use the same class path as the pool",
                    cause);
        }
        return notDecoded("function", cause);
    }

    private static Throwable root(Throwable e) {
        Throwable at = e;
        for (int i = 0; i < MAX_CAUSES; i++) {
            Throwable cause = cause(at);
            if (cause == null) {
                break;
            }
            at = cause;
        }
        return at;
    }

    private static String reason(Throwable e) {
        String missing = missingClass(e);
        if (missing != null) {
            return "class " + missing + " is not known here: it is not on the class path of this process";
        }
        if (e instanceof InvalidClassException) {
            String message = brief(e);
            return message.contains("incompatible")
                    ? message + "; the class differs between pool and worker: use the same class path in both"
                    : message;
        }
        if (e instanceof StackOverflowError) {
            return "its objects are nested too deep (StackOverflowError)";
        }
        return e instanceof IOException
                ? "malformed or incomplete data: " + brief(e)
                : "the code that reads its objects threw " + brief(e);
    }

    /** Returns the name of the class whose absence is the reason of a failure, or null if that is not the reason. */
    static @Nullable String missingClass(Throwable e) {
        Throwable at = e;
        for (int i = 0; at != null && i < MAX_CAUSES; i++, at = cause(at)) {
            String message = message(at);
            // A class that could not be initialized is there: its message is a sentence.
            if (message != null
                    && (at instanceof ClassNotFoundException
                            || (at instanceof NoClassDefFoundError && message.indexOf(' ') < 0))) {
                return ClassNames.ofBinary(message.split(" ", 2)[0]);
            }
        }
        return null;
    }

    /** Returns class name and message. */
    static String brief(Throwable e) {
        String message = message(e);
        return message == null ? e.getClass().getName() : e.getClass().getName() + ": " + message;
    }

    /** Returns the message; says so if the user's {@code getMessage} throws. */
    static @Nullable String message(Throwable e) {
        try {
            return e.getMessage();
        } catch (Throwable thrown) {
            rethrowFatal(thrown);
            return "(getMessage() threw " + thrown.getClass().getName() + ")";
        }
    }

    /** Returns the cause, or null if there is none or the user's {@code getCause} throws. */
    static @Nullable Throwable cause(Throwable e) {
        try {
            return e.getCause();
        } catch (Throwable thrown) {
            rethrowFatal(thrown);
            return null;
        }
    }
}
