package io.processpool.internal.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Describes one exception, in no more bytes than may be written. What comes first has the most room: of what is left a
 * message may take the half, and a stack a quarter, so that those of the causes are there as well. Some is kept for names
 * and short messages.
 */
final class FailureDescriber {

    private static final String WORKER_PACKAGE = "io.processpool.internal.worker.";

    private static final int SHORT_MESSAGE = 64;

    /** The flags of an exception, the lengths of its strings and its counts, or those of a frame; more than they take. */
    private static final int FRINGE = 32;

    /** How much a cut adds. */
    private static final int NOTE = 32;

    private final Set<Throwable> above = Collections.newSetFromMap(new IdentityHashMap<>());
    private final int maxFrames;

    /** Kept for what has neither a long message nor a stack. */
    private final int reserve;

    private int count;
    private long room;
    private boolean stackCut;

    /**
     * Makes one for one exception.
     *
     * @param maxBytes how many bytes may be written of it
     * @param maxFrames how many frames of a stack
     */
    FailureDescriber(int maxBytes, int maxFrames) {
        this.room = maxBytes;
        this.reserve = maxBytes / 4;
        this.maxFrames = maxFrames;
    }

    /** Whether there was not enough room for a stack. */
    boolean stackCut() {
        return stackCut;
    }

    FailureText describe(Throwable failure, int depth) {
        count++;
        above.add(failure);
        try {
            String name = cut(failure.getClass().getName(), FailureText.MAX_MESSAGE);
            room -= FRINGE + bytes(name);
            String message = message(failure);
            List<StackTraceElement> stack = stack(failure);
            Throwable cause = Failures.cause(failure);
            List<FailureText> suppressed = new ArrayList<>();
            FailureText causeText = cause == null || !admits(cause, depth) ? null : describe(cause, depth + 1);
            for (Throwable each : failure.getSuppressed()) {
                if (admits(each, depth)) {
                    suppressed.add(describe(each, depth + 1));
                }
            }
            return new FailureText(name, message, stack, causeText, suppressed);
        } finally {
            above.remove(failure);
        }
    }

    private boolean admits(Throwable failure, int depth) {
        return depth < FailureText.MAX_DEPTH
                && count < FailureText.MAX_FAILURES
                && room > FRINGE + bytes(failure.getClass().getName()) + 3 * SHORT_MESSAGE + NOTE
                && !above.contains(failure);
    }

    private @Nullable String message(Throwable failure) {
        String message = Failures.message(failure);
        if (message == null) {
            return null;
        }
        long most = Math.max(0, room - reserve) / 2;
        int characters = Math.min(message.length(), FailureText.MAX_MESSAGE);
        if (bytes(message.substring(0, characters)) > most) {
            characters =
                    (int) Math.min(characters, Math.max(SHORT_MESSAGE, most / 3)); // none has more than three bytes
        }
        String cut = cut(message, characters);
        room -= bytes(cut);
        return cut;
    }

    private static String cut(String text, int characters) {
        return text.length() <= characters
                ? text
                : text.substring(0, characters) + "... (" + (text.length() - characters) + " more)";
    }

    private static @Nullable String cutIfThere(@Nullable String text) {
        return text == null ? null : cut(text, FailureText.MAX_MESSAGE);
    }

    private static int bytes(@Nullable String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }

    private List<StackTraceElement> stack(Throwable failure) {
        long most = Math.max(0, room - reserve) / 4;
        List<StackTraceElement> stack = new ArrayList<>();
        try {
            StackTraceElement[] frames = failure.getStackTrace();
            int all = userFrames(frames);
            for (int i = 0; i < Math.min(all, maxFrames); i++) {
                StackTraceElement frame = plain(frames[i]);
                long bytes = bytes(frame);
                if (bytes > most) {
                    break;
                }
                most -= bytes;
                room -= bytes;
                stack.add(frame);
            }
            stackCut |= stack.size() < all;
        } catch (Throwable thrown) {
            Failures.rethrowFatal(thrown);
        }
        return stack;
    }

    private static long bytes(StackTraceElement frame) {
        return FRINGE
                + bytes(frame.getClassLoaderName())
                + bytes(frame.getModuleName())
                + bytes(frame.getModuleVersion())
                + bytes(frame.getClassName())
                + bytes(frame.getMethodName())
                + bytes(frame.getFileName());
    }

    /** Leaves out what is not printed of the JVM's own frames, but would be of one that is made by hand. */
    static StackTraceElement plain(StackTraceElement frame) {
        String loader = frame.getClassLoaderName();
        String module = frame.getModuleName();
        boolean builtIn = "app".equals(loader) || "platform".equals(loader);
        boolean jdk = module != null && (module.startsWith("java.") || module.startsWith("jdk."));
        return new StackTraceElement(
                builtIn ? null : cutIfThere(loader),
                cutIfThere(module),
                jdk ? null : cutIfThere(frame.getModuleVersion()),
                cut(frame.getClassName(), FailureText.MAX_MESSAGE),
                cut(frame.getMethodName(), FailureText.MAX_MESSAGE),
                cutIfThere(frame.getFileName()),
                frame.getLineNumber());
    }

    /** Counts the frames above those of the worker, which called the task, and of the JDK, which called that. */
    static int userFrames(StackTraceElement[] frames) {
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
