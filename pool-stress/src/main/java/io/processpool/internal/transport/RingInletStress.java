package io.processpool.internal.transport;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.processpool.internal.wire.Message;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;

/** The end of a connection while others hear it. */
public class RingInletStress {

    private static final class Counting implements ChannelListener, RingInlet.Owner {
        private final AtomicInteger ends = new AtomicInteger();

        @Override
        public void onMessage(Message message) {
            throw new IllegalStateException("nobody has sent " + message);
        }

        @Override
        public void onClosed(@Nullable Throwable cause) {
            ends.incrementAndGet();
        }

        @Override
        public void hearLater() {
            // nothing is left for later
        }

        @Override
        public void strike() {
            // nobody waits for room
        }

        @Override
        public void fail(Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    /** The listener hears of it exactly once, whoever hears at this moment. */
    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "told once, and nobody is left in there")
    @Outcome(expect = FORBIDDEN, desc = "not told, told twice, or not over")
    @State
    public static class ToldOnce {

        private final Counting counting = new Counting();
        private final RingInlet inlet = new RingInlet(new FrameReader(counting::onMessage, 1024), counting, counting);

        /** The loop's thread. */
        @Actor
        public void end() {
            inlet.end(new RingInlet.End(null, true));
        }

        /** A caller that looks. */
        @Actor
        public void hear() {
            inlet.hear();
        }

        /** When all is over. */
        @Arbiter
        public void look(IZ_Result result) {
            result.r1 = counting.ends.get();
            result.r2 = inlet.isOver();
        }
    }
}
