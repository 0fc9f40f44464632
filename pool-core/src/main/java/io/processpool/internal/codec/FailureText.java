package io.processpool.internal.codec;

import io.processpool.RemoteException;
import io.processpool.internal.PlainText;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What can always be said of an exception, serializable or not: names, messages and stacks of it, its causes and its
 * suppressed exceptions. Bounded, without cycles, immutable.
 *
 * @param className the binary name of its class
 * @param message its message, or null
 * @param stack its stack, the innermost call first, without the frames of the worker's own machinery
 * @param cause its cause, or null
 * @param suppressed its suppressed exceptions
 */
record FailureText(
        String className,
        @Nullable String message,
        List<StackTraceElement> stack,
        @Nullable FailureText cause,
        List<FailureText> suppressed) {

    /** How deep causes and suppressed exceptions are followed. */
    static final int MAX_DEPTH = 32;

    /** How many exceptions are described in all. */
    static final int MAX_FAILURES = 256;

    /** What the JVM itself keeps by default. */
    static final int MAX_FRAMES = 1024;

    static final int MAX_MESSAGE = 1 << 16;

    /** How many bytes all of it may have when it is written. */
    static final int MAX_BYTES = 1 << 18;

    /** How many bytes there may be of an exception that travels as an object in place of one that cannot. */
    private static final int MAX_BYTES_OF_OBJECT = 1 << 22;

    /** The longest string: a message that was cut, and says so. No class has a longer name. */
    static final int MAX_STRING = MAX_MESSAGE + 32;

    FailureText {
        stack = List.copyOf(stack);
        suppressed = List.copyOf(suppressed);
    }

    /** Describes an exception. Calls the user's getters, and takes no harm if they throw. */
    static FailureText of(Throwable failure) {
        return describer().describe(failure, 0);
    }

    /** Returns what describes one exception as {@link #of} does. */
    static FailureDescriber describer() {
        return new FailureDescriber(MAX_BYTES, MAX_FRAMES);
    }

    /** Describes an exception with stacks of any length, as far as that is not absurd; too much to be written as it is. */
    static FailureText withWholeStacks(Throwable failure) {
        return new FailureDescriber(MAX_BYTES_OF_OBJECT, Integer.MAX_VALUE).describe(failure, 0);
    }

    /** Makes an exception that says all this. */
    RemoteException toRemoteException() {
        RemoteException made = new RemoteException(
                className,
                message,
                stack.toArray(new StackTraceElement[0]),
                cause == null ? null : cause.toRemoteException());
        for (FailureText each : suppressed) {
            made.addSuppressed(each.toRemoteException());
        }
        return made;
    }

    /** Returns the same without what could forge lines in a log. */
    FailureText escaped() {
        return escaped(PlainText::escape);
    }

    /** Returns the same without what could forge lines in a log, or fill it: of messages, only their beginnings. */
    FailureText excerpt() {
        return escaped(PlainText::excerpt);
    }

    private FailureText escaped(UnaryOperator<String> words) {
        return new FailureText(
                words.apply(className),
                message == null ? null : words.apply(message),
                stack.stream().map(FailureText::escaped).toList(),
                cause == null ? null : cause.escaped(words),
                suppressed.stream().map(each -> each.escaped(words)).toList());
    }

    private static StackTraceElement escaped(StackTraceElement frame) {
        return new StackTraceElement(
                escapedIfThere(frame.getClassLoaderName()),
                escapedIfThere(frame.getModuleName()),
                escapedIfThere(frame.getModuleVersion()),
                PlainText.escape(frame.getClassName()),
                PlainText.escape(frame.getMethodName()),
                escapedIfThere(frame.getFileName()),
                frame.getLineNumber());
    }

    private static @Nullable String escapedIfThere(@Nullable String text) {
        return text == null ? null : PlainText.escape(text);
    }

    /** Gives the stacks that are described here to the described exception and those below it. */
    void restoreStacks(Throwable failure) {
        if (!failure.getClass().getName().equals(className)) {
            return;
        }
        failure.setStackTrace(stackOf(failure));
        Throwable itsCause = failure.getCause();
        if (cause != null && itsCause != null) {
            cause.restoreStacks(itsCause);
        }
        Throwable[] itsSuppressed = failure.getSuppressed();
        for (int i = 0; i < Math.min(itsSuppressed.length, suppressed.size()); i++) {
            suppressed.get(i).restoreStacks(itsSuppressed[i]);
        }
    }

    /** Returns the stack that is described here; or that of the object, without the worker's own calls, if that goes on. */
    private StackTraceElement[] stackOf(Throwable failure) {
        StackTraceElement[] its = failure.getStackTrace();
        int length = FailureDescriber.userFrames(its);
        return length > stack.size() && beginsAsHere(its)
                ? Arrays.copyOf(its, length)
                : stack.toArray(new StackTraceElement[0]);
    }

    private boolean beginsAsHere(StackTraceElement[] frames) {
        for (int i = 0; i < stack.size(); i++) {
            if (!FailureDescriber.plain(frames[i]).equals(stack.get(i))) {
                return false;
            }
        }
        return true;
    }
}
