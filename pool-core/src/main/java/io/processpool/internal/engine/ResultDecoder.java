package io.processpool.internal.engine;

import io.processpool.ProcessPoolException;
import io.processpool.TaskFailedException;
import io.processpool.TaskSerializationException;
import io.processpool.internal.PlainText;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.AllowList;
import io.processpool.internal.codec.FailureCodec;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.wire.ItemStatus;
import java.io.ObjectInputFilter;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Turns the ending of an item into a value or an exception, in the thread of whoever asks for it. */
final class ResultDecoder {

    private final String poolName;
    private final ValueCodec values;
    private final @Nullable ObjectInputFilter filter;
    private final BiConsumer<Lane, String> distrust;

    /**
     * Makes a decoder.
     *
     * @param filter decides which classes may be read, or null
     * @param distrust told of workers that are not trusted, and of what they have sent that cannot be read
     */
    ResultDecoder(
            String poolName, ValueCodec values, @Nullable ObjectInputFilter filter, BiConsumer<Lane, String> distrust) {
        this.poolName = poolName;
        this.values = values;
        this.filter = filter;
        this.distrust = distrust;
    }

    /**
     * Returns the value.
     *
     * @throws ProcessPoolException if the item did not return a value
     * @throws CancellationException if it was cancelled
     */
    @Nullable
    Object decode(Job job, long index, Ending ending) {
        if (ending instanceof Ending.Scalar scalar) {
            return scalar.value();
        } else if (ending instanceof Ending.Value value) {
            return decode(job, index, value.payload());
        } else if (ending instanceof Ending.Suspect suspect) {
            return decode(job, index, suspect);
        }
        throw failureOf(job, index, ending);
    }

    /** Returns what {@link #decode} throws of an item that did not return a value: a new exception each time. */
    RuntimeException failureOf(Job job, long index, Ending ending) {
        if (ending instanceof Ending.Failed failed) {
            return failed.error().get();
        } else if (ending instanceof Ending.Thrown thrown) {
            return failure(job, index, thrown);
        }
        return new CancellationException(job.describe(index) + " was cancelled" + suffix());
    }

    private @Nullable Object decode(Job job, long index, Bytes payload) {
        try {
            return values.decode(payload.open(), job.function().loader(), filter, "result");
        } catch (TaskSerializationException e) {
            throw new TaskSerializationException(job.describe(index) + ": " + e.getMessage() + suffix(), e.getCause());
        }
    }

    private @Nullable Object decode(Job job, long index, Ending.Suspect suspect) {
        try {
            return decode(job, index, suspect.payload());
        } catch (TaskSerializationException e) {
            refused(suspect.lane(), e);
            throw e;
        }
    }

    private void refused(Lane lane, TaskSerializationException reason) {
        if (distrustsWorkers()) {
            distrust.accept(lane, PlainText.escape(String.valueOf(reason.getMessage())));
        }
    }

    private ProcessPoolException failure(Job job, long index, Ending.Thrown thrown) {
        Throwable cause;
        try {
            cause = FailureCodec.decode(thrown.payload().open(), job.function().loader(), filter);
        } catch (TaskSerializationException e) {
            refused(thrown.lane(), e);
            throw e;
        }
        String suffix = " (pool=" + poolName + ", " + thrown.lane().where() + ")";
        if (thrown.status() != ItemStatus.THREW && cause instanceof TaskSerializationException) {
            return new TaskSerializationException(
                    job.describe(index) + ": " + cause.getMessage() + suffix,
                    cause.getCause() != null ? cause.getCause() : cause);
        }
        return new TaskFailedException(
                job.describe(index) + " failed: " + FailureCodec.describe(cause) + suffix, cause);
    }

    /** Whether workers are not trusted. */
    boolean distrustsWorkers() {
        return filter instanceof AllowList;
    }

    /** Returns the end of a message about a task that no worker has seen. */
    String suffix() {
        return " (pool=" + poolName + ")";
    }

    /** Decodes the stack that a worker sent; what is none is not there. */
    @Nullable
    Throwable stack(Job job, @Nullable Bytes encoded) {
        if (encoded == null || encoded.length() == 0) {
            return null;
        }
        try {
            return FailureCodec.decode(encoded.open(), job.function().loader(), filter);
        } catch (TaskSerializationException e) {
            return null;
        }
    }
}
