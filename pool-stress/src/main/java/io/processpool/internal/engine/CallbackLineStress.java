package io.processpool.internal.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** A callback that is left to an idle thread, which goes at this moment. */
public class CallbackLineStress {

    private static final Runnable CALLBACK = () -> {};

    /** The thread takes it, or another one is started for it. */
    @JCStressTest
    @Outcome(id = "false, false, false", expect = ACCEPTABLE, desc = "no thread was idle, one is started")
    @Outcome(id = "true, true, (true|false)", expect = ACCEPTABLE, desc = "the idle thread has taken it")
    @Outcome(id = "false, true, true", expect = ACCEPTABLE, desc = "the thread had gone, and one is started")
    @Outcome(expect = FORBIDDEN, desc = "it waits, and nobody will take it")
    @State
    public static class LeftToOneThatGoes {

        private final CallbackLine line = new CallbackLine();

        /** A thread that has waited for long enough. */
        @Actor
        public void waitForNothing(ZZZ_Result result) {
            try {
                result.r1 = line.poll(0, TimeUnit.NANOSECONDS) != null;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Who has a callback. */
        @Actor
        public void execute(ZZZ_Result result) {
            result.r2 = line.offerToIdle(CALLBACK);
            result.r3 = result.r2 && line.isLongerThanIdle();
        }
    }
}
