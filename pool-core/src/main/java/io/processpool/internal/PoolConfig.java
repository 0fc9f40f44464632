package io.processpool.internal;

import io.processpool.Codec;
import io.processpool.Mode;
import io.processpool.PoolListener;
import io.processpool.SubmissionObserver;
import io.processpool.TaskMeter;
import io.processpool.TaskRunnable;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a pool: the immutable copy of what the builder collected.
 *
 * @param name the name of the pool
 * @param mode where tasks run
 * @param workers how many workers
 * @param standbyWorkers how many ready workers are kept in reserve
 * @param recycle when workers are replaced
 * @param tasks defaults of tasks and the queue
 * @param launch how processes are launched
 * @param initializer what a worker runs before its first task, may be null
 * @param finalizer what a worker runs after its last task, may be null
 * @param codec how values travel, null for the default
 * @param trust what is believed of workers
 * @param shutdownTimeout how long {@code close()} waits for tasks
 * @param registerShutdownHook whether the pool is terminated when the JVM exits
 * @param heartbeatTimeout how long a worker may stay silent before it counts as a zombie
 * @param listeners who observes the pool
 * @param meters who measures tasks
 * @param submissionObservers who follows submissions
 * @param mdcKeys which entries of the caller's MDC travel with a submission
 */
public record PoolConfig(
        String name,
        Mode mode,
        int workers,
        int standbyWorkers,
        RecyclePolicy recycle,
        TaskDefaults tasks,
        LaunchSettings launch,
        @Nullable TaskRunnable initializer,
        @Nullable TaskRunnable finalizer,
        @Nullable Codec codec,
        Trust trust,
        Duration shutdownTimeout,
        boolean registerShutdownHook,
        Duration heartbeatTimeout,
        List<PoolListener> listeners,
        List<TaskMeter> meters,
        List<SubmissionObserver> submissionObservers,
        Set<String> mdcKeys) {

    /** Copies the collections. */
    public PoolConfig {
        listeners = List.copyOf(listeners);
        meters = List.copyOf(meters);
        submissionObservers = List.copyOf(submissionObservers);
        mdcKeys = Set.copyOf(mdcKeys);
    }
}
