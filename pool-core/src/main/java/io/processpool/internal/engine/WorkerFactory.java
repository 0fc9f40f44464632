package io.processpool.internal.engine;

import io.processpool.WorkerStartException;
import io.processpool.internal.process.WorkerProcess;

/** Brings workers into being: as processes, or inside this process. */
interface WorkerFactory {

    /**
     * Launches a worker, whose channel will then be attached to it. May block for a while.
     *
     * @throws WorkerStartException if it cannot be launched
     */
    WorkerProcess launch(Worker worker);

    /** Launches no more; removes what belongs to no worker. */
    void close();
}
