package io.processpool.fory;

import java.io.IOException;
import java.io.InvalidClassException;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.fory.exception.DeserializationException;
import org.apache.fory.exception.ForyException;
import org.apache.fory.exception.InsecureException;
import org.jspecify.annotations.Nullable;

/** What Fory throws, in words that say which class it is about and what to do. */
final class ForyFailures {

    private static final int MAX_CAUSES = 32;

    private static final Pattern NOT_REGISTERED =
            Pattern.compile("(?:(?i:class)|interface) (\\S+) is not registered.*");
    private static final Pattern UNSUPPORTED =
            Pattern.compile("Class (?:class )?(\\S+) doesn't support serialization.*");
    private static final Pattern DISALLOWED = Pattern.compile("(\\S+) hit disallowed list");
    private static final Pattern NOT_A = Pattern.compile(
            "class " + Pattern.quote(RefusedClasses.class.getName()) + ".* cannot be cast to class (\\S+) .*");

    private ForyFailures() {}

    /** Says what to do about a class that no pattern allows. */
    static String notAllowed(String name) {
        return name.contains("$$Lambda")
                ? "lambdas do not travel inside of values"
                : "class " + name + " is not allowed: add it, or its package followed by *, to ForyCodec.allowing";
    }

    /** Says that a class never travels. */
    static String dangerous(String name) {
        return "class " + name + " does not travel: it is dangerous to read, or bound to its process";
    }

    /** Says what to do about the object of a class that only exists in this JVM. */
    static String generated(Class<?> type) {
        return "class " + type.getTypeName()
                + " is that of a lambda or a proxy, which do not travel inside of values: make it a class or an enum";
    }

    /** Makes the exception for a value that could not be written; throws what nobody may swallow. */
    static IOException notWritten(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        return cause instanceof IOException e ? e : new IOException(refusal(cause), cause);
    }

    /**
     * Makes the exception for bytes that could not be read; throws what nobody may swallow, and what the user's own code threw.
     *
     * @param refusals the reasons why classes are refused, by the names of the serializers that they had
     */
    static IOException notRead(Throwable thrown, Map<String, String> refusals) throws ClassNotFoundException {
        Throwable cause = unwrapped(thrown);
        Throwable root = root(cause);
        if (root instanceof ClassNotFoundException missing) {
            throw missing;
        }
        if (cause instanceof ClassRefusedException || cause instanceof InsecureException) {
            return rejected(refusal(cause), cause);
        }
        if (root instanceof ClassCastException) {
            Matcher notA = NOT_A.matcher(message(root));
            String reason = notA.matches() ? refusals.get(notA.group(1)) : null;
            if (reason != null) {
                return rejected(reason, root);
            }
        }
        if (root instanceof RuntimeException e && isOfTheUser(e)) {
            throw e;
        }
        return cause instanceof IOException e ? e : new IOException(refusal(cause), cause);
    }

    private static InvalidClassException rejected(String reason, Throwable cause) {
        InvalidClassException rejected = new InvalidClassException(reason);
        rejected.initCause(cause);
        return rejected;
    }

    private static boolean isOfTheUser(RuntimeException e) {
        StackTraceElement[] stack = e.getStackTrace();
        if (stack.length == 0) {
            return false;
        }
        String thrower = stack[0].getClassName();
        return !(thrower.startsWith("org.apache.fory.")
                || thrower.startsWith("java.")
                || thrower.startsWith("jdk.")
                || thrower.startsWith("sun."));
    }

    /**
     * Returns the first cause that is not Fory's own wrapping, but a refusal in any depth. The message of Fory's exception for
     * reading would call {@code toString} of all that was read so far.
     */
    private static Throwable unwrapped(Throwable thrown) {
        Throwable found = thrown;
        boolean wrapping = true;
        int depth = 0;
        for (Throwable at = thrown; at != null && depth++ < MAX_CAUSES; at = next(at)) {
            if (at instanceof VirtualMachineError fatal && !(at instanceof StackOverflowError)) {
                throw fatal;
            }
            if (at instanceof ClassRefusedException) {
                return at;
            }
            wrapping = wrapping && found instanceof ForyException && next(found) != null;
            if (wrapping) {
                found = Objects.requireNonNull(next(found));
            }
        }
        return found;
    }

    private static Throwable root(Throwable e) {
        Throwable root = e;
        for (int depth = 0; depth < MAX_CAUSES; depth++) {
            Throwable cause = next(root);
            if (cause == null) {
                break;
            }
            root = cause;
        }
        return root;
    }

    private static @Nullable Throwable next(Throwable e) {
        Throwable cause = e.getCause();
        return cause == e ? null : cause;
    }

    private static String refusal(Throwable cause) {
        if (cause instanceof StackOverflowError) {
            return "its objects are nested too deep (StackOverflowError)";
        }
        String message = message(cause);
        Matcher notRegistered = NOT_REGISTERED.matcher(message);
        if (notRegistered.matches()) {
            return "class " + element(notRegistered.group(1))
                    + " is not registered: add it to ForyCodec.registering, or allow it with ForyCodec.allowing";
        }
        Matcher unsupported = UNSUPPORTED.matcher(message);
        if (unsupported.matches()) {
            return "class " + unsupported.group(1)
                    + " cannot be written: pass an id and load it in the worker (for example in the initializer)";
        }
        Matcher disallowed = DISALLOWED.matcher(message);
        if (disallowed.matches()) {
            return dangerous(disallowed.group(1));
        }
        return cause instanceof ClassRefusedException ? message : brief(root(cause));
    }

    private static String brief(Throwable e) {
        String message = message(e);
        return message.isEmpty() ? e.getClass().getName() : e.getClass().getName() + ": " + message;
    }

    /** Returns the message; not that of Fory for reading, which calls {@code toString} of all that was read. */
    private static String message(Throwable e) {
        String message = e instanceof DeserializationException ? null : e.getMessage();
        return message == null ? "" : message;
    }

    private static String element(String name) {
        int dimensions = name.lastIndexOf('[') + 1;
        return dimensions > 0 && name.startsWith("L", dimensions) && name.endsWith(";")
                ? name.substring(dimensions + 1, name.length() - 1)
                : name;
    }
}
