package io.processpool.internal.engine;

import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.transport.Lookout;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;

/**
 * What jobs use of the pool.
 *
 * @param scheduler takes their items
 * @param encoder writes their items
 * @param decoder reads their results
 * @param lookout lets those who wait for results look for them by themselves
 * @param callbacks runs user code that waits for them
 * @param timer looks after items that wait for company
 * @param ownLists whether lists may be of the pool's own kinds, and not only what every codec knows
 */
record JobServices(
        Scheduler scheduler,
        ItemEncoder encoder,
        ResultDecoder decoder,
        Lookout lookout,
        Executor callbacks,
        ScheduledExecutorService timer,
        boolean ownLists) {

    /** They are copied a few times over, on the way there and back. */
    private static final int BYTES_PER_NANO = 4;

    /**
     * Returns what looks for the results of a job: worth a try if its items are quick.
     *
     * @param bytes how many there are to send, and most likely to receive
     */
    DefaultTaskFuture.Looking looking(Job job, long bytes) {
        long travel = bytes / BYTES_PER_NANO;
        return condition ->
                lookout.until(condition, travel + job.function().estimate().nanosPerItem());
    }

    /** Returns what cancels a job. */
    BiConsumer<Job, Boolean> canceller() {
        return scheduler::cancel;
    }
}
