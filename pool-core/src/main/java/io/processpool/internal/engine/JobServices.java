package io.processpool.internal.engine;

import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.Scheduler;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;

/**
 * What jobs use of the pool.
 *
 * @param scheduler takes their items
 * @param encoder writes their items
 * @param decoder reads their results
 * @param callbacks runs user code that waits for them
 * @param timer looks after items that wait for company
 */
record JobServices(
        Scheduler scheduler,
        ItemEncoder encoder,
        ResultDecoder decoder,
        Executor callbacks,
        ScheduledExecutorService timer) {

    /** Returns what cancels a job. */
    BiConsumer<Job, Boolean> canceller() {
        return scheduler::cancel;
    }
}
