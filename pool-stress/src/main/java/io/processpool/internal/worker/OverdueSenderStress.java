package io.processpool.internal.worker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Results that begin to wait while the sender, which has had nothing to do, falls asleep. */
public class OverdueSenderStress {

    /** A sender that is awake, of which the test is the thread. */
    private static OverdueSender awake() {
        OverdueSender sender = new OverdueSender(new RunningItem(), () -> {}, rounds -> Thread.currentThread());
        sender.begin(0);
        sender.end();
        return sender;
    }

    /** The sender sees that results wait, or the runner that it is asleep. */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "it is awake: it was woken, or has not fallen asleep")
    @Outcome(expect = FORBIDDEN, desc = "results wait, and it sleeps for ever")
    @State
    public static class Begin {

        private final OverdueSender sender = awake();

        /** The task thread. */
        @Actor
        public void begin() {
            sender.begin(0);
        }

        /** The sender's thread. */
        @Actor
        public void fallAsleep() {
            sender.fallAsleep();
        }

        /** When all is over. */
        @Arbiter
        public void look(Z_Result result) {
            result.r1 = sender.isAwake();
        }
    }

    /** The same where results have left by themselves, and others begin to wait. */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "it is awake: it was woken, or has not fallen asleep")
    @Outcome(expect = FORBIDDEN, desc = "results wait, and it sleeps for ever")
    @State
    public static class EndAndBegin {

        private final OverdueSender sender = awake();

        /** The task thread. */
        @Actor
        public void send() {
            sender.begin(0);
            sender.end();
            sender.begin(0);
        }

        /** The sender's thread, which begins another round if it is awake. */
        @Actor
        public void fallAsleep() {
            sender.fallAsleep();
            if (sender.isAwake()) {
                sender.fallAsleep();
            }
        }

        /** When all is over. */
        @Arbiter
        public void look(Z_Result result) {
            result.r1 = sender.isAwake();
        }
    }
}
