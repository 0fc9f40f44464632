package io.processpool.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a worker is replaced or let go.
 *
 * @param maxTasks after how many tasks, 0 for never
 * @param maxAge after how long, null for never
 * @param maxMemory above how many bytes of resident memory, 0 for never
 * @param idleTimeout after how long without a task, null for never
 * @param memoryReserve how many bytes of the container's memory stay free, 0 for none, -1 for the default
 */
public record RecyclePolicy(
        int maxTasks,
        @Nullable Duration maxAge,
        long maxMemory,
        @Nullable Duration idleTimeout,
        long memoryReserve) {}
