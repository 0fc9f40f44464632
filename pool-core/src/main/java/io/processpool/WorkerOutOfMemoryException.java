package io.processpool;

import java.io.Serial;

/**
 * The worker ran out of memory while it ran the task, and ended: give it more with {@code maxHeap}. Or it was killed before
 * the memory of the container ran out, which the message then tells.
 */
public final class WorkerOutOfMemoryException extends WorkerLostException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened, where, and what to do
     * @param exit what is known about the end of the process
     */
    public WorkerOutOfMemoryException(String message, WorkerExit exit) {
        super(message, exit, LossReason.OUT_OF_MEMORY);
    }
}
