package io.processpool.internal.codec;

import io.processpool.RemoteException;
import io.processpool.internal.PlainText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
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

    /** The longest string: a message that was cut, and says so. No class has a longer name. */
    static final int MAX_STRING = MAX_MESSAGE + 32;

    private static final String WORKER_PACKAGE = "io.processpool.internal.worker.";

    FailureText {
        stack = List.copyOf(stack);
        suppressed = List.copyOf(suppressed);
    }

    /** Describes an exception. Calls the user's getters, and takes no harm if they throw. */
    static FailureText of(Throwable failure) {
        return new Describer().describe(failure, 0);
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
        return new FailureText(
                PlainText.escape(className),
                message == null ? null : PlainText.escape(message),
                stack.stream().map(FailureText::escaped).toList(),
                cause == null ? null : cause.escaped(),
                suppressed.stream().map(FailureText::escaped).toList());
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
        failure.setStackTrace(stack.toArray(new StackTraceElement[0]));
        Throwable itsCause = failure.getCause();
        if (cause != null && itsCause != null) {
            cause.restoreStacks(itsCause);
        }
        Throwable[] itsSuppressed = failure.getSuppressed();
        for (int i = 0; i < Math.min(itsSuppressed.length, suppressed.size()); i++) {
            suppressed.get(i).restoreStacks(itsSuppressed[i]);
        }
    }

    /** One description in the making. */
    private static final class Describer {

        private final Set<Throwable> above = Collections.newSetFromMap(new IdentityHashMap<>());
        private int count;

        FailureText describe(Throwable failure, int depth) {
            count++;
            above.add(failure);
            try {
                Throwable cause = Failures.cause(failure);
                List<FailureText> suppressed = new ArrayList<>();
                FailureText causeText = cause == null || !admits(cause, depth) ? null : describe(cause, depth + 1);
                for (Throwable each : failure.getSuppressed()) {
                    if (admits(each, depth)) {
                        suppressed.add(describe(each, depth + 1));
                    }
                }
                return new FailureText(
                        cut(failure.getClass().getName()), message(failure), stack(failure), causeText, suppressed);
            } finally {
                above.remove(failure);
            }
        }

        private boolean admits(Throwable failure, int depth) {
            return depth < MAX_DEPTH && count < MAX_FAILURES && !above.contains(failure);
        }

        private static @Nullable String message(Throwable failure) {
            String message = Failures.message(failure);
            return message == null ? null : cut(message);
        }

        private static String cut(String text) {
            return text.length() <= MAX_MESSAGE
                    ? text
                    : text.substring(0, MAX_MESSAGE) + "... (" + (text.length() - MAX_MESSAGE) + " more)";
        }

        private static @Nullable String cutIfThere(@Nullable String text) {
            return text == null ? null : cut(text);
        }

        private static List<StackTraceElement> stack(Throwable failure) {
            try {
                StackTraceElement[] frames = failure.getStackTrace();
                return Arrays.stream(frames, 0, Math.min(userFrames(frames), MAX_FRAMES))
                        .map(Describer::plain)
                        .toList();
            } catch (Throwable thrown) {
                Failures.rethrowFatal(thrown);
                return List.of();
            }
        }

        /** Leaves out what is not printed of the JVM's own frames, but would be of one that is made by hand. */
        private static StackTraceElement plain(StackTraceElement frame) {
            String loader = frame.getClassLoaderName();
            String module = frame.getModuleName();
            boolean builtIn = "app".equals(loader) || "platform".equals(loader);
            boolean jdk = module != null && (module.startsWith("java.") || module.startsWith("jdk."));
            return new StackTraceElement(
                    builtIn ? null : cutIfThere(loader),
                    cutIfThere(module),
                    jdk ? null : cutIfThere(frame.getModuleVersion()),
                    cut(frame.getClassName()),
                    cut(frame.getMethodName()),
                    cutIfThere(frame.getFileName()),
                    frame.getLineNumber());
        }

        /** Counts the frames above those of the worker, which called the task, and of the JDK, which called that. */
        private static int userFrames(StackTraceElement[] frames) {
            int end = frames.length;
            for (int i = frames.length - 1; i >= 0; i--) {
                String name = frames[i].getClassName();
                if (name.startsWith(WORKER_PACKAGE)) {
                    end = i;
                } else if (!name.startsWith("java.") && !name.startsWith("jdk.")) {
                    break;
                }
            }
            return end == 0 ? frames.length : end;
        }
    }
}
