package io.processpool.internal.scheduler;

import io.processpool.LossReason;
import io.processpool.TaskOutcome;

/**
 * What the scheduler tells the engine, from any thread; implementations hand on and return. The events of single tasks,
 * {@code task…}, come with the scheduler's lock held, so that their order is that of what happened; all others without.
 */
public interface SchedulerEvents {

    /** Items wait and no lane takes them. */
    void workWaiting();

    /** A lane will soon have been given all the items that it may ever get. */
    void laneRunsOut(Lane lane);

    /** A lane has been given all the items that it may ever get. */
    void laneSpent(Lane lane);

    /** A lane has nothing in flight any more; told only for lanes that take no more, or if idleness is tracked. */
    void laneIdle(Lane lane);

    /** Whether it matters when a lane becomes idle. */
    boolean tracksIdleness();

    /** Whether what workers send may be meant to do harm. */
    default boolean distrustsWorkers() {
        return false;
    }

    /** A lane's worker does not end a task that it has to end: what it did, to follow "since it". */
    void killLane(Lane lane, LossReason kind, String what);

    /** No job is open any more. */
    void drained();

    /** Whether anybody wants to hear of single tasks. */
    boolean observed();

    /** A task was accepted. */
    void taskQueued(Job job, long index);

    /** A task began. */
    void taskStarted(Job job, long index, Lane lane, long waitedNanos);

    /** A task ended. */
    void taskDone(Job job, long index, TaskOutcome outcome, long ranNanos);

    /** A running task tells how far it is. */
    void taskProgress(Job job, long index, long done, long total);

    /** A task was refused. */
    void taskRejected(String name);
}
