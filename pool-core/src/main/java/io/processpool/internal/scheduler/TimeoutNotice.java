package io.processpool.internal.scheduler;

/**
 * A running item that has timed out, and whose stack is awaited for the exception. Guarded by the scheduler's lock.
 *
 * @param batch the batch
 * @param index the item's place in it
 * @param ranNanos how long it ran
 */
record TimeoutNotice(Batch batch, int index, long ranNanos) {}
