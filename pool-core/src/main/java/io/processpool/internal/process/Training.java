package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one process of a pool that makes an archive: it does once what each worker does, without any code of the user,
 * and writes the classes that it has loaded to a file when it exits. It runs with a low priority where that can be
 * had, for a limited time, and ends with the pool.
 *
 * <p>Thread-safe. {@link #close()} kills the process and waits until it is gone.
 */
final class Training implements AutoCloseable {

    /** In place of an exit code. */
    static final int NOT_ENDED = -1;

    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final Duration END = Duration.ofSeconds(5);
    /**
     * A tenth of the weight of an ordinary process. Not the lowest, with which a process on a busy machine would be too
     * slow to see that its pool has died.
     */
    private static final String NICENESS = "10";

    private static final List<Path> NICE = List.of(Path.of("/usr/bin/nice"), Path.of("/bin/nice"));

    private final Platform platform;

    // Guarded by this.
    private boolean closed;
    private boolean running;
    private @Nullable Process process;

    Training(Platform platform) {
        this.platform = platform;
    }

    /** Returns a command that runs with low priority. */
    static List<String> withLowPriority(List<String> command) {
        List<String> all = new ArrayList<>();
        for (Path nice : NICE) {
            if (all.isEmpty() && Files.isExecutable(nice)) {
                all.addAll(List.of(nice.toString(), "-n", NICENESS));
            }
        }
        all.addAll(command);
        return all;
    }

    /**
     * Runs the process to its end, one at a time. When this returns, it is gone with all that it had started.
     *
     * @param stdin what it finds on stdin
     * @param marker the marker in its environment
     * @return its exit code, or {@link #NOT_ENDED} if it did not end by itself
     */
    int run(Spawner spawner, ProcessBuilder builder, byte[] stdin, String marker) {
        synchronized (this) {
            if (closed || running) {
                return NOT_ENDED;
            }
            running = true;
        }
        Process started = null;
        boolean well = false;
        try {
            started = spawner.start(builder, 0);
            watch(started);
            well = feed(started, stdin) && started.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            return well ? started.exitValue() : NOT_ENDED;
        } catch (WorkerStartException e) {
            return NOT_ENDED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return NOT_ENDED;
        } finally {
            if (started != null) {
                end(started, marker, well);
            }
            ended();
        }
    }

    private void watch(Process started) {
        boolean late;
        synchronized (this) {
            process = started;
            late = closed;
        }
        if (late) {
            platform.killTree(started.toHandle());
        }
    }

    private static boolean feed(Process started, byte[] stdin) {
        try (OutputStream out = started.getOutputStream()) {
            out.write(stdin);
            return true;
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    private void end(Process started, String marker, boolean byItself) {
        if (!byItself) {
            platform.killTree(started.toHandle());
            platform.sweep(marker);
        }
        boolean interrupted = false;
        try {
            started.waitFor(END.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void ended() {
        process = null;
        running = false;
        notifyAll();
    }

    synchronized boolean closed() {
        return closed;
    }

    @Override
    public void close() {
        Process last;
        synchronized (this) {
            closed = true;
            last = process;
        }
        if (last != null) {
            platform.killTree(last.toHandle());
        }
        awaitEnd();
    }

    private synchronized void awaitEnd() {
        long deadline = System.nanoTime() + END.toNanos();
        try {
            while (running && System.nanoTime() < deadline) {
                TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
