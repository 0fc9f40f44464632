package io.processpool;

import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The worker process ended while it ran the task: it crashed, was killed, or the task called {@code System.exit}. Only
 * the task that was running is affected; the worker is replaced.
 */
public class WorkerLostException extends ProcessPoolException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** What is known about the end of the process. */
    private final WorkerExit exit;

    private final LossReason reason;

    /**
     * Makes an exception about a worker that ended by itself.
     *
     * @param message what happened, where, and what to do
     * @param exit what is known about the end of the process
     */
    public WorkerLostException(String message, WorkerExit exit) {
        this(message, exit, LossReason.CRASHED);
    }

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     * @param exit what is known about the end of the process
     * @param reason why the worker was lost
     */
    public WorkerLostException(String message, WorkerExit exit, LossReason reason) {
        super(message);
        this.exit = exit;
        this.reason = reason;
    }

    /**
     * Returns why the worker was lost.
     *
     * @return the reason
     */
    public LossReason reason() {
        return reason;
    }

    /**
     * Returns all that is known about the end of the process.
     *
     * @return the exit
     */
    public WorkerExit exit() {
        return exit;
    }

    /**
     * Returns the process id of the lost worker.
     *
     * @return the pid
     */
    public long pid() {
        return exit.pid();
    }

    /**
     * Returns the exit code of the lost worker.
     *
     * @return the exit code; 128 + n after signal n; -1 if the process has not been reaped in time
     */
    public int exitCode() {
        return exit.exitCode();
    }

    /**
     * Returns the signal that ended the worker.
     *
     * @return a name such as {@code SIGSEGV}, or null if it ended by itself
     */
    public @Nullable String signalName() {
        return exit.signalName();
    }

    /**
     * Returns the last lines that the worker wrote to stderr.
     *
     * @return the lines, oldest first
     */
    public List<String> stderrTail() {
        return exit.stderrTail();
    }
}
