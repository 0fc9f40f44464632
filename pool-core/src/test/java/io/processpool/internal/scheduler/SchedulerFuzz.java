package io.processpool.internal.scheduler;

import static io.processpool.fuzz.FuzzChecks.from;
import static io.processpool.fuzz.FuzzChecks.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.Records;
import io.processpool.internal.wire.ResultRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A worker that has been given items and says what the input says: true results, results of others' batches, items that
 * it gives back, progress of what does not run. In the end it dies, with some recorder, and an honest worker does the
 * rest. Whatever was said, each item has ended once, and the counts add up.
 *
 * <pre>
 *   input = { type:1  length:1  body }...
 * </pre>
 */
public final class SchedulerFuzz {

    private static final int MAX_MESSAGES = 200;

    private SchedulerFuzz() {}

    /** Types and bodies of messages. */
    public static void scheduler(byte[] input) throws Exception {
        SchedulerFixture fixture = new SchedulerFixture();
        FakeWorker hostile = fixture.worker();
        fixture.submit();
        RecordedJob whole = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        RecordedJob fed = fixture.feed(
                fixture.function(Duration.ofNanos(20_000)), SchedulerFixture.timeout(Duration.ofMillis(20)), 40);
        fixture.submit(fixture.function(), SchedulerFixture.retries(1));
        hostile.hear();
        try {
            speak(fixture, hostile, input);
        } catch (ProtocolException e) {
            // it is given up
        }
        end(fixture, hostile, input);
        assertThat(whole.endings()).hasSize(5);
        assertThat(fed.endings()).hasSize(40);
    }

    private static void speak(SchedulerFixture fixture, FakeWorker hostile, byte[] input) throws ProtocolException {
        ByteBuffer in = ByteBuffer.wrap(input);
        for (int i = 0; i < MAX_MESSAGES && in.remaining() >= 2; i++) {
            int type = in.get() & 0x7F;
            byte[] body = new byte[Math.min(in.get() & 0xFF, in.remaining())];
            in.get(body);
            Message message = Messages.read(type, Bytes.of(body));
            Lane lane = hostile.lane();
            if (message instanceof Message.Results results) {
                fixture.scheduler.results(lane, results.records());
            } else if (message instanceof Message.Started started) {
                fixture.scheduler.started(lane, started);
            } else if (message instanceof Message.Returned returned) {
                fixture.scheduler.returned(lane, returned);
            } else if (message instanceof Message.Progress progress) {
                fixture.scheduler.progress(lane, progress);
            } else if (message instanceof Message.Stack stack) {
                fixture.scheduler.stack(lane, stack);
            } else if (message instanceof Message.Pong) {
                fixture.advance(Duration.ofMillis(5));
            } else if (message instanceof Message.Ready) {
                fixture.advance(Duration.ofMillis(30)); // times out what has a time-out
            }
            assertThat(lane.inFlightNanos).as("work in flight").isNotNegative();
            assertThat(lane.inFlightItems).as("items in flight").isBetween(0, 47);
        }
    }

    private static void end(SchedulerFixture fixture, FakeWorker hostile, byte[] input) throws Exception {
        Casualty casualty = fixture.scheduler.lost(hostile.lane(), contents(input));
        if (casualty != null) {
            fixture.scheduler.fail(casualty, () -> SchedulerFixture.error("lost"));
        }
        FakeWorker honest = fixture.worker();
        honest.runAll(1000);
        SchedulerFixture.Figures figures = fixture.figures();
        assertThat(figures.submitted()).isEqualTo(47);
        assertThat(figures.succeeded() + figures.failed() + figures.cancelled())
                .as("ended, of %s", figures)
                .isEqualTo(47);
        assertThat(figures.queued() + figures.active()).isZero();
    }

    /** What a recorder could hold: records of batches 1 to 3, of which the first bytes decide. */
    private static FlightRecorder.Contents contents(byte[] input) {
        List<ResultRecord> records = new ArrayList<>();
        for (int i = 0; i < Math.min(input.length, 8); i++) {
            int batch = input[i] & 3;
            int index = input[i] >> 2;
            records.add(new ResultRecord(batch, index, ItemStatus.VALUE, Long.MAX_VALUE, Bytes.of(from(input, i))));
        }
        int started = input.length == 0 ? 0 : input[input.length - 1];
        return new FlightRecorder.Contents(started > 0, started >> 4, started & 15, records);
    }

    /** Returns what honest and dishonest workers say. */
    public static List<byte[]> schedulerSeeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (ItemStatus status : ItemStatus.values()) {
            seeds.add(said(4, result(1, 0, status, 1000)));
        }
        seeds.add(join(
                said(4, result(1, 0, ItemStatus.VALUE, 1000)),
                said(4, result(2, 0, ItemStatus.VALUE, 1000)),
                said(4, result(2, 1, ItemStatus.VALUE, Long.MAX_VALUE)),
                said(5, new byte[] {2, 3}),
                said(11, new byte[] {2, 0}),
                said(2, new byte[0]),
                said(9, new byte[] {2, 2, 1})));
        seeds.add(said(5, new byte[] {1, 0}));
        seeds.add(said(4, result(7, 0, ItemStatus.VALUE, 0)));
        byte[] slow = {};
        for (int i = 0; i < 5; i++) {
            slow = join(slow, said(4, result(2, i, ItemStatus.VALUE, Long.MAX_VALUE)));
        }
        seeds.add(join(said(4, result(1, 0, ItemStatus.VALUE, Long.MAX_VALUE)), slow));
        return seeds;
    }

    private static byte[] result(int batch, int index, ItemStatus status, long nanos) {
        return Records.of(batch, index, status, nanos, Bytes.of(new byte[] {6, 2}))
                .toArray();
    }

    private static byte[] said(int type, byte[] body) {
        BytesOut out = new BytesOut();
        out.write(type);
        out.write(body.length);
        out.write(body, 0, body.length);
        return out.take().toArray();
    }
}
