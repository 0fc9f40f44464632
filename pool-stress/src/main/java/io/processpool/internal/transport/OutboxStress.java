package io.processpool.internal.transport;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.processpool.internal.wire.Message;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/** Waiting until all messages have left. */
public class OutboxStress {

    /** Whoever waits is woken when the last message leaves. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "it was woken, or did not have to wait")
    @Outcome(id = "STALE", expect = FORBIDDEN, desc = "it waits for ever")
    @State
    public static class Drained {

        private final Outbox outbox = new Outbox();

        /** One message waits. */
        public Drained() {
            outbox.add(new Message.Ping(1));
        }

        /** Who waits. */
        @Actor
        public void await() {
            outbox.awaitDrained();
        }

        /** The flusher. */
        @Signal
        public void flush() {
            outbox.fill(ByteBuffer.allocate(64));
            outbox.sent();
        }
    }
}
