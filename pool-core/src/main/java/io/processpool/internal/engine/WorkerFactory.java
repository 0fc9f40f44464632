package io.processpool.internal.engine;

import io.processpool.WorkerStartException;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.transport.Lookout;

/** Brings workers into being: as processes, or inside this process. */
interface WorkerFactory {

    /** Returns what lets threads that wait for workers look for messages by themselves. */
    Lookout lookout();

    /**
     * Launches a worker, whose channel will then be attached to it. May block for a while.
     *
     * @throws WorkerStartException if it cannot be launched
     */
    WorkerProcess launch(Worker worker);

    /**
     * Prepares what lets later workers start quicker. Blocks for a second or more.
     *
     * @return whether that is done with; if not, it is worth to ask again
     */
    default boolean train() {
        return true;
    }

    /**
     * A worker has ended.
     *
     * @param exited whether its process is gone for certain
     */
    default void ended(Worker worker, boolean exited) {}

    /** Launches no more; removes what belongs to no worker. */
    void close();
}
