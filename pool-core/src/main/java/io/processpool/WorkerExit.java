package io.processpool;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the end of a worker process.
 *
 * @param worker the slot number of the worker
 * @param pid its process id
 * @param exitCode its exit code; 128 + n after signal n; -1 if the process has not been reaped in time
 * @param signalName the signal that ended it, such as {@code SIGKILL}, or null
 * @param stderrTail the last lines that it wrote to stderr, oldest first
 * @param errorFile the path of the JVM's {@code hs_err} file, or null if it wrote none
 */
public record WorkerExit(
        int worker,
        long pid,
        int exitCode,
        @Nullable String signalName,
        List<String> stderrTail,
        @Nullable String errorFile)
        implements Serializable {

    /** Copies the list. */
    public WorkerExit {
        stderrTail = List.copyOf(stderrTail);
    }

    /**
     * Returns the JVM's {@code hs_err} file.
     *
     * @return the file, or null if it wrote none
     */
    public @Nullable Path errorPath() {
        return errorFile == null ? null : Path.of(errorFile);
    }
}
