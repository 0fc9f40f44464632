package io.processpool.spring;

/** When pools are drained as the application context closes. */
public enum StopMode {
    /**
     * {@link #DESTROY} if {@code spring.task.execution.shutdown.await-termination},
     * {@code spring.task.scheduling.shutdown.await-termination} or
     * {@code spring.task.execution.pool.shutdown.accept-tasks-after-context-close} is set, since those executors end only
     * when they are destroyed; otherwise {@link #PHASE}.
     */
    AUTO,
    /** In the phase of their lifecycle: after web requests, {@code @Async} and scheduled tasks have ended. */
    PHASE,
    /** When beans are destroyed: after all task executors and schedulers have been. */
    DESTROY
}
