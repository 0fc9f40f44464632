package io.processpool.benchmarks;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Sees to it that no process that a command has started outlives it, also when it is ended with Ctrl-C. */
public final class Strays {

    private static final int MOST_LOOKS = 20;
    private static final long LOOK_NANOS = 20_000_000;

    private Strays() {}

    /** Sees to it when this JVM exits. */
    public static void endWithThisProcess() {
        Runtime.getRuntime().addShutdownHook(new Thread(Strays::end, "strays"));
    }

    /**
     * Kills all that descends from this process. The list comes first: an orphan is nobody's descendant. More than once,
     * for pools replace what they lose.
     */
    private static void end() {
        for (int look = 0; look < MOST_LOOKS; look++) {
            List<ProcessHandle> descendants =
                    ProcessHandle.current().descendants().toList();
            if (descendants.isEmpty()) {
                return;
            }
            descendants.forEach(ProcessHandle::destroyForcibly);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
