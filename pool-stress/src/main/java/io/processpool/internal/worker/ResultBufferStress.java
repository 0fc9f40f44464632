package io.processpool.internal.worker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.Scalars;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Recorders;
import io.processpool.internal.wire.ResultRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;

/** Results that the runner gathers and the sender of what is overdue sends while an item runs. */
public class ResultBufferStress {

    /** Scalars, which become runs, and one that does not. */
    private static final Object[] VALUES = {10, 11, "twelve", 13, 14};

    private static final ValueCodec CODEC = new ValueCodec(null);

    /** What was sent. Whoever has the buffer writes it, and needs no lock. */
    private static final class Wire implements Channel {
        private final List<Bytes> sent = new ArrayList<>();

        @Override
        public void enqueue(Message message) {
            sent.add(((Message.Results) message).records());
        }

        @Override
        public boolean flush() {
            return true;
        }

        @Override
        public boolean awaitDrained() {
            throw new IllegalStateException("nothing to wait for");
        }

        @Override
        public void close() {
            throw new IllegalStateException("not the buffer's to close");
        }

        /** Returns how many results have arrived, or -1 if they are not the first ones in their order. */
        int arrived() {
            int next = 0;
            try {
                BytesIn in = Bytes.concat(sent).open();
                while (in.remaining() > 0) {
                    ResultRecord record = ResultRecord.read(in);
                    for (Object value : values(record)) {
                        if (record.index() > next || !VALUES[next].equals(value)) {
                            return -1;
                        }
                        next++;
                    }
                }
            } catch (IOException | RuntimeException e) {
                return -1;
            }
            return next;
        }

        private static List<Object> values(ResultRecord record) throws IOException {
            BytesIn in = record.payload().open();
            if (record.status() != ItemStatus.RUN) {
                return List.of(CODEC.decode(in, ClassLoader.getSystemClassLoader(), null, "result"));
            }
            Scalars scalars = Scalars.read(in, in.remaining());
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < scalars.size(); i++) {
                values.add(scalars.get(i));
            }
            return values;
        }
    }

    /** Each result leaves once, in order, and a run says how long it is. */
    @JCStressTest
    @Outcome(id = "5, true", expect = ACCEPTABLE, desc = "all have arrived, and the recorder holds none")
    @Outcome(expect = FORBIDDEN, desc = "lost, twice, torn, or kept")
    @State
    public static class EachOnce {

        private final Wire wire = new Wire();
        private final FlightRecorder recorder = Recorders.next();
        private final RunningItem running = new RunningItem();
        private final BytesOut payload = new BytesOut(32);
        private final ResultBuffer results = new ResultBuffer(
                wire,
                recorder,
                false,
                flush -> new OverdueSender(running, flush, rounds -> Thread.currentThread()),
                new ItemClock(false));

        /** The task thread. */
        @Actor
        public void run() {
            results.begin();
            for (int i = 0; i < VALUES.length; i++) {
                results.started(1, i);
                running.begin(1, i);
                CODEC.encode(VALUES[i], payload, "result");
                running.end();
                results.add(1, i, ItemStatus.VALUE, payload, true, true);
            }
        }

        /** The sender's thread, to which all that waits has waited for too long. */
        @Actor
        public void sendOverdue() {
            for (int i = 0; i < VALUES.length; i++) {
                running.hold(() -> results.flushOverdue(System.nanoTime() + TimeUnit.MINUTES.toNanos(1)));
            }
        }

        /** When all is over; sends what still waits. */
        @Arbiter
        public void look(IZ_Result result) {
            results.flush();
            result.r1 = wire.arrived();
            result.r2 = recorder.length() == 0;
        }
    }
}
