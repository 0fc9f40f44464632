package io.processpool.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells whether processes live. */
public final class Living {

    private Living() {}

    /**
     * Tells whether a process lives. One that has ended and that nobody has taken note of counts as long as it descends from
     * this JVM, so that a pool that does not reap is found out. It does not count any more once it has been left to init,
     * which may take seconds over it.
     */
    public static boolean lives(ProcessHandle process) {
        return process.isAlive()
                && (!hasEnded(process) || ProcessHandle.current().descendants().anyMatch(process::equals));
    }

    private static boolean hasEnded(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
        } catch (IOException e) {
            return false; // no /proc, or it has just gone for good: isAlive() tells
        }
    }
}
