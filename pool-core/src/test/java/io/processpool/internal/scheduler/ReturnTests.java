package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.TaskOutcome;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Items that were sent and are taken back before they begin. */
@Timeout(60)
class ReturnTests {

    private static final Duration QUICK = Duration.ofNanos(100_000);
    private static final Duration HOUR = Duration.ofHours(1);

    private final SchedulerFixture fixture = new SchedulerFixture();

    private static List<Message> recalls(FakeWorker worker) {
        return worker.messages().stream()
                .filter(Message.Recall.class::isInstance)
                .toList();
    }

    // ---- drain ----------------------------------------------------------------------------------------------------

    @Test
    void drain_idleWorker_isDoneAtOnce() {
        FakeWorker worker = fixture.worker();

        assertThat(fixture.scheduler.drain(worker.lane())).isTrue();

        fixture.submit();
        assertThat(worker.waiting()).isEmpty();
        assertThat(fixture.figures().queued()).isEqualTo(1);
    }

    @Test
    void drain_busyWorker_finishesWhatItRunsAndGivesBackTheRestInOrder() throws Exception {
        FakeWorker leaving = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        leaving.run(1, 1_000_000_000);
        leaving.begin();

        assertThat(fixture.scheduler.drain(leaving.lane())).isFalse();
        assertThat(recalls(leaving)).containsExactly(new Message.Recall(1));
        leaving.answerRecalls();
        assertThat(fixture.figures().queued()).isEqualTo(3);
        FakeWorker successor = fixture.worker();

        assertThat(successor.runAll(1_000_000_000)).containsExactly("1/2", "1/3", "1/4");
        assertThat(fixture.events.take()).doesNotContain("idle worker=0");
        leaving.end(io.processpool.internal.wire.ItemStatus.VALUE, 1);
        leaving.flush();
        assertThat(fixture.events.take()).containsExactly("idle worker=0");
        assertThat(job.endings()).hasSize(5);
        fixture.assertAllEnded(5, 0, 0);
    }

    @Test
    void drain_batchesAhead_areAllRecalledAndKeepTheirOrder() throws Exception {
        FakeWorker leaving = fixture.worker();
        fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), 100);
        List<String> sent = leaving.waiting();
        assertThat(sent).hasSize(20);
        leaving.begin();

        fixture.scheduler.drain(leaving.lane());
        leaving.answerRecalls();
        FakeWorker successor = fixture.worker();

        List<String> expected = new ArrayList<>();
        for (int i = 1; i < 100; i++) {
            expected.add("1/" + i);
        }
        assertThat(successor.runAll(100_000)).containsExactlyElementsOf(expected);
    }

    @Test
    void drain_workerHasRunEverythingMeanwhile_nothingRunsTwice() throws Exception {
        FakeWorker leaving = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        leaving.runUnsent(3, 1);
        fixture.scheduler.drain(leaving.lane());

        leaving.answerRecalls();
        leaving.flush();
        FakeWorker successor = fixture.worker();

        assertThat(successor.waiting()).isEmpty();
        assertThat(job.endings()).hasSize(3);
        fixture.assertAllEnded(3, 0, 0);
    }

    @Test
    void drain_singleRunningItem_isNotRecalled() {
        FakeWorker worker = fixture.worker();
        fixture.submit();
        worker.begin();

        fixture.scheduler.drain(worker.lane());

        assertThat(recalls(worker)).isEmpty();
    }

    @Test
    void drain_twice_recallsOnce() {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);

        fixture.scheduler.drain(worker.lane());
        fixture.scheduler.drain(worker.lane());

        assertThat(recalls(worker)).hasSize(1);
    }

    // ---- what comes back ------------------------------------------------------------------------------------------

    @Test
    void returned_part_goesToAnIdleWorker() throws Exception {
        FakeWorker stuck = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        stuck.run(1, 1);
        stuck.begin();
        FakeWorker idle = fixture.worker();

        asked(stuck, 1);
        fixture.scheduler.returned(stuck.lane(), new Message.Returned(1, 2));

        assertThat(idle.runAll(1_000_000_000)).containsExactly("1/2", "1/3");
        assertThat(job.order()).containsExactly(0L, 2L, 3L);
        assertThat(fixture.figures().active()).isEqualTo(1);
    }

    @Test
    void returned_goesAheadOfWhatCameLater() throws Exception {
        FakeWorker leaving = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        leaving.begin();
        fixture.submit();
        fixture.scheduler.drain(leaving.lane());
        leaving.answerRecalls();

        FakeWorker successor = fixture.worker();

        assertThat(successor.runAll(1_000_000_000)).containsExactly("1/1", "1/2", "2/0");
    }

    @Test
    void returned_nothing_changesNothing() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);
        worker.runUnsent(1, 1);
        worker.begin();

        asked(worker, 1);
        fixture.scheduler.returned(worker.lane(), new Message.Returned(1, 2));

        assertThat(fixture.figures().active()).isEqualTo(2);
        worker.end(io.processpool.internal.wire.ItemStatus.VALUE, 1);
        worker.flush();
        fixture.assertAllEnded(2, 0, 0);
    }

    @Test
    void returned_wholeBatch_freesTheWorker() throws Exception {
        fixture.events.tracksIdleness = true;
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        fixture.scheduler.drain(worker.lane());

        worker.answerRecalls();

        assertThat(fixture.figures().queued()).isEqualTo(3);
        assertThat(fixture.figures().active()).isZero();
        assertThat(fixture.events.take()).contains("idle worker=0", "work waits");
        fixture.worker().runAll(1);
        assertThat(job.endings()).hasSize(3);
    }

    /** As if the pool had asked for what the worker has not begun. */
    private static void asked(FakeWorker worker, int batch) {
        Objects.requireNonNull(worker.lane().find(batch)).recallSent = true;
    }

    @Test
    void returned_unasked_isRefused() {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.returned(worker.lane(), new Message.Returned(1, 0)))
                .withMessageContaining("unasked");
        assertThat(fixture.figures().active()).isEqualTo(3);
    }

    @Test
    void returned_unknownBatch_isIgnored() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.submit();

        fixture.scheduler.returned(worker.lane(), new Message.Returned(99, 0));

        assertThat(fixture.figures().active()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0", "4", "2147483647"})
    void returned_outOfBounds_isRefused(int from) throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.run(1, 1);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.returned(worker.lane(), new Message.Returned(1, from)))
                .withMessageContaining("items from " + from);
        assertThat(fixture.figures().active()).isEqualTo(2);
    }

    @Test
    void returned_moreThanOnce_theSecondTimeIsRefusedOrIgnored() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        worker.begin();
        fixture.scheduler.drain(worker.lane());
        worker.answerRecalls();

        fixture.scheduler.returned(worker.lane(), new Message.Returned(1, 1));
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> fixture.scheduler.returned(worker.lane(), new Message.Returned(1, 3)));

        assertThat(fixture.figures().queued()).isEqualTo(3);
        worker.end(io.processpool.internal.wire.ItemStatus.VALUE, 1);
        worker.flush();
        fixture.worker().runAll(1);
        assertThat(job.endings()).hasSize(4);
        fixture.assertAllEnded(4, 0, 0);
    }

    @Test
    void returned_fromALostWorker_isIgnored() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.begin();
        fixture.scheduler.lost(worker.lane(), worker.contents());

        fixture.scheduler.returned(worker.lane(), new Message.Returned(1, 1));

        assertThat(fixture.figures().queued()).isEqualTo(2);
        fixture.worker().runAll(1);
        assertThat(job.order()).containsExactly(1L, 2L);
    }

    @Test
    void returned_ofACancelledJob_countsEachItemOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 10);
        fixture.cancel(job, false);

        worker.answerRecalls();

        fixture.assertAllEnded(0, 0, 10);
    }

    /** Its end was told by the time-out; the worker just had not come to it. */
    @Test
    void returned_timedOutItem_isNotRunAgain() throws Exception {
        FakeWorker stuck = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 3);
        fixture.advance(Duration.ofSeconds(1));
        fixture.advance(Duration.ofMillis(500));
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        fixture.scheduler.drain(stuck.lane());

        stuck.answerRecalls();
        FakeWorker successor = fixture.worker();

        assertThat(successor.runAll(1)).containsExactly("1/1", "1/2");
        assertThat(job.endings()).hasSize(3);
        fixture.assertAllEnded(2, 1, 0);
    }

    /** It has not begun, so it is nowhere; whoever waits for the stack would miss the time-out of what the lane gets next. */
    @Test
    void returned_timedOutItemWhoseStackIsAwaited_endsAtOnce() throws Exception {
        FakeWorker stuck = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 2);
        fixture.advance(Duration.ofSeconds(1));
        assertThat(job.endings()).as("waits for the stack").isEmpty();

        stuck.answerRecalls();

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(job.order()).containsExactly(0L);
        assertThat(stuck.waiting()).containsExactly("1/1");
    }

    @Test
    void returned_timedOutItemAndTheNextTimesOutSoon_bothEnd() throws Exception {
        FakeWorker slow = fixture.worker();
        Duration timeout = Duration.ofMillis(100); // less than a stack is awaited
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(timeout), 2);
        fixture.advance(timeout);
        slow.answerRecalls();
        slow.begin();

        fixture.advance(timeout);
        slow.sendStack("cafe");
        fixture.advance(Duration.ofMinutes(1));

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(job.outcome(1)).isEqualTo(TaskOutcome.TIMEOUT);
        fixture.assertAllEnded(0, 2, 0);
    }

    @Test
    void returned_whatIsBehindATimedOutItem_itsStackIsStillAwaited() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 2);
        worker.begin();
        fixture.advance(Duration.ofSeconds(1));

        worker.answerRecalls();
        assertThat(job.endings()).isEmpty();
        worker.sendStack("cafe");

        Ending.Failed failed = (Ending.Failed) job.endings().get(0L);
        assertThat(failed.error().get()).hasRootCauseMessage("cafe");
    }

    @Test
    void returned_whatRuns_theNextBatchBeginsAnew() throws Exception {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        FunctionRef quick = fixture.function(QUICK);
        RecordedJob first = fixture.feed(quick, SchedulerFixture.timeout(HOUR), 2);
        RecordedJob second = fixture.feed(quick, SchedulerFixture.timeout(HOUR), 2);
        fixture.events.take();
        fixture.advance(HOUR.minusSeconds(1));

        asked(worker, 1);
        fixture.scheduler.returned(worker.lane(), new Message.Returned(1, 0));
        fixture.scheduler.drain(worker.lane());

        assertThat(fixture.events.take())
                .as("the first item of the second job runs now")
                .contains("started 2/0 on worker=0");
        fixture.advance(Duration.ofSeconds(2));
        assertThat(second.endings()).as("its time-out counts from now").isEmpty();
        fixture.advance(HOUR);
        assertThat(second.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(first.endings()).isEmpty();
    }

    // ---- balance --------------------------------------------------------------------------------------------------

    @Test
    void rebalance_oneStuckAndOneIdle_movesWhatHasNotBegun() throws Exception {
        FakeWorker stuck = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        stuck.begin();
        FakeWorker idle = fixture.worker();

        fixture.advance(Duration.ofMillis(3));
        assertThat(recalls(stuck)).containsExactly(new Message.Recall(1));
        stuck.answerRecalls();

        assertThat(idle.runAll(1_000_000_000)).containsExactly("1/1", "1/2", "1/3");
        assertThat(job.order()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void rebalance_workerPassesOnWhatItShouldRun_anotherGetsIt() throws Exception {
        FakeWorker passing = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        passing.hear();
        FakeWorker other = fixture.worker();
        fixture.advance(Duration.ofMillis(3));

        passing.answerRecalls(); // before it has begun anything

        assertThat(other.waiting()).containsExactly("1/0");
        assertThat(passing.waiting()).containsExactly("1/1");
    }

    @Test
    void rebalance_workersPassOnForEver_theItemTimesOutAllTheSame() throws Exception {
        FakeWorker one = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 2);
        FakeWorker other = fixture.worker();

        for (int i = 0; i < 1000; i++) {
            fixture.advance(Duration.ofMillis(3));
            one.answerRecalls();
            other.answerRecalls();
        }

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(job.outcome(1)).isEqualTo(TaskOutcome.TIMEOUT);
    }

    @Test
    void returned_whatHasTimedOutAfterItsGrace_killsNobody() throws Exception {
        SchedulerFixture impatient = SchedulerFixture.withGrace(Duration.ofMillis(10));
        FakeWorker worker = impatient.worker();
        RecordedJob job =
                impatient.feedWhole(impatient.function(), SchedulerFixture.timeout(Duration.ofMillis(100)), 2);
        worker.hear();
        impatient.advance(Duration.ofMillis(150)); // timed out, and the grace is over

        worker.answerRecalls(); // before it has begun anything

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(impatient.events.take()).noneMatch(event -> event.startsWith("kill"));
    }

    @Test
    void recall_notAnswered_isOwedUntilItIs() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.begin();
        long later = System.nanoTime() + Duration.ofHours(1).toNanos();
        assertThat(worker.lane().owesFor(later)).isZero();

        fixture.scheduler.drain(worker.lane());
        assertThat(worker.lane().owesFor(later))
                .isBetween(Duration.ofMinutes(59).toNanos(), Duration.ofHours(1).toNanos());
        worker.lane().excuse(later);
        assertThat(worker.lane().owesFor(later)).isZero();
        worker.answerRecalls();

        assertThat(worker.lane().owesFor(Long.MAX_VALUE)).isZero();
    }

    @Test
    void rebalance_workerThatGetsOn_isLeftAlone() throws Exception {
        FakeWorker busy = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 100);
        fixture.worker();

        for (int i = 0; i < 50; i++) {
            fixture.advance(Duration.ofMillis(1));
            busy.run(1, 1_000_000);
        }

        assertThat(recalls(busy)).isEmpty();
    }

    @Test
    void rebalance_workerGetsStuckLater_isNoticed() throws Exception {
        FakeWorker busy = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 100);
        fixture.worker();
        for (int i = 0; i < 20; i++) {
            fixture.advance(Duration.ofMillis(1));
            busy.run(1, 1_000_000);
        }
        busy.begin();

        fixture.advance(Duration.ofMillis(10));

        assertThat(recalls(busy)).hasSize(1);
    }

    @Test
    void rebalance_nobodyIsIdle_doesNothing() {
        FakeWorker one = fixture.worker();
        FakeWorker other = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);

        fixture.advance(Duration.ofMinutes(1));

        assertThat(recalls(one)).isEmpty();
        assertThat(recalls(other)).isEmpty();
    }

    @Test
    void rebalance_workersHaveOneItemEach_doesNothing() {
        FakeWorker one = fixture.worker();
        fixture.submit();
        fixture.worker();

        fixture.advance(Duration.ofMinutes(1));

        assertThat(recalls(one)).isEmpty();
        assertThat(fixture.timer.pending()).as("nothing polls").isEmpty();
    }

    @Test
    void rebalance_allHasMoved_leavesNoTimerBehind() throws Exception {
        FakeWorker stuck = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        stuck.begin();
        FakeWorker idle = fixture.worker();
        fixture.advance(Duration.ofMillis(3));
        stuck.answerRecalls();
        idle.runAll(1);

        fixture.advance(Duration.ofMinutes(1));

        assertThat(fixture.timer.pending()).isEmpty();
    }
}
