package io.processpool;

/** The life of a pool; it only ever moves downwards in this list. */
public enum PoolState {
    /** Takes tasks. */
    RUNNING,
    /** {@link ProcessPool#shutdown()} was called: no new tasks, the outstanding ones finish. */
    SHUTDOWN,
    /** {@link ProcessPool#terminate()} was called, or the last outstanding task has finished: workers are ending. */
    STOPPING,
    /** No task, worker or file of the pool is left, and no thread but those that user code still holds. */
    TERMINATED
}
