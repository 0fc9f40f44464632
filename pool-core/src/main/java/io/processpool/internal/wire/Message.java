package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What the pool and a worker say to each other. {@link Messages} knows how each is written.
 *
 * <pre>
 *   worker                          pool
 *     | -- Hello(token) ------------> |   once, within the accept deadline
 *     | &lt;------------------ Welcome -- |
 *     | &lt;------------- SharedMemory -- |   if there is some
 *     | -- Switch ------------------> |   if the worker can use it; the pool then switches as well
 *     | -- Ready | StartFailed -----> |   after the initializer
 *     | &lt;- Function, Tasks, Forget -- |
 *     | -- Started, Results --------> |
 *     | -- Progress ----------------> |
 *     | &lt;---------- Cancel, Recall -- |
 *     | -- Stack, Returned ---------> |
 *     | &lt;-------------------- Ping -- |
 *     | -- Pong, Dump --------------> |
 *     | &lt;------------------ Retire -- |
 *     | -- Goodbye -----------------> |   after the finalizer; then the worker exits
 * </pre>
 *
 * A batch is what travels in one {@link Tasks}: consecutive items of one job, run in order. Batches have numbers that
 * count up per worker.
 */
public sealed interface Message {

    // ---- worker to pool -------------------------------------------------------------------------------------------

    /** The worker proves who it is. */
    record Hello(Bytes token) implements Message {
        /** The length of a token in bytes. */
        public static final int TOKEN = 32;

        /** Checks the token's length. */
        public Hello {
            if (token.length() != TOKEN) {
                throw new IllegalArgumentException("token must have " + TOKEN + " bytes: " + token.length());
            }
        }
    }

    /** The worker has run its initializer and takes tasks. */
    record Ready() implements Message {}

    /** The initializer failed; the worker exits. The failure is encoded as for a task. */
    record StartFailed(Bytes failure) implements Message {}

    /**
     * An item of a batch that was {@linkplain Tasks#tellsStart() to tell} so begins: its bytes are there and are about to be
     * decoded; or they have been, and the call begins.
     */
    record Started(int batch, int index) implements Message {
        /** Items of so many bytes take a moment to arrive and to decode. */
        public static final int LARGE = 1 << 16;

        /** Checks the index. */
        public Started {
            requireIndex(index);
        }
    }

    /** Items that ended: consecutive {@link ResultRecord}s. */
    record Results(Bytes records) implements Message {}

    /** The answer to a {@link Recall}: the items from this one on were not started and never will be here. */
    record Returned(int batch, int from) implements Message {
        /** Checks the index. */
        public Returned {
            requireIndex(from);
        }
    }

    /** A running item reports how far it is. */
    record Progress(int batch, int index, long done, long total) implements Message {
        /** Checks the index. */
        public Progress {
            requireIndex(index);
        }
    }

    /** The answer to a {@link Ping}. */
    record Pong(long nonce) implements Message {}

    /** The answer to a {@link DumpRequest}. */
    record Dump(long nonce, String text) implements Message {}

    /** Where a running item is, in the form of a stack trace; empty if it no longer runs. */
    record Stack(int batch, int index, Bytes stack) implements Message {
        /** Checks the index. */
        public Stack {
            requireIndex(index);
        }
    }

    /** The worker ends as it was told to. The finalizer's failure, if it failed, is encoded as for a task. */
    record Goodbye(@Nullable Bytes failure) implements Message {}

    // ---- pool to worker -------------------------------------------------------------------------------------------

    /** The settings of the worker. If it times each item, somebody wants to know how long each has taken. */
    record Welcome(
            String poolName,
            int worker,
            int generation,
            @Nullable String recorder,
            @Nullable Bytes codec,
            @Nullable Bytes initializer,
            @Nullable Bytes finalizer,
            boolean timesEach)
            implements Message {}

    /** A function that later batches refer to by number. */
    record Function(int id, FunctionKind kind, Bytes function) implements Message {
        /** Checks the number: 0 stands for no function. */
        public Function {
            if (id <= 0) {
                throw new IllegalArgumentException("function id must be > 0: " + id);
            }
        }
    }

    /** A function that is not needed any more. */
    record Forget(int id) implements Message {}

    /**
     * Items to run in order, each with its length before it. With function 0, each item is a {@code TaskCallable} of
     * its own. The {@link Headers} are those of all items. If it tells the start, the worker says {@link Started} when the
     * first item has arrived, and when it or another {@linkplain Started#LARGE large} one has been decoded.
     */
    record Tasks(int batch, int function, int count, Bytes headers, Bytes items, boolean tellsStart)
            implements Message {
        /** Checks the count. */
        public Tasks {
            if (count < 1) {
                throw new IllegalArgumentException("count must be >= 1: " + count);
            }
        }

        /** Makes one that does not tell the start. */
        public Tasks(int batch, int function, int count, Bytes headers, Bytes items) {
            this(batch, function, count, headers, items, false);
        }
    }

    /** Asks for the items of a batch that have not been started. */
    record Recall(int batch) implements Message {}

    /** The item is not wanted any more: skip it if it has not begun, else interrupt it. Asks for its stack first. */
    record Cancel(int batch, int index) implements Message {
        /** Checks the index. */
        public Cancel {
            requireIndex(index);
        }
    }

    /** Asks where a running item is. */
    record StackRequest(int batch, int index) implements Message {
        /** Checks the index. */
        public StackRequest {
            requireIndex(index);
        }
    }

    /** Asks for a sign of life. */
    record Ping(long nonce) implements Message {}

    /** Asks for the stacks of all threads. */
    record DumpRequest(long nonce) implements Message {}

    /** Finish what is there, run the finalizer, say goodbye and exit. */
    record Retire() implements Message {}

    /** The worker stands by: it should do now what would make the first task slow. */
    record StandBy() implements Message {}

    /** There is memory that both can map; the worker takes it or leaves it. */
    record SharedMemory(String file) implements Message {}

    // ---- either way -----------------------------------------------------------------------------------------------

    /** What follows in this direction comes through the shared memory. */
    record Switch() implements Message {}

    /**
     * Whether it is soon enough if the other side hears of this when it has done what it does: a worker that is busy with
     * tasks need not be disturbed for more of them.
     */
    default boolean canWait() {
        return this instanceof Tasks || this instanceof Function || this instanceof Forget;
    }

    private static void requireIndex(int index) {
        if (index < 0) {
            throw new IllegalArgumentException("index must be >= 0: " + index);
        }
    }
}
