package io.processpool;

import java.time.Duration;

/**
 * Observes a pool: every method is optional.
 *
 * <p>Events arrive in order on a thread of their own. A listener that throws is logged; one that blocks delays only
 * later events, never tasks; when 100,000 events wait for it, newer ones are dropped and logged. Task events are
 * delivered for each item of a map. For each worker with {@link #workerReady} there is one {@link #workerLost} or {@link
 * #workerRetired}, so that a count of them returns to 0. A worker that is given up before it was ready, because it is not
 * needed any more, has no event after {@link #workerStarted}.
 */
public interface PoolListener {

    /**
     * Whether this listener wants to hear of tasks, and not of workers only. Asked once, when the pool is built. Telling
     * costs some time for each task, also of those that do nothing with it.
     *
     * @return true unless overridden
     */
    default boolean observesTasks() {
        return true;
    }

    /**
     * A worker process was launched.
     *
     * @param worker the worker
     */
    default void workerStarted(WorkerSnapshot worker) {}

    /**
     * A worker has run its initializer and can take tasks.
     *
     * @param worker the worker
     * @param startup the time from launch to here
     */
    default void workerReady(WorkerSnapshot worker, Duration startup) {}

    /**
     * A worker ended without having been told to, or was killed; if {@link ProcessPool#terminate()} did that, the reason is
     * {@link LossReason#POOL_TERMINATED}.
     *
     * @param worker the worker
     * @param reason what is known about its end
     */
    default void workerLost(WorkerSnapshot worker, WorkerLostException reason) {}

    /**
     * A worker ended as planned.
     *
     * @param worker the worker
     * @param reason why it was told to
     */
    default void workerRetired(WorkerSnapshot worker, RetireReason reason) {}

    /**
     * A worker failed to start. One that was killed on purpose before it was ready did not.
     *
     * @param worker the worker
     * @param reason its own words, as far as known
     */
    default void workerStartFailed(WorkerSnapshot worker, WorkerStartException reason) {}

    /**
     * A worker became a zombie: it exists and serves nobody, and is being killed.
     *
     * @param worker the worker
     */
    default void workerZombie(WorkerSnapshot worker) {}

    /**
     * A task was accepted.
     *
     * @param task the task
     */
    default void taskQueued(TaskSnapshot task) {}

    /**
     * A task began to run.
     *
     * @param task the task
     * @param worker the worker that runs it
     * @param waited the time from acceptance to here
     */
    default void taskStarted(TaskSnapshot task, WorkerSnapshot worker, Duration waited) {}

    /**
     * A task ended.
     *
     * @param task the task
     * @param outcome how it ended
     * @param ran the time from its start to here, zero if it never started
     */
    default void taskDone(TaskSnapshot task, TaskOutcome outcome, Duration ran) {}

    /**
     * A running task reported progress with {@link WorkerContext#progress(long, long)}.
     *
     * @param task the task
     * @param done the units finished
     * @param total the units in all, or -1
     */
    default void taskProgress(TaskSnapshot task, long done, long total) {}

    /**
     * A task was refused because the queue was full.
     *
     * @param name the name of the task
     */
    default void taskRejected(String name) {}
}
