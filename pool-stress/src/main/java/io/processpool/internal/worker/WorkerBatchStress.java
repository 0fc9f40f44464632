package io.processpool.internal.worker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The claim of an item against the recall of a batch. */
public class WorkerBatchStress {

    static WorkerBatch batchOfTwo() {
        try {
            return new WorkerBatch(new Message.Tasks(1, 0, 2, Bytes.EMPTY, Bytes.EMPTY), null);
        } catch (ProtocolException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An item is run or given back, never both, and never neither. */
    @JCStressTest
    @Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "both were claimed before")
    @Outcome(id = "0, -1, 1", expect = ACCEPTABLE, desc = "the second was given back")
    @Outcome(id = "-1, -1, 0", expect = ACCEPTABLE, desc = "both were given back")
    @Outcome(expect = FORBIDDEN, desc = "run and given back, or neither")
    @State
    public static class EachOnce {

        private final WorkerBatch batch = batchOfTwo();

        /** The task thread. */
        @Actor
        public void run(III_Result result) {
            result.r1 = batch.claim();
            result.r2 = batch.claim();
        }

        /** The channel's thread. */
        @Actor
        public void recall(III_Result result) {
            batch.recall(from -> result.r3 = from);
        }
    }

    /** A runner that finds no more items has waited until the pool was told of those that were taken back. */
    @JCStressTest
    @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "nothing was taken back yet")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "nothing was left to be taken back")
    @Outcome(id = "[01], 1", expect = ACCEPTABLE, desc = "the pool was told before")
    @Outcome(expect = FORBIDDEN, desc = "the batch is over for the runner, and the pool does not know")
    @State
    public static class ToldBefore {

        private final WorkerBatch batch = batchOfTwo();
        private volatile int told;

        /** The task thread. */
        @Actor
        public void run(II_Result result) {
            int claimed = 0;
            while (batch.claim() >= 0) {
                claimed++;
            }
            batch.awaitRecall();
            result.r2 = told;
            result.r1 = claimed;
        }

        /** The channel's thread. */
        @Actor
        public void recall() {
            batch.recall(from -> told = 1);
        }
    }

    /** Two recalls: the second finds nothing to take. */
    @JCStressTest
    @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "all was taken back, and twice the same was told")
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "all but the first")
    @Outcome(expect = FORBIDDEN, desc = "the recalls contradict each other")
    @State
    public static class TwoRecalls {

        private final WorkerBatch batch = batchOfTwo();

        /** The task thread, for one item. */
        @Actor
        public void run(III_Result result) {
            result.r1 = batch.claim() < 0 ? 0 : 1;
        }

        /** A recall. */
        @Actor
        public void recall(III_Result result) {
            batch.recall(from -> result.r2 = from);
        }

        /** Another one, at the end. */
        @Arbiter
        public void recallAgain(III_Result result) {
            batch.recall(from -> result.r3 = from);
        }
    }
}
