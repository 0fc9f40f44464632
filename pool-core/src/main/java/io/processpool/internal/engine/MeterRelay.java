package io.processpool.internal.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.processpool.TaskMeter;
import io.processpool.TaskOutcome;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects what the meters are to hear, as bare numbers, and tells them in batches on another thread. The scheduler adds
 * to it with the pool's lock held, so adding does no more than write a number.
 */
final class MeterRelay {

    private static final Logger LOG = LoggerFactory.getLogger(MeterRelay.class);

    private static final TaskOutcome[] OUTCOMES = TaskOutcome.values();
    private static final int STARTED = OUTCOMES.length;
    private static final int REJECTED = STARTED + 1;
    private static final int KIND_BITS = 4;
    private static final long KIND_MASK = (1L << KIND_BITS) - 1;
    private static final int FIRST_SIZE = 256;

    private final List<TaskMeter> meters;
    private final Executor executor;

    /** Held while the meters are told, so that one thread at a time does. */
    private final Object telling = new Object();

    /** Nanoseconds, and in the lowest bits what they mean. */
    @GuardedBy("this")
    private long[] numbers = new long[FIRST_SIZE];

    @GuardedBy("this")
    private int count;

    MeterRelay(List<TaskMeter> meters, Executor executor) {
        this.meters = meters;
        this.executor = executor;
    }

    boolean isEmpty() {
        return meters.isEmpty();
    }

    void started(long waitedNanos) {
        add(STARTED, waitedNanos);
    }

    void ended(TaskOutcome outcome, long ranNanos) {
        add(outcome.ordinal(), ranNanos);
    }

    void rejected() {
        add(REJECTED, 0);
    }

    private void add(int kind, long nanos) {
        if (meters.isEmpty()) {
            return;
        }
        boolean first;
        synchronized (this) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            first = count == 0;
            numbers[count] = Math.max(0, nanos) << KIND_BITS | kind;
            count++;
        }
        if (first) {
            try {
                executor.execute(this::flush);
            } catch (RejectedExecutionException e) {
                LOG.trace("the pool has ended, which flushes", e);
            }
        }
    }

    /** Tells the meters what there is to tell. */
    void flush() {
        synchronized (telling) {
            long[] taken;
            int length;
            synchronized (this) {
                taken = numbers;
                length = count;
                if (length == 0) {
                    return;
                }
                numbers = new long[Math.min(taken.length, 1 << 12)];
                count = 0;
            }
            for (TaskMeter meter : meters) {
                tell(meter, taken, length);
            }
        }
    }

    private static void tell(TaskMeter meter, long[] numbers, int length) {
        try {
            for (int i = 0; i < length; i++) {
                int kind = (int) (numbers[i] & KIND_MASK);
                long nanos = numbers[i] >>> KIND_BITS;
                if (kind == STARTED) {
                    meter.started(nanos);
                } else if (kind == REJECTED) {
                    meter.rejected();
                } else {
                    meter.ended(OUTCOMES[kind], nanos);
                }
            }
        } catch (Throwable e) { // of whatever kind: it is the user's, and others wait
            LOG.warn(
                    "meter {} failed; it misses up to {} tasks",
                    meter.getClass().getName(),
                    length,
                    e);
        }
    }
}
