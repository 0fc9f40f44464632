package io.processpool;

/** What submitting a task does while the queue is full. */
public enum Saturation {
    /** The caller waits until there is room, the pool is closed or the thread is interrupted. */
    BLOCK,
    /** The caller gets a {@link PoolSaturatedException}. */
    REJECT
}
