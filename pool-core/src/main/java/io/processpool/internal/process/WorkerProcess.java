package io.processpool.internal.process;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A worker process that has been started, until and after its end. Reaped in any case, whether or not somebody calls a
 * method. Thread-safe; no method blocks unless it says so, and none throws because the process is gone.
 */
public interface WorkerProcess {

    /**
     * Returns the slot that the process was started for.
     *
     * @return the slot number
     */
    int slot();

    /**
     * Returns the generation that the process was started as.
     *
     * @return the generation
     */
    int generation();

    /**
     * Returns the process id.
     *
     * @return the pid
     */
    long pid();

    /**
     * Returns when the process was started.
     *
     * @return the time
     */
    Instant startedAt();

    /**
     * Returns whether the process has not ended yet.
     *
     * @return true if it is alive
     */
    boolean isAlive();

    /**
     * Returns the exit code, once the process has ended and been reaped. If it ended in any other way than with 0, what
     * it had started has been killed by then, where it can be found within a second. Dependent actions run on the thread that watches
     * this one process; they may block, and delay nobody else.
     *
     * @return a future of its own, never failed; 128 + n after signal n
     */
    CompletableFuture<Integer> onExit();

    /** Kills the process and its descendants (SIGKILL). Idempotent. */
    void kill();

    /** Kills what the process has started and is still alive, also after its own end where that can be found out. */
    void killDescendants();

    /** Deletes the files that were needed to start it. To be called when the worker is ready. Idempotent. */
    void releaseLaunchFiles();

    /**
     * Returns the last lines of stderr.
     *
     * @return at most 40 lines, oldest first
     */
    List<String> stderrTail();

    /**
     * Waits until all output has been read. After the end of the process that is a matter of milliseconds, unless
     * something that it has started holds the pipes open.
     *
     * @param timeout how long to wait at most
     * @return whether all has been read; false also if the thread is interrupted, which it then still is
     */
    boolean awaitOutput(Duration timeout);

    /**
     * Returns the resident memory.
     *
     * @return bytes, -1 if not known or the process has ended
     */
    long residentBytes();

    /**
     * Returns the resident memory of the process and of all that it has started.
     *
     * @param tree who has started which process
     * @return bytes, -1 if not known or the process has ended
     */
    long residentBytesOfAll(ProcessTree tree);

    /**
     * Returns the CPU time used.
     *
     * @return the time, null if not known or the process has ended
     */
    @Nullable
    Duration cpuTime();

    /**
     * Looks for the error file ({@code hs_err}) that a crashed JVM leaves behind.
     *
     * @return the file, null if there is none
     */
    @Nullable
    Path errorFile();

    /**
     * Describes how the process ended. Complete after {@link #awaitOutput}.
     *
     * @return the description; its exit code is -1 as long as the process has not been reaped
     */
    ExitDescription describeExit();
}
