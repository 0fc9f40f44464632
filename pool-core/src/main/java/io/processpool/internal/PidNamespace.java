package io.processpool.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processes among which a process id means something. A worker that is confined may have its own: then the id of the
 * pool's process means nothing there, or somebody else.
 */
public final class PidNamespace {

    private static final Path LINK = Path.of("/proc/self/ns/pid");

    private PidNamespace() {}

    /** Returns the name of that of this process, empty where there is none, or it is not told. */
    public static String current() {
        try {
            return Files.readSymbolicLink(LINK).toString();
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    /** Whether process ids from the namespace of that name mean the same here, as far as is known. */
    public static boolean isShared(String other) {
        String own = current();
        return own.isEmpty() || other.isEmpty() || own.equals(other);
    }
}
