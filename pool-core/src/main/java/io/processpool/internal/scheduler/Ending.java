package io.processpool.internal.scheduler;

import io.processpool.ProcessPoolException;
import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.ItemStatus;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How an item ended. Nothing that the user wrote has been decoded yet: that happens in the thread that asks for it.
 */
public sealed interface Ending {

    /** Returns the kind of ending. */
    TaskOutcome outcome();

    /**
     * It returned a value.
     *
     * @param payload the encoded value
     */
    record Value(Bytes payload) implements Ending {
        @Override
        public TaskOutcome outcome() {
            return TaskOutcome.SUCCESS;
        }
    }

    /**
     * It returned a value, in a worker that is not trusted.
     *
     * @param payload the encoded value
     * @param lane who is to blame if it cannot be decoded
     */
    record Suspect(Bytes payload, Lane lane) implements Ending {
        @Override
        public TaskOutcome outcome() {
            return TaskOutcome.SUCCESS;
        }
    }

    /**
     * It returned a number, a truth value, or nothing: so little that it is decoded where it arrives.
     *
     * @param value the value
     */
    record Scalar(@Nullable Object value) implements Ending {
        @Override
        public TaskOutcome outcome() {
            return TaskOutcome.SUCCESS;
        }
    }

    /**
     * It failed in the worker.
     *
     * @param status at which step
     * @param payload the encoded exception
     * @param lane the worker
     */
    record Thrown(ItemStatus status, Bytes payload, Lane lane) implements Ending {
        @Override
        public TaskOutcome outcome() {
            return TaskOutcome.FAILURE;
        }
    }

    /**
     * It failed for another reason.
     *
     * @param outcome the kind of ending
     * @param error makes the exception; each failed item has its own
     */
    record Failed(TaskOutcome outcome, Supplier<? extends ProcessPoolException> error) implements Ending {}

    /** It was cancelled. */
    record Cancelled() implements Ending {
        @Override
        public TaskOutcome outcome() {
            return TaskOutcome.CANCELLED;
        }
    }
}
