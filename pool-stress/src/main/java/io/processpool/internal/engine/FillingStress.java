package io.processpool.internal.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.processpool.TaskCallable;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.scheduler.Chunk;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Functions;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.wire.FunctionKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Items that the feeding thread adds while another thread, the timer's, takes what there is. */
public class FillingStress {

    /** The items are only looked at. */
    private static final class NoJob extends Job {
        NoJob() {
            super(
                    1,
                    new Functions().register((TaskCallable<Integer>) () -> 1, FunctionKind.CALLABLE),
                    new Settings("none", 0, 0, 0, Bytes.EMPTY));
        }

        @Override
        protected void ended(long first, List<Ending> endings) {
            throw new IllegalStateException("has begun at " + first);
        }

        @Override
        protected void abandoned(Ending ending) {
            throw new IllegalStateException("is " + ending);
        }
    }

    private static final Job NO_JOB = new NoJob();

    /** How many bytes an item has: with its length before it, 64 of them fill the arrays as they are at first. */
    private static final int BYTES = 15;

    private static final int FIRST_ITEMS = 64;

    /** Consecutive items, as they were taken. */
    private record Taken(long first, int count, Bytes bytes, int[] ends) {

        /** Whether the bytes of each item are its own, and nothing else is there. */
        boolean isRight() {
            try {
                BytesIn in = bytes.open();
                for (int i = 0; i < count; i++) {
                    if (in.readVarInt() != BYTES) {
                        return false;
                    }
                    for (int j = 0; j < BYTES; j++) {
                        if (in.readByte() != (byte) (first + i)) {
                            return false;
                        }
                    }
                    if (bytes.length() - in.remaining() != ends[i]) {
                        return false;
                    }
                }
                return in.remaining() == 0 && ends.length == count;
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** A map's items, the next of which the feeding thread adds. What was taken, whoever takes writes. */
    private static final class Items implements Filling.Owner {
        private final Filling filling = new Filling(this);
        private final BytesOut scratch = new BytesOut(32);
        private final List<Taken> taken = new ArrayList<>(4);
        private int added;
        private volatile long counted;
        private boolean wrong;

        void add(int count) {
            for (int i = 0; i < count; i++) {
                for (int j = 0; j < BYTES; j++) {
                    scratch.write(added);
                }
                filling.add(scratch);
                added++;
            }
        }

        @Override
        public Chunk chunk(int count, Bytes bytes, int[] ends) {
            long first = counted;
            counted = first + count;
            Taken part = new Taken(first, count, bytes, ends);
            wrong |= !part.isRight();
            taken.add(part);
            return Chunk.of(NO_JOB, first, count, bytes, ends, false);
        }

        /** Takes the rest; tells how many items were added, and how many of them were taken, or -1 if one has changed. */
        void tell(II_Result result) {
            filling.take();
            long next = 0;
            for (Taken part : taken) {
                wrong |= part.first != next || !part.isRight();
                next += part.count;
            }
            result.r1 = added;
            result.r2 = wrong ? -1 : (int) next;
        }
    }

    /** Each item is taken once, in order, with its bytes. */
    @JCStressTest
    @Outcome(id = "3, 3", expect = ACCEPTABLE, desc = "all were taken")
    @Outcome(expect = FORBIDDEN, desc = "lost, twice, or with other bytes")
    @State
    public static class AddOrTake {

        private final Items items = new Items();

        /** The feeding thread. */
        @Actor
        public void add() {
            items.add(3);
        }

        /** The timer's thread. */
        @Actor
        public void take() {
            items.filling.takeMeanwhile();
            items.filling.takeMeanwhile();
        }

        /** When all is over. */
        @Arbiter
        public void look(II_Result result) {
            items.tell(result);
        }
    }

    /** The same while the arrays are replaced by larger ones. */
    @JCStressTest
    @Outcome(id = "66, 66", expect = ACCEPTABLE, desc = "all were taken")
    @Outcome(expect = FORBIDDEN, desc = "lost, twice, or with other bytes")
    @State
    public static class GrowOrTake {

        private final Items items = new Items();

        /** Arrays that are nearly full. */
        public GrowOrTake() {
            items.add(FIRST_ITEMS - 2);
        }

        /** The feeding thread. */
        @Actor
        public void add() {
            items.add(4);
        }

        /** The timer's thread. */
        @Actor
        public void take() {
            items.filling.takeMeanwhile();
            items.filling.takeMeanwhile();
        }

        /** When all is over. */
        @Arbiter
        public void look(II_Result result) {
            items.tell(result);
        }
    }

    /** The same while the feeding thread takes as well, and begins anew. */
    @JCStressTest
    @Outcome(id = "4, 4", expect = ACCEPTABLE, desc = "all were taken")
    @Outcome(expect = FORBIDDEN, desc = "lost, twice, or with other bytes")
    @State
    public static class TakeOrTake {

        private final Items items = new Items();

        /** The feeding thread. */
        @Actor
        public void add() {
            items.add(2);
            items.filling.take();
            items.add(2);
        }

        /** The timer's thread. */
        @Actor
        public void take() {
            items.filling.takeMeanwhile();
            items.filling.takeMeanwhile();
        }

        /** When all is over. */
        @Arbiter
        public void look(II_Result result) {
            items.tell(result);
        }
    }

    /** Whoever sees that nothing is left knows of all items: a map must not end before its last one. */
    @JCStressTest
    @Outcome(id = "false, (true|false)", expect = ACCEPTABLE, desc = "the item is there, as far as can be seen")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it was taken and counted")
    @Outcome(expect = FORBIDDEN, desc = "nothing is left, and the item was not counted")
    @State
    public static class Empty {

        private final Items items = new Items();

        /** One item. */
        public Empty() {
            items.add(1);
        }

        /** The feeding thread. */
        @Actor
        public void take() {
            items.filling.take();
        }

        /** Who looks whether the map is over. */
        @Actor
        public void look(ZZ_Result result) {
            result.r1 = items.filling.isEmpty();
            result.r2 = items.counted == 1;
        }
    }
}
