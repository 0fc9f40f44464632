/**
 * Jobs, the queue, dispatch, batching, retries and time-outs. {@link io.processpool.internal.scheduler.Scheduler} is the
 * centre; it knows workers only as {@link io.processpool.internal.scheduler.Lane}s.
 */
@NullMarked
package io.processpool.internal.scheduler;

import org.jspecify.annotations.NullMarked;
