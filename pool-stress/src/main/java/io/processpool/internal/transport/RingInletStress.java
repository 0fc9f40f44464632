package io.processpool.internal.transport;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.processpool.internal.wire.Message;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** A connection that two threads hear at the same time: what comes, and the end. */
public class RingInletStress {

    /** What the listener hears: pings that are numbered from 1, and the end. One thread at a time writes it. */
    private static final class Heard implements ChannelListener, RingInlet.Owner {
        private final RingInlet inlet = new RingInlet(new FrameReader(this::onMessage, 1024), this, this);
        private final Ring ring = new Ring();
        private int messages;
        private int ends;
        private boolean wrong;

        /** Puts a message into the ring. */
        void write(long number) {
            Outbox outbox = new Outbox();
            outbox.add(new Message.Ping(number));
            outbox.fill(ring.room());
            ring.writer.publish();
        }

        @Override
        public void onMessage(Message message) {
            messages++;
            wrong |= ends > 0 || !message.equals(new Message.Ping(messages));
        }

        @Override
        public void onClosed(@Nullable Throwable cause) {
            ends++;
        }

        @Override
        public void hearLater() {
            throw new IllegalStateException("so little is heard at once");
        }

        @Override
        public void strike() {
            // nobody waits for room
        }

        @Override
        public void fail(Throwable cause) {
            throw new IllegalStateException(cause);
        }

        /** Returns how many messages were heard, or -1 if not in order, or after the end. */
        int messages() {
            return wrong ? -1 : messages;
        }
    }

    /** The listener hears of it exactly once, whoever hears at this moment. */
    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "told once, and nobody is left in there")
    @Outcome(expect = FORBIDDEN, desc = "not told, told twice, or not over")
    @State
    public static class ToldOnce {

        private final Heard heard = new Heard();

        /** The loop's thread. */
        @Actor
        public void end() {
            heard.inlet.end(new RingInlet.End(null, true));
        }

        /** A caller that looks. */
        @Actor
        public void hear() {
            heard.inlet.hear();
        }

        /** When all is over. */
        @Arbiter
        public void look(IZ_Result result) {
            result.r1 = heard.ends;
            result.r2 = heard.inlet.isOver();
        }
    }

    /** What the ring holds is heard before the end, whoever hears it. */
    @JCStressTest
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "both messages, and then the end")
    @Outcome(expect = FORBIDDEN, desc = "lost, out of order, after the end, or no end")
    @State
    public static class RestBeforeEnd {

        private final Heard heard = new Heard();

        /** One message is there. */
        public RestBeforeEnd() {
            heard.inlet.open(heard.ring.reader);
            heard.write(1);
        }

        /** The other side, which goes after another one; then the loop's thread. */
        @Actor
        public void end() {
            heard.write(2);
            heard.inlet.end(new RingInlet.End(null, true));
        }

        /** A caller that looks. */
        @Actor
        public void look() {
            heard.inlet.look();
        }

        /** When all is over. */
        @Arbiter
        public void look(II_Result result) {
            result.r1 = heard.messages();
            result.r2 = heard.ends;
        }
    }

    /** Whoever comes while another hears leaves what has come to that one: it looks once more. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both messages, by whomever")
    @Outcome(expect = FORBIDDEN, desc = "one is left, came twice, or out of order")
    @State
    public static class HandOver {

        private final Heard heard = new Heard();

        /** One message is there. */
        public HandOver() {
            heard.inlet.open(heard.ring.reader);
            heard.write(1);
        }

        /** The loop's thread, which the other side has rung for. */
        @Actor
        public void ring() {
            heard.write(2);
            heard.inlet.hear();
        }

        /** A caller that looks. */
        @Actor
        public void look() {
            heard.inlet.look();
        }

        /** When all is over. */
        @Arbiter
        public void look(I_Result result) {
            result.r1 = heard.messages();
        }
    }

    /** A caller that looks no more hears what has come, or the loop's thread is rung for it. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "it was heard, by one of them")
    @Outcome(expect = FORBIDDEN, desc = "it lies there, and nobody was rung for")
    @State
    public static class Sleep {

        private final Heard heard = new Heard();

        /** Somebody looks. */
        public Sleep() {
            heard.inlet.open(heard.ring.reader);
            heard.inlet.awake();
        }

        /** The caller. */
        @Actor
        public void sleep() {
            heard.inlet.sleep();
        }

        /** The other side, and the loop's thread if it rings. */
        @Actor
        public void write() {
            heard.write(1);
            if (heard.ring.writer.mustRing(false)) {
                heard.inlet.hear();
            }
        }

        /** When all is over. */
        @Arbiter
        public void look(I_Result result) {
            result.r1 = heard.messages();
        }
    }
}
