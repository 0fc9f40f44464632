package io.processpool.internal.worker;

import io.processpool.internal.transport.Lookout;

/** What surrounds a worker: a process of its own, or a thread of the pool's process. */
public interface Host {

    /** Returns what lets the thread that runs the tasks look for messages by itself. */
    Lookout lookout();

    /** Makes the context known to {@code WorkerContext.current()}; called on the thread that runs the tasks. */
    void enter(SessionContext context);

    /** Ends the worker after its goodbye; called on the thread that runs the tasks. */
    void exit(int code);

    /**
     * Deals with an {@link OutOfMemoryError} of a task.
     *
     * @return normally only if the worker may go on; the error is then an ordinary failure
     */
    void outOfMemory(OutOfMemoryError error);

    /** The channel to the pool has ended. */
    void channelClosed();

    /**
     * Ends the worker, since something in it has failed without which it would be of no use, and would seem to be.
     *
     * @param cause what has failed; the pool learns of it as far as it can
     */
    void failed(Throwable cause);
}
