package io.processpool.spring.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.processpool.PoolSnapshot;
import io.processpool.ProcessPool;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One look at a pool for all gauges that are read together, so that they agree. Safe for use by many threads. */
final class CachedSnapshot {

    private static final long MAX_AGE_NANOS = Duration.ofMillis(100).toNanos();

    private final ProcessPool pool;

    @GuardedBy("this")
    private @Nullable PoolSnapshot snapshot;

    @GuardedBy("this")
    private long takenAt;

    CachedSnapshot(ProcessPool pool) {
        this.pool = pool;
    }

    synchronized PoolSnapshot get() {
        long now = System.nanoTime();
        PoolSnapshot current = snapshot;
        if (current == null || now - takenAt > MAX_AGE_NANOS) {
            current = pool.snapshot();
            snapshot = current;
            takenAt = now;
        }
        return current;
    }
}
