package io.processpool.spring;

/** When the workers of a pool are launched. */
public enum StartMode {
    /** When the application context starts, without waiting for them. */
    EAGER,
    /** With the first task. */
    LAZY,
    /** When the application context starts, which waits until a worker has answered, and fails if none can be started. */
    READY
}
