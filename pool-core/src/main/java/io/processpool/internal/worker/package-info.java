/**
 * The worker's side: {@link io.processpool.internal.worker.WorkerMain} connects, a
 * {@link io.processpool.internal.worker.WorkerSession} listens to the pool, a
 * {@link io.processpool.internal.worker.TaskRunner} runs one item after the other.
 *
 * <p>Start-up time is a feature here: what runs before the first task uses no lambdas, streams or logging framework.
 */
@NullMarked
package io.processpool.internal.worker;

import org.jspecify.annotations.NullMarked;
