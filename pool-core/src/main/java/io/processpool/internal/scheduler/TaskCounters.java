package io.processpool.internal.scheduler;

import io.processpool.TaskOutcome;

/** Counts of items since the pool was built. Guarded by the scheduler's lock. */
public final class TaskCounters {

    long submitted;
    long succeeded;
    long failed;
    long cancelled;
    long rejected;

    void count(TaskOutcome outcome) {
        count(outcome, 1);
    }

    void count(TaskOutcome outcome, int items) {
        switch (outcome) {
            case SUCCESS -> succeeded += items;
            case CANCELLED -> cancelled += items;
            default -> failed += items;
        }
    }

    /** Returns how many items were accepted. */
    public long submitted() {
        return submitted;
    }

    /** Returns how many items returned a value. */
    public long succeeded() {
        return succeeded;
    }

    /** Returns how many items failed, for whatever reason. */
    public long failed() {
        return failed;
    }

    /** Returns how many items were cancelled. */
    public long cancelled() {
        return cancelled;
    }

    /** Returns how many items were refused. */
    public long rejected() {
        return rejected;
    }
}
