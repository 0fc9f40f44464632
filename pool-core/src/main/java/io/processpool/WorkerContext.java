package io.processpool;

import io.processpool.internal.CurrentWorker;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;

/**
 * What a task can ask about the worker that it runs in.
 *
 * <p>Available from the initializer, tasks and the finalizer, and from threads that they start. The methods are safe
 * for use by any thread of the worker.
 */
public interface WorkerContext {

    /**
     * Returns the context of the worker that runs the calling code.
     *
     * @return the context
     * @throws IllegalStateException if the caller does not run in a worker
     */
    static WorkerContext current() {
        WorkerContext context = CurrentWorker.get();
        if (context == null) {
            throw new IllegalStateException("WorkerContext.current() works only inside a worker of a ProcessPool: "
                    + "call it from a task, an initializer or a finalizer (pid="
                    + ProcessHandle.current().pid() + ")");
        }
        return context;
    }

    /**
     * Returns the slot number of this worker, from 0; a replacement takes over the number of its predecessor.
     *
     * @return the id, as in {@link WorkerSnapshot#id()}
     */
    int workerId();

    /**
     * Returns how many workers had this slot before.
     *
     * @return the generation, from 0
     */
    int generation();

    /**
     * Returns the name of the pool.
     *
     * @return the name
     */
    String poolName();

    /**
     * Returns a map that lives as long as this worker and belongs to it alone: a place for what the initializer
     * prepares and the tasks use, such as a model or a connection.
     *
     * @return the map
     */
    ConcurrentMap<String, Object> state();

    /**
     * Returns what the pool's {@link SubmissionObserver}s gave to the running task, such as the {@code traceparent} of the
     * caller's trace.
     *
     * @return an immutable map, empty if there is nothing or no task runs
     */
    Map<String, String> headers();

    /**
     * Reports progress of the running task to its {@link ProgressListener} and to the pool's listeners. Cheap: the
     * newest report is sent at most some ten times a second, the last one always.
     *
     * @param done the units finished
     * @param total the units in all, or -1 if not known
     */
    void progress(long done, long total);

    /**
     * Tells whether the running task was cancelled or has timed out. A long computation should ask now and then and
     * return early; otherwise the worker is killed after the grace period.
     *
     * @return true if the task's result is no longer wanted
     */
    boolean cancelled();
}
