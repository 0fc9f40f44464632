package io.processpool.spring.testing;

import io.processpool.TaskCallable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What workers do in tests. */
public final class Deeds {

    private Deeds() {}

    /** Returns the id of the process that the task runs in. */
    public static long pid() {
        return ProcessHandle.current().pid();
    }

    /**
     * A task that says where it runs, and then waits until it is released.
     *
     * @param directory where the signs are exchanged
     * @param name distinguishes this task from others
     */
    public static TaskCallable<Long> held(Path directory, String name) {
        String started = started(directory, name).toString();
        String release = release(directory, name).toString();
        return () -> {
            Files.createFile(Path.of(started));
            while (!Files.exists(Path.of(release))) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            return pid();
        };
    }

    /** The file that is there once a held task runs. */
    public static Path started(Path directory, String name) {
        return directory.resolve(name + ".started");
    }

    /** The file that releases a held task. */
    public static Path release(Path directory, String name) {
        return directory.resolve(name + ".release");
    }
}
