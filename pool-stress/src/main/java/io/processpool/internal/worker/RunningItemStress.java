package io.processpool.internal.worker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** An interrupt of an item that may end at this moment. */
public class RunningItemStress {

    /** It reaches that item or nobody, never the next one. */
    @JCStressTest
    @Outcome(id = "(true|false), false", expect = ACCEPTABLE, desc = "the item was interrupted, or it was too late")
    @Outcome(expect = FORBIDDEN, desc = "the next item was interrupted")
    @State
    public static class NeverTheNext {

        private final RunningItem running = new RunningItem();

        /** The task thread. */
        @Actor
        public void run(ZZ_Result result) {
            running.begin(1, 0);
            result.r1 = Thread.currentThread().isInterrupted();
            running.end();
            running.begin(1, 1);
            result.r2 = Thread.currentThread().isInterrupted();
            running.end();
        }

        /** The control thread. */
        @Actor
        public void interrupt() {
            running.interrupt(1, 0);
        }
    }
}
