package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.Records;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each result is booked once, and told to whom it concerns. */
@Timeout(60)
class ResultsTests {

    private static final Duration QUICK = Duration.ofNanos(100_000);
    private static final long QUICK_NANOS = 100_000;

    private final SchedulerFixture fixture = new SchedulerFixture();

    @Test
    void results_severalItems_areDeliveredInOrderAndOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);

        worker.run(2, 1);
        worker.run(3, 1);

        assertThat(job.order()).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(fixture.events.take())
                .as("the job is open until it is closed")
                .isEmpty();
        fixture.scheduler.close(job);
        assertThat(fixture.events.take()).containsExactly("drained");
        fixture.assertAllEnded(5, 0, 0);
    }

    @Test
    void results_ofSeveralBatchesAndJobsInOneMessage_areBooked() throws Exception {
        FunctionRef quick = fixture.function(QUICK);
        RecordedJob one = fixture.feed(quick, SchedulerFixture.settings(), 3);
        RecordedJob other = fixture.feed(quick, SchedulerFixture.settings(), 4);
        FakeWorker worker = fixture.worker();

        worker.run(7, QUICK_NANOS);

        assertThat(one.order()).containsExactly(0L, 1L, 2L);
        assertThat(other.order()).containsExactly(0L, 1L, 2L, 3L);
        assertThat(fixture.figures().active()).isZero();
    }

    @Test
    void results_freeTheWorker_sendTheNextBeforeTheCallerIsTold() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob first = fixture.submit();
        fixture.submit();
        worker.runUnsent(1, 1);

        worker.flush();

        assertThat(worker.waiting()).containsExactly("2/0");
        assertThat(first.endings()).hasSize(1);
    }

    private static Bytes record(int batch, int index) {
        return Records.of(batch, index, ItemStatus.VALUE, 1, Bytes.EMPTY);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 0", "0, 0", "1, 2147483647"})
    void results_ofAnItemThatDoesNotRun_areRefused(int batch, int index) {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(worker.lane(), record(batch, index)))
                .withMessageStartingWith("result of batch " + batch + ", item " + index + ", which does not run");
        assertThat(job.endings()).isEmpty();
    }

    @Test
    void results_duplicated_areRefusedAndTheFirstCounts() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        fixture.scheduler.results(worker.lane(), record(1, 0));

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(worker.lane(), record(1, 0)));

        assertThat(job.order()).containsExactly(0L);
        assertThat(fixture.figures().succeeded()).isEqualTo(1);
    }

    // Otherwise a worker could put off the time-out of its item for ever.
    @Test
    void results_withoutARecord_areRefused() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(worker.lane(), Bytes.EMPTY))
                .withMessage("results without a record (worker=0)");
        assertThat(job.endings()).isEmpty();
    }

    @Test
    void results_whileIdle_areRefused() {
        FakeWorker worker = fixture.worker();

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(worker.lane(), record(1, 0)));
    }

    /** What was booked must be delivered: the item is no longer in the worker's hands, so nobody else would end it. */
    @Test
    void results_nonsenseBehindAGoodOne_doesNotLoseTheGoodOne() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        BytesOut out = new BytesOut();
        out.write(record(1, 0));
        out.write(record(7, 7));

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(worker.lane(), out.take()));
        worker.begin();
        worker.begin();
        Casualty casualty = fixture.scheduler.lost(worker.lane(), null);
        FakeWorker successor = fixture.worker();

        assertThat(casualty).isNotNull();
        fixture.fail(casualty);
        successor.runAll(1);
        assertThat(job.endings().keySet()).containsExactly(0L, 1L, 2L);
        assertThat(fixture.figures().active()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"01", "0100", "01000000ff", "0100050000", "ffffffffffffffffffffff"})
    void results_thatCannotBeRead_areRefusedAndThoseBeforeAreBooked(String garbage) throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        BytesOut out = new BytesOut();
        out.write(record(1, 0));
        out.write(HexFormat.of().parseHex(garbage));

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(worker.lane(), out.take()));

        assertThat(job.endings().keySet()).containsExactly(0L);
    }

    @Test
    void results_ofScalars_areDecodedOnTheSpot() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        ValueCodec values = new ValueCodec(null);
        Object[] results = {Integer.MIN_VALUE, Double.MAX_VALUE, null, "no scalar", 'c'};
        BytesOut out = new BytesOut();
        for (int i = 0; i < results.length; i++) {
            BytesOut payload = new BytesOut();
            values.encode(results[i], payload, "result");
            Records.write(out, 1, i, ItemStatus.VALUE, 1, payload.take());
        }

        fixture.scheduler.results(worker.lane(), out.take());

        assertThat(job.endings().get(0L)).isEqualTo(new Ending.Scalar(Integer.MIN_VALUE));
        assertThat(job.endings().get(1L)).isEqualTo(new Ending.Scalar(Double.MAX_VALUE));
        assertThat(job.endings().get(2L)).isEqualTo(new Ending.Scalar(null));
        assertThat(job.endings().get(3L)).isInstanceOf(Ending.Value.class);
        assertThat(job.endings().get(4L)).isEqualTo(new Ending.Scalar('c'));
    }

    @Test
    void results_ofALostWorker_areIgnored() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.runUnsent(1, 1);
        Casualty casualty = fixture.scheduler.lost(worker.lane(), null);

        worker.flush();

        assertThat(job.endings()).isEmpty();
        fixture.fail(casualty);
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.WORKER_LOST);
        fixture.assertAllEnded(0, 1, 0);
    }

    // ---- what observers hear --------------------------------------------------------------------------------------

    @Test
    void observed_everyItem_isQueuedStartedAndDoneOnce() throws Exception {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);
        assertThat(fixture.events.take()).containsExactly("queued 1/0", "queued 1/1", "started 1/0 on worker=0");

        worker.run(1, 1);
        assertThat(fixture.events.take()).containsExactly("done 1/0 SUCCESS", "started 1/1 on worker=0");
        worker.run(1, 1);
        assertThat(fixture.events.take()).containsExactly("done 1/1 SUCCESS");
    }

    @Test
    void observed_severalEndTogether_eachHasStartedBefore() throws Exception {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        fixture.events.take();

        worker.run(3, 1);

        assertThat(fixture.events.take())
                .containsExactly(
                        "done 1/0 SUCCESS",
                        "started 1/1 on worker=0",
                        "done 1/1 SUCCESS",
                        "started 1/2 on worker=0",
                        "done 1/2 SUCCESS");
    }

    @Test
    void progress_ofTheRunningItem_isPassedOn() throws Exception {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.run(1, 1);
        fixture.events.take();

        fixture.scheduler.progress(worker.lane(), new Message.Progress(1, 1, 3, 10));

        assertThat(job.progress()).containsExactly("1: 3/10");
        assertThat(fixture.events.take()).containsExactly("progress 1/1 3/10");
    }

    @Test
    void progress_ofSomethingElse_isIgnored() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);
        worker.run(1, 1);

        fixture.scheduler.progress(worker.lane(), new Message.Progress(99, 0, 1, 1));
        fixture.scheduler.progress(worker.lane(), new Message.Progress(1, 2, 1, 1));
        fixture.scheduler.progress(worker.lane(), new Message.Progress(1, Integer.MAX_VALUE, 1, 1));

        assertThat(job.progress()).isEmpty();
    }

    /** It goes on in the worker, though everybody has heard of its end. */
    @Test
    void progress_ofAnItemThatHasTimedOut_isIgnored() {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        Duration timeout = Duration.ofSeconds(1);
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(timeout));
        worker.begin();
        fixture.advance(timeout);
        worker.sendStack("cafe");
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        fixture.events.take();

        fixture.scheduler.progress(worker.lane(), new Message.Progress(1, 0, 3, 10));

        assertThat(job.progress()).isEmpty();
        assertThat(fixture.events.take()).isEmpty();
    }

    @Test
    void progress_ofAJobThatIsOver_isIgnored() {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);
        worker.begin();
        fixture.scheduler.close(job);
        fixture.events.take();

        fixture.scheduler.progress(worker.lane(), new Message.Progress(1, 0, 3, 10));

        assertThat(job.progress()).isEmpty();
        assertThat(fixture.events.take()).isEmpty();
    }

    @Test
    void idleness_tracked_isToldAtEachEnd() throws Exception {
        fixture.events.tracksIdleness = true;
        FakeWorker worker = fixture.worker();
        fixture.submit();

        worker.run(1, 1);

        assertThat(fixture.events.take()).containsExactly("idle worker=0", "drained");
    }
}
