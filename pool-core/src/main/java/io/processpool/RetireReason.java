package io.processpool;

/** Why a worker was told to retire. */
public enum RetireReason {
    /** It has run {@code maxTasksPerWorker} tasks. */
    MAX_TASKS,
    /** It has reached {@code maxWorkerAge}. */
    MAX_AGE,
    /** Its resident memory passed {@code maxWorkerMemory}. */
    MAX_MEMORY,
    /** It had nothing to do for {@code idleTimeout}. */
    IDLE,
    /** {@link ProcessPool#recycle(int)} or {@link ProcessPool#recycleAll()} was called. */
    REQUESTED,
    /** {@link ProcessPool#resize(int)} made the pool smaller. */
    RESIZED,
    /** The pool was closed. */
    POOL_CLOSED
}
