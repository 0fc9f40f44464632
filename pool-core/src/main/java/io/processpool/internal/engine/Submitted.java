package io.processpool.internal.engine;

import io.processpool.internal.scheduler.FunctionRef;
import io.processpool.internal.scheduler.Job;

/**
 * What a caller has submitted, its items aside.
 *
 * @param id the number of the job
 * @param function what is called
 * @param settings how
 * @param tracking who follows it
 */
record Submitted(long id, FunctionRef function, Job.Settings settings, Tracking tracking) {}
