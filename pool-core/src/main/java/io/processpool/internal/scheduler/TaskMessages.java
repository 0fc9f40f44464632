package io.processpool.internal.scheduler;

import io.processpool.internal.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** Words for people: what stands in exceptions and in the log about tasks. */
public interface TaskMessages {

    /** Returns {@code (pool=…, busy=…, idle=…, queued=…)}; called with the lock held. */
    String suffix();

    /** Returns the message of a time-out; called with the lock held. */
    String timedOut(Job job, long index, Lane lane);

    /** Logs a slow task with its stack; called with the lock held, so it hands on. */
    void logSlow(Job job, long index, Lane lane, Bytes stack);

    /** Turns the stack that a worker sent into a throwable, or returns null. */
    @Nullable
    Throwable decodeStack(Job job, @Nullable Bytes stack);
}
