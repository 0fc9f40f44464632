package io.processpool.benchmarks.compare;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Sees to it that no process of a peer outlives the comparison, also when that is ended with Ctrl-C. */
final class Strays {

    private static final int MOST_LOOKS = 20;
    private static final long LOOK_NANOS = 20_000_000;

    private Strays() {}

    static void endWithThisProcess() {
        Runtime.getRuntime().addShutdownHook(new Thread(Strays::end, "strays"));
    }

    /**
     * Kills all that descends from this process. The list comes first: an orphan is nobody's descendant. More than once,
     * for some peers replace what they lose.
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
