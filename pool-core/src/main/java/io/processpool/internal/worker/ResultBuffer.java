package io.processpool.internal.worker;

import io.processpool.internal.bytes.BigEndian;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ResultRecord;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the results of quick items and sends them together. A result waits here for half a millisecond, or three times
 * that if the next item takes long: then an {@link OverdueSender} sends it. Whatever waits is also in the
 * {@link FlightRecorder}; without a recorder nothing waits. Scalars in a row become a run, one record for all of them.
 *
 * <p>The buffer is the runner's between items; while one runs, it belongs to whoever holds that item.
 */
final class ResultBuffer {

    static final long MAX_WAIT_NANOS = 500_000;
    private static final long SLOW_NANOS = MAX_WAIT_NANOS / 2;
    private static final int MAX_PENDING = FlightRecorder.CAPACITY / 2;

    /** A result of this size leaves at once, without being copied. */
    private static final int LARGE = 1 << 14;

    private final Channel channel;
    private final @Nullable FlightRecorder recorder;
    private final boolean timesEach;
    private final OverdueSender sender;
    private final ItemClock clock;

    private final BytesOut pending = new BytesOut(4096);
    private long pendingSince;

    /** Where the time and the length of the run are that grows at the end of what is pending; or -1. */
    private int run = -1;

    /** The same place in the recorder. */
    private int runRecorded;

    private int runBatch;
    private int runNext;
    private long runNanos;

    /** Whether the channel has ended before all was sent. What was not stays in the recorder, which is left as it is. */
    private boolean cutOff;

    /**
     * Makes an empty one.
     *
     * @param timesEach whether the pool wants to know how long each item takes
     */
    ResultBuffer(Channel channel, @Nullable FlightRecorder recorder, boolean timesEach, RunningItem running) {
        this(channel, recorder, timesEach, flush -> new OverdueSender(running, flush), new ItemClock(timesEach));
    }

    /** Makes an empty one with a certain clock, and a certain sender, which is made of how to send what is overdue. */
    ResultBuffer(
            Channel channel,
            @Nullable FlightRecorder recorder,
            boolean timesEach,
            Function<Runnable, OverdueSender> sender,
            ItemClock clock) {
        this.channel = channel;
        this.recorder = recorder;
        this.timesEach = timesEach;
        this.clock = clock;
        this.sender = sender.apply(() -> flushOverdue(System.nanoTime()));
    }

    /** A batch begins: what was before does not count as the time of its first item, but as that of the open run. */
    void begin() {
        if (!lookForRun()) {
            clock.restart();
        }
    }

    /** If items of the run have ended since the last look at the clock, looks; returns whether it has. */
    private boolean lookForRun() {
        boolean behind = run >= 0 && clock.behind();
        if (behind) {
            runNanos += clock.look();
        }
        return behind;
    }

    /** Notes that an item begins. */
    void started(int batch, int index) {
        if (recorder != null) {
            recorder.started(batch, index);
        }
    }

    /**
     * Takes the end of an item; from here on it is safe from the death of this process.
     *
     * @param payload what belongs to the status; is empty afterwards
     * @param several whether the batch has more items than this
     * @param moreToCome whether there is more to do
     * @return whether to go on; not if nobody hears of results any more, since this process is about to end
     */
    boolean add(int batch, int index, ItemStatus status, BytesOut payload, boolean several, boolean moreToCome) {
        if (cutOff) {
            payload.truncate(0);
            return false;
        }
        boolean looks = clock.ticks() || sender.ticked();
        boolean kept;
        boolean slow = false;
        if (several && recorder != null && !timesEach && isScalar(status, payload)) {
            if (runBatch != batch || runNext != index) {
                endRun(true); // before the look, which tells how long the first item of the next one has taken
            }
            if (looks) {
                long passed = clock.look();
                runNanos += passed;
                slow = passed >= SLOW_NANOS;
            }
            kept = addToRun(batch, index, payload, moreToCome && !slow);
        } else {
            long nanos = clock.look() - clock.beforeLast();
            runNanos += clock.beforeLast(); // there is a run if there were items before this one
            boolean large = payload.length() >= LARGE;
            endRun(!large);
            slow = nanos >= SLOW_NANOS; // the next most likely is as well, and this would wait for it
            if (large) {
                ResultRecord.writeHead(pending, batch, index, status, nanos, payload.length());
                send(Bytes.concat(List.of(pending.take(), payload.take())));
                clock.restart();
                return !cutOff;
            }
            kept = addSingle(batch, index, status, nanos, payload, moreToCome && !slow);
            looks = true;
        }
        if (!kept || !moreToCome || slow || pending.length() >= MAX_PENDING || looks && isOverdue(clock.last())) {
            flush();
        }
        return !cutOff;
    }

    private static boolean isScalar(ItemStatus status, BytesOut payload) {
        return status == ItemStatus.VALUE
                && payload.length() <= ValueCodec.MAX_SCALAR
                && ValueCodec.isScalar(payload.reserve(0)[0]);
    }

    private boolean addToRun(int batch, int index, BytesOut payload, boolean waits) {
        int before = (int) pending.length();
        boolean mayWait = true;
        if (run < 0) {
            mayWait = beginPending(waits);
            ResultRecord.writeRunHead(pending, batch, index);
            run = pending.position() - ResultRecord.RUN_FIELDS;
            runRecorded = recorder == null ? 0 : recorder.length() + run - before;
            runBatch = batch;
        }
        runNext = index + 1;
        payload.moveTo(pending);
        return keep(before) && mayWait;
    }

    private boolean addSingle(int batch, int index, ItemStatus status, long nanos, BytesOut payload, boolean waits) {
        boolean mayWait = beginPending(waits);
        int before = (int) pending.length();
        ResultRecord.writeHead(pending, batch, index, status, nanos, payload.length());
        payload.moveTo(pending);
        return keep(before) && mayWait;
    }

    /**
     * Something is about to be pending. If it is the first that waits, and does not leave at once, somebody has to see to it
     * that it does not wait for too long; returns false if nobody does.
     */
    private boolean beginPending(boolean waits) {
        if (pending.length() == 0) {
            pendingSince = clock.last();
            return !waits || recorder == null || sender.begin(pendingSince);
        }
        return true;
    }

    /** Keeps what is pending from a position on in the recorder, if there is room. */
    private boolean keep(int from) {
        return recorder != null && recorder.keep(pending.reserve(0), from, pending.position() - from);
    }

    /**
     * The run that grows, if there is one, does so no more: says how long it is. In the recorder only if more is about to
     * follow there: the last record is as long as all that is left, and eight bytes may not change all at once.
     */
    private void endRun(boolean moreIsKept) {
        if (run >= 0) {
            int length = pending.position() - run - ResultRecord.RUN_FIELDS;
            long fields = ResultRecord.runFields(runNanos, length);
            BigEndian.putLong(pending.reserve(0), run, fields);
            if (moreIsKept && recorder != null) {
                recorder.amend(runRecorded, fields);
            }
            run = -1;
            runNanos = 0;
        }
    }

    private boolean isOverdue(long now) {
        return now - pendingSince >= MAX_WAIT_NANOS;
    }

    /** Goes through the motions of {@link #add} while nothing waits; the payload is empty afterwards. */
    void rehearse(ItemStatus status, BytesOut payload) {
        if (pending.length() == 0) {
            clock.restart();
            clock.ticks();
            clock.look();
            ResultRecord.writeHead(pending, 0, 0, status, 0, payload.length());
            payload.moveTo(pending);
            keep(0);
            if (recorder != null) {
                recorder.clear();
            }
            pending.truncate(0);
        }
    }

    /** Sends what waits; returns whether to go on, as {@link #add} does. */
    boolean flush() {
        if (pending.length() > 0) {
            lookForRun();
            endRun(false);
            send(pending.take());
            clock.restart();
        }
        return !cutOff;
    }

    /** Sends what has waited for long at a moment of {@link System#nanoTime()}; by who holds the item that runs. */
    void flushOverdue(long now) {
        if (pending.length() > 0 && isOverdue(now)) {
            if (run >= 0) {
                runNanos += clock.share();
            }
            endRun(false);
            send(pending.take());
        }
    }

    private void send(Bytes records) {
        sender.end();
        channel.enqueue(new Message.Results(records));
        cutOff = !channel.flush() && !channel.awaitDrained();
        if (recorder != null && !cutOff) {
            recorder.clear();
        }
    }
}
