package io.processpool.internal.transport;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A writer and a reader of a ring, as in two processes that have mapped the same file. */
public class RingStress {

    /** What is published is there as a whole, and in order. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "nothing yet")
    @Outcome(id = "0, 1234567890123456789", expect = ACCEPTABLE, desc = "just come")
    @Outcome(id = "1234567890123456789, 0", expect = ACCEPTABLE, desc = "the first")
    @Outcome(id = "1234567890123456789, 987654321987654321", expect = ACCEPTABLE, desc = "both")
    @Outcome(expect = FORBIDDEN, desc = "bytes that were not written, or in another order")
    @State
    public static class Publication {

        private final Ring ring = new Ring();

        /** The writing side. */
        @Actor
        public void write() {
            ring.write(1234567890123456789L);
            ring.write(987654321987654321L);
        }

        /** The reading side. */
        @Actor
        public void read(JJ_Result result) {
            result.r1 = ring.read();
            result.r2 = ring.read();
        }
    }

    /** A reader that falls asleep is woken, or has seen what came. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "it has seen it")
    @Outcome(id = "(true|false), true", expect = ACCEPTABLE, desc = "it is woken")
    @Outcome(expect = FORBIDDEN, desc = "it sleeps for ever")
    @State
    public static class Sleep {

        private final Ring ring = new Ring();

        /** A reader that was awake. */
        public Sleep() {
            ring.reader.awake();
        }

        /** The reading side. */
        @Actor
        public void sleep(ZZ_Result result) {
            ring.reader.asleep();
            result.r1 = !ring.reader.isEmpty();
        }

        /** The writing side. */
        @Actor
        public void write(ZZ_Result result) {
            ring.write(1);
            result.r2 = ring.writer.mustRing(false);
        }
    }

    /** A busy reader is woken for what is urgent, or sees it. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "it has seen it")
    @Outcome(id = "(true|false), true", expect = ACCEPTABLE, desc = "it is woken")
    @Outcome(expect = FORBIDDEN, desc = "what is urgent waits")
    @State
    public static class Busy {

        private final Ring ring = new Ring();

        /** A reader that was awake. */
        public Busy() {
            ring.reader.awake();
        }

        /** The reading side. */
        @Actor
        public void beBusy(ZZ_Result result) {
            ring.reader.busy();
            result.r1 = !ring.reader.isEmpty();
        }

        /** The writing side. */
        @Actor
        public void write(ZZ_Result result) {
            ring.write(1);
            result.r2 = ring.writer.mustRing(true);
        }
    }

    /** A writer that begins to wait for room is woken, or sees that there is some. Here the ring is full at first. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "it has seen that there is room")
    @Outcome(id = "(true|false), true", expect = ACCEPTABLE, desc = "it is woken")
    @Outcome(expect = FORBIDDEN, desc = "it waits for ever")
    @State
    public static class Room {

        private final Ring ring = new Ring();

        /** A full ring; nobody looks at its bytes. */
        public Room() {
            ByteBuffer room = ring.room();
            room.position(room.limit());
            ring.writer.publish();
        }

        /** The writing side; whether it waits. */
        @Actor
        public void ask(ZZ_Result result) {
            result.r1 = ring.asksForRoom();
        }

        /** The reading side takes all; whether it rings at some moment. */
        @Actor
        public void take(ZZ_Result result) {
            boolean rings = false;
            for (ByteBuffer bytes = ring.bytes(); bytes.hasRemaining(); bytes = ring.bytes()) {
                bytes.position(bytes.limit());
                ring.reader.taken();
                rings |= ring.reader.mustRing();
            }
            result.r2 = rings;
        }
    }
}
