package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.Records;
import io.processpool.internal.wire.ResultRecord;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many results in one record count as those of each item. */
@Timeout(60)
class RunTests {

    private static final ValueCodec CODEC = new ValueCodec(null);

    private final SchedulerFixture fixture = new SchedulerFixture();
    private final FakeWorker worker = fixture.worker();

    private static Bytes values(int... values) {
        BytesOut out = new BytesOut();
        for (int value : values) {
            CODEC.encode(value, out, "value");
        }
        return out.take();
    }

    private void run(int index, int... values) throws ProtocolException {
        fixture.scheduler.results(
                worker.lane(), Records.of(worker.batch(), index, ItemStatus.RUN, values.length, values(values)));
    }

    private static Object value(RecordedJob job, long index) {
        return ((Ending.Scalar) job.endings().get(index)).value();
    }

    @Test
    void run_ofAWholeBatch_endsItsItemsInOrder() throws Exception {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);

        run(0, 5, 6, 7);

        assertThat(job.order()).containsExactly(0L, 1L, 2L);
        assertThat(value(job, 2)).isEqualTo(7);
        fixture.scheduler.close(job);
        fixture.assertAllEnded(3, 0, 0);
    }

    @Test
    void run_severalOfABatch_goOnWhereTheLastOneEnded() throws Exception {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);

        run(0, 5, 6);
        run(2, 7);
        assertThat(fixture.figures().active()).isEqualTo(2);
        run(3, 8, 9);

        assertThat(job.order()).containsExactly(0L, 1L, 2L, 3L, 4L);
        fixture.scheduler.close(job);
        fixture.assertAllEnded(5, 0, 0);
    }

    // What is at the wrong place, too much, or nothing at all
    @ParameterizedTest
    @ValueSource(strings = {"1:1", "0:6", "0:0"})
    void run_thatCannotBe_isNonsense(String what) {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        int index = Integer.parseInt(what.substring(0, 1));
        int count = Integer.parseInt(what.substring(2));

        assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> run(index, new int[count]));

        assertThat(job.endings()).isEmpty();
    }

    @Test
    void run_noScalars_isNonsense() {
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(
                        worker.lane(), Records.of(worker.batch(), 0, ItemStatus.RUN, 1, Bytes.of(new byte[] {99}))));
    }

    @Test
    void run_moreBytesThanTheItemsCanHave_isRefusedUnread() {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        Bytes tooMany = Bytes.of(new byte[5 * ValueCodec.MAX_SCALAR + 1]);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(
                        worker.lane(), Records.of(worker.batch(), 0, ItemStatus.RUN, 1, tooMany)))
                .withMessageStartingWith("56 bytes of results from item 0");
        assertThat(job.endings()).isEmpty();
    }

    @Test
    void run_negativeLength_isNonsense() {
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        BytesOut out = new BytesOut();
        ResultRecord.writeHead(out, worker.batch(), 0, ItemStatus.RUN, 1, -1);
        out.write(values(1));

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.results(worker.lane(), out.take()));
    }

    @Test
    void run_tookForEver_countsAsADayAtTheMost() throws Exception {
        fixture.events.observed = true;
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        int batch = worker.batch();

        fixture.scheduler.results(worker.lane(), Records.of(batch, 0, ItemStatus.RUN, Long.MAX_VALUE, values(5)));
        ResultRecord recorded = new ResultRecord(batch, 0, ItemStatus.RUN, Long.MAX_VALUE, values(5, 6));
        fixture.scheduler.lost(worker.lane(), new FlightRecorder.Contents(true, batch, 2, List.of(recorded)));

        assertThat(job.order()).containsExactly(0L, 1L); // the observer has looked at how long they took
    }

    @Test
    void lost_theRecorderHasMoreBytesThanTheItemsCanHave_countsNone() {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);
        int batch = worker.batch();
        Bytes tooMany = Bytes.of(new byte[2 * ValueCodec.MAX_SCALAR + 1]); // each a null
        ResultRecord recorded = new ResultRecord(batch, 0, ItemStatus.RUN, 0, tooMany);

        fixture.scheduler.lost(worker.lane(), new FlightRecorder.Contents(true, batch, 0, List.of(recorded)));

        assertThat(job.endings()).isEmpty();
    }

    @Test
    void run_somebodyObserves_isToldItemByItem() throws Exception {
        fixture.events.observed = true;
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        fixture.events.take();

        run(0, 5, 6, 7);

        assertThat(fixture.events.take().stream().filter(event -> event.startsWith("done")))
                .hasSize(3);
        assertThat(job.order()).containsExactly(0L, 1L, 2L);
    }

    @Test
    void run_ofACancelledJob_isNotTold() throws Exception {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        fixture.cancel(job, false);

        run(0, 5, 6, 7);

        assertThat(job.endings()).isEmpty();
        fixture.assertAllEnded(0, 0, 3);
    }

    // Two of the three had arrived, the worker died in the fifth.
    @Test
    void lost_theRecorderHasARun_countsEachItemOnceAndTheRestRunsElsewhere() throws Exception {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 6);
        int batch = worker.batch();
        run(0, 5, 6);
        ResultRecord recorded = new ResultRecord(batch, 0, ItemStatus.RUN, 0, values(5, 6, 7, 8));

        Casualty casualty =
                fixture.scheduler.lost(worker.lane(), new FlightRecorder.Contents(true, batch, 4, List.of(recorded)));

        assertThat(job.order()).containsExactly(0L, 1L, 2L, 3L);
        assertThat(value(job, 3)).isEqualTo(8);
        assertThat(casualty).isNotNull();
        assertThat(casualty.describe()).contains("item 4");
        assertThat(fixture.worker().waiting()).hasSize(1);
        assertThat(job.outcome(2)).isEqualTo(TaskOutcome.SUCCESS);
    }
}
