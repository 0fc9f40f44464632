package io.processpool.internal;

import io.processpool.Saturation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What holds for tasks that do not say otherwise, and for the queue that they wait in.
 *
 * @param timeout how long a task may run, null for no limit
 * @param cancelGrace how long an interrupted task may go on before its worker is killed
 * @param slowThreshold a task that runs longer is logged once with its stack, null for never
 * @param queueCapacity how many single tasks may wait
 * @param saturation what submitting does while the queue is full
 */
public record TaskDefaults(
        @Nullable Duration timeout,
        Duration cancelGrace,
        @Nullable Duration slowThreshold,
        int queueCapacity,
        Saturation saturation) {}
