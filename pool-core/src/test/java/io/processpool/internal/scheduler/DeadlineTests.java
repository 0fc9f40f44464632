package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskOutcome;
import io.processpool.TaskTimeoutException;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Time-outs, the stack that belongs to them, and the log of slow tasks. */
@Timeout(60)
class DeadlineTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration STACK_WAIT = Duration.ofMillis(500);
    private static final Duration QUICK = Duration.ofNanos(100_000);

    private SchedulerFixture fixture = new SchedulerFixture();

    private List<String> told(String what) {
        return fixture.events.take().stream()
                .filter(event -> event.startsWith(what))
                .toList();
    }

    private static List<Message> stackRequests(FakeWorker worker) {
        return worker.messages().stream()
                .filter(Message.StackRequest.class::isInstance)
                .toList();
    }

    private static TaskTimeoutException timeout(RecordedJob job, long index) {
        Ending.Failed failed = (Ending.Failed) job.endings().get(index);
        assertThat(failed.outcome()).isEqualTo(TaskOutcome.TIMEOUT);
        return (TaskTimeoutException) failed.error().get();
    }

    // ---- time-outs ------------------------------------------------------------------------------------------------

    @Test
    void timeout_notReached_nothingHappens() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(Duration.ofMinutes(1)));
        worker.begin();

        fixture.advance(Duration.ofSeconds(59));

        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();
        fixture.advance(Duration.ofHours(1));
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(told("kill")).isEmpty();
        assertThat(fixture.timer.pending()).isEmpty();
    }

    @Test
    void timeout_none_setsNoTimer() {
        fixture.worker();
        fixture.submit();

        assertThat(fixture.timer.pending()).isEmpty();
    }

    @Test
    void timeout_reached_stopsTheItemAndEndsItWithItsStack() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();

        fixture.advance(SECOND);
        assertThat(worker.messages()).contains(new Message.Cancel(1, 0));
        assertThat(job.endings()).as("waits for the stack").isEmpty();
        assertThat(fixture.figures().active()).isEqualTo(1);
        worker.sendStack("cafe");

        fixture.assertAllEnded(0, 1, 0); // though the worker still runs it
        assertThat(timeout(job, 0))
                .hasMessage("task 1 'job' timed out (worker=0)")
                .hasRootCauseMessage("cafe");
        assertThat(timeout(job, 0)).isNotSameAs(timeout(job, 0));
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        fixture.advance(Duration.ofMinutes(1));
        assertThat(told("kill")).isEmpty();
        fixture.assertAllEnded(0, 1, 0);
    }

    @Test
    void timeout_itemIsStillOnItsWay_countsFromItsArrival() {
        FakeWorker worker = fixture.worker();
        worker.channel().clog(true);
        RecordedJob job = fixture.submitLarge(SchedulerFixture.timeout(Duration.ofSeconds(60)));
        assertThat(worker.messages()).anyMatch(message -> message instanceof Message.Tasks t && t.tellsStart());

        fixture.advance(Duration.ofMinutes(10));
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);
        worker.channel().clog(false);
        worker.begin();
        fixture.scheduler.started(worker.lane(), new Message.Started(1, 0));
        fixture.advance(Duration.ofSeconds(40));
        fixture.scheduler.started(worker.lane(), new Message.Started(1, 0)); // it is decoded
        fixture.advance(Duration.ofSeconds(40));
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);

        fixture.advance(Duration.ofSeconds(20));

        assertThat(worker.messages()).contains(new Message.Cancel(1, 0));
        worker.sendStack("cafe");
        assertThat(timeout(job, 0)).hasRootCauseMessage("cafe");
    }

    /** It was stopped with SIGSTOP, say. What the worker has sent meanwhile is read first. */
    @Test
    void timeout_passesWhileThisProcessDoesNotRun_resultThatHasComeMeanwhileCounts() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();

        fixture.freeze(Duration.ofMinutes(1));
        fixture.advance(SECOND);
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        fixture.advance(Duration.ofMinutes(1));
        fixture.assertAllEnded(1, 0, 0);
        assertThat(told("kill")).isEmpty();
    }

    @Test
    void timeout_passesWhileThisProcessDoesNotRunAndTheItemGoesOn_isStoppedAMomentLater() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();

        fixture.freeze(Duration.ofMinutes(1));
        fixture.advance(SECOND);
        fixture.freeze(Duration.ofMinutes(1)); // put off once, not for ever
        fixture.advance(Duration.ofMillis(250));

        assertThat(worker.messages()).contains(new Message.Cancel(1, 0));
        worker.sendStack("cafe");
        assertThat(timeout(job, 0)).hasRootCauseMessage("cafe");
    }

    /** What has left is there after half a minute, whether the worker tells or not; from then on its time counts. */
    @Test
    void timeout_workerNeverTellsThatALargeItemHasArrived_holdsAllTheSame() {
        FakeWorker worker = fixture.worker();
        worker.channel().clog(true);
        RecordedJob job = fixture.submitLarge(SchedulerFixture.timeout(SECOND));
        worker.begin();
        fixture.advance(Duration.ofMinutes(10));
        worker.channel().clog(false);

        fixture.advance(Duration.ofSeconds(30)); // seen to have left, within this time
        fixture.advance(Duration.ofSeconds(29));
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);
        fixture.advance(Duration.ofSeconds(3));

        assertThat(worker.messages()).contains(new Message.Cancel(1, 0));
        assertThat(timeout(job, 0)).hasNoCause(); // nor does it tell where it is
    }

    @Test
    void timeout_workerTellsLateThatALargeItemHasArrived_countsFromThen() {
        FakeWorker worker = fixture.worker();
        fixture.submitLarge(SchedulerFixture.timeout(Duration.ofSeconds(60)));
        worker.begin();
        fixture.advance(Duration.ofSeconds(90));

        fixture.scheduler.started(worker.lane(), new Message.Started(1, 0));
        fixture.advance(Duration.ofSeconds(59));
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);
        fixture.advance(SECOND);

        assertThat(worker.messages()).contains(new Message.Cancel(1, 0));
    }

    @Test
    void started_itemHasEndedOrIsUnknown_changesNothing() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.submitLarge(SchedulerFixture.timeout(SECOND));
        worker.run(1, 1);

        fixture.scheduler.started(worker.lane(), new Message.Started(1, 0));
        fixture.scheduler.started(worker.lane(), new Message.Started(7, 3));

        fixture.advance(Duration.ofMinutes(1));
        assertThat(told("kill")).isEmpty();
        fixture.assertAllEnded(1, 0, 0);
    }

    @Test
    void timeout_none_largeItemDoesNotTellItsStart() {
        FakeWorker worker = fixture.worker();

        fixture.submitLarge(SchedulerFixture.settings());

        assertThat(worker.messages()).noneMatch(message -> message instanceof Message.Tasks t && t.tellsStart());
    }

    @Test
    void timeout_stackIsLate_endsWithoutIt() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();
        fixture.advance(SECOND);

        fixture.advance(STACK_WAIT.minusMillis(1));
        assertThat(job.endings()).isEmpty();
        fixture.advance(Duration.ofMillis(1));

        assertThat(timeout(job, 0)).hasNoCause();
        worker.sendStack("cafe");
        assertThat(job.endings()).hasSize(1);
        assertThat(fixture.figures().failed()).isEqualTo(1);
    }

    @Test
    void timeout_resultArrivesBeforeTheStack_isATimeOutAllTheSame() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();
        fixture.advance(SECOND);

        worker.end(ItemStatus.VALUE, 1);
        worker.flush();

        assertThat(timeout(job, 0)).hasNoCause();
        fixture.advance(Duration.ofMinutes(1));
        assertThat(job.endings()).hasSize(1);
        fixture.assertAllEnded(0, 1, 0);
    }

    @Test
    void timeout_ignored_killsTheWorkerAfterTheGracePeriod() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(SECOND), 3);
        worker.begin();
        fixture.advance(SECOND);

        fixture.advance(SchedulerFixture.GRACE);

        assertThat(told("kill"))
                .containsExactly(
                        "kill worker=0: item 0 of task 1 'job' timed out and did not end within cancelGrace=PT2S");
        assertThat(worker.die()).isNull();
        assertThat(fixture.figures().queued()).isEqualTo(2);
        assertThat(job.order()).containsExactly(0L);
    }

    /** A worker that is killed can tell no stack. */
    @ParameterizedTest
    @ValueSource(longs = {0, 100})
    void timeout_graceIsShorterThanTheStackTakes_isKilledWithTheStack(long graceMillis) {
        fixture = SchedulerFixture.withGrace(Duration.ofMillis(graceMillis));
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();
        fixture.advance(SECOND);
        fixture.advance(Duration.ofMillis(400));
        assertThat(told("kill")).as("the stack is awaited").isEmpty();

        worker.sendStack("cafe");

        assertThat(timeout(job, 0)).hasRootCauseMessage("cafe");
        assertThat(told("kill")).hasSize(1);
        fixture.advance(Duration.ofMinutes(1));
        assertThat(told("kill")).isEmpty();
    }

    @Test
    void timeout_graceIsShortAndTheStackDoesNotCome_isKilledAllTheSame() {
        fixture = SchedulerFixture.withGrace(Duration.ZERO);
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();
        fixture.advance(SECOND);

        fixture.advance(STACK_WAIT);

        assertThat(timeout(job, 0)).hasNoCause();
        assertThat(told("kill")).hasSize(1);
    }

    @Test
    void timeout_itemEndsWhileItsStackIsAwaitedAfterTheGrace_workerLives() throws Exception {
        fixture = SchedulerFixture.withGrace(Duration.ZERO);
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(SECOND), 2);
        worker.begin();
        fixture.advance(SECOND);
        fixture.advance(Duration.ofMillis(100));

        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        fixture.advance(STACK_WAIT);

        assertThat(told("kill")).isEmpty();
    }

    @Test
    void timeout_workerIsLostInTheGracePeriod_isNotKilledAgain() {
        FakeWorker worker = fixture.worker();
        fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();
        fixture.advance(SECOND);
        worker.die();

        fixture.advance(Duration.ofMinutes(1));

        assertThat(told("kill")).isEmpty();
    }

    @Test
    void timeout_nextItemOfTheBatch_hasAllItsTime() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(10)), 3);
        for (int i = 0; i < 2; i++) {
            fixture.advance(Duration.ofSeconds(9));
            worker.run(1, 9_000_000_000L);
        }
        worker.begin();
        fixture.advance(Duration.ofSeconds(9));
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);

        fixture.advance(SECOND);

        assertThat(worker.messages()).contains(new Message.Cancel(1, 2));
        worker.sendStack("00");
        assertThat(job.order()).containsExactly(0L, 1L, 2L);
        assertThat(job.outcome(2)).isEqualTo(TaskOutcome.TIMEOUT);
    }

    @Test
    void timeout_severalItemsInARow_eachIsStopped() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(SECOND), 3);
        for (int i = 0; i < 3; i++) {
            worker.begin();
            fixture.advance(SECOND);
            worker.sendStack("0" + i);
            worker.end(ItemStatus.THREW, 1);
            worker.flush();
            assertThat(timeout(job, i)).hasRootCauseMessage("0" + i);
        }
        fixture.advance(Duration.ofMinutes(1));
        assertThat(told("kill")).isEmpty();
        fixture.assertAllEnded(0, 3, 0);
    }

    @Test
    void timeout_ofAJobBehindAnotherWithoutOne_countsFromItsOwnStart() throws Exception {
        FunctionRef quick = fixture.function(QUICK);
        FakeWorker worker = fixture.worker();
        fixture.feed(quick, SchedulerFixture.settings(), 2);
        RecordedJob job = fixture.feed(quick, SchedulerFixture.timeout(SECOND), 2);
        fixture.advance(Duration.ofSeconds(10));
        assertThat(job.endings()).isEmpty();
        worker.run(2, 100_000);
        worker.begin();

        fixture.advance(SECOND.minusMillis(10));
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);
        fixture.advance(Duration.ofMillis(10));

        assertThat(worker.messages()).contains(new Message.Cancel(2, 0));
    }

    @Test
    void timeout_shortOneBehindALongOne_isMetInTime() throws Exception {
        FunctionRef quick = fixture.function(QUICK);
        FakeWorker worker = fixture.worker();
        fixture.feed(quick, SchedulerFixture.timeout(Duration.ofHours(1)), 1);
        fixture.feed(quick, SchedulerFixture.timeout(SECOND), 1);
        worker.run(1, 100_000);
        worker.begin();

        fixture.advance(SECOND);

        assertThat(worker.messages()).contains(new Message.Cancel(2, 0));
    }

    @Test
    void timeout_manyQuickItems_costOneTimer() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feed(fixture.function(QUICK), SchedulerFixture.timeout(Duration.ofMinutes(1)), 1000);

        for (int i = 0; i < 500; i++) {
            worker.run(1, 100_000);
            assertThat(fixture.timer.pending().stream().filter(delay -> delay.compareTo(SECOND) > 0))
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    // ---- stacks that nobody waits for -----------------------------------------------------------------------------

    /** A worker answers every cancel with a stack. */
    @Test
    void stack_ofACancelledItem_isNotLogged() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();
        fixture.cancel(job, true);

        worker.sendStack("cafe");

        assertThat(told("slow")).isEmpty();
    }

    @Test
    void stack_tooLateForTheTimeOut_isNotLogged() {
        FakeWorker worker = fixture.worker();
        fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();
        fixture.advance(SECOND);
        fixture.advance(STACK_WAIT);

        worker.sendStack("cafe");

        assertThat(told("slow")).isEmpty();
    }

    @Test
    void stack_ofAnItemThatHasEnded_isIgnored() throws Exception {
        fixture = SchedulerFixture.withSlowThreshold(SECOND);
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);
        worker.begin();
        fixture.advance(SECOND);
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();

        fixture.scheduler.stack(
                worker.lane(), new Message.Stack(1, 0, io.processpool.internal.bytes.Bytes.of(new byte[1])));
        fixture.scheduler.stack(
                worker.lane(), new Message.Stack(9, 9, io.processpool.internal.bytes.Bytes.of(new byte[1])));

        assertThat(told("slow")).isEmpty();
        assertThat(job.order()).containsExactly(0L);
    }

    // ---- the log of slow tasks ------------------------------------------------------------------------------------

    @Test
    void slow_aboveTheThreshold_isLoggedOnceWithItsStack() throws Exception {
        fixture = SchedulerFixture.withSlowThreshold(SECOND);
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();

        fixture.advance(SECOND);
        assertThat(stackRequests(worker)).containsExactly(new Message.StackRequest(1, 0));
        worker.sendStack("cafe");
        assertThat(told("slow")).containsExactly("slow 1/0 at cafe");

        fixture.advance(Duration.ofHours(1));
        assertThat(stackRequests(worker)).isEmpty();
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(fixture.timer.pending()).isEmpty();
    }

    @Test
    void slow_belowTheThreshold_isNotAskedFor() throws Exception {
        fixture = SchedulerFixture.withSlowThreshold(Duration.ofSeconds(60));
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);

        for (int i = 0; i < 5; i++) {
            fixture.advance(Duration.ofSeconds(40)); // the test itself takes time, too
            worker.run(1, 1);
        }

        assertThat(stackRequests(worker)).isEmpty();
    }

    @Test
    void slow_eachItem_isLoggedForItself() throws Exception {
        fixture = SchedulerFixture.withSlowThreshold(SECOND);
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);

        for (int i = 0; i < 2; i++) {
            worker.begin();
            fixture.advance(SECOND);
            worker.sendStack("0" + i);
            worker.end(ItemStatus.VALUE, 1);
            worker.flush();
        }

        assertThat(told("slow")).containsExactly("slow 1/0 at 00", "slow 1/1 at 01");
    }

    @Test
    void slow_andThenTimedOut_isBoth() throws Exception {
        fixture = SchedulerFixture.withSlowThreshold(SECOND);
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(5)));
        worker.begin();
        fixture.advance(SECOND);
        worker.sendStack("01");

        fixture.advance(Duration.ofSeconds(4));
        assertThat(worker.messages()).contains(new Message.Cancel(1, 0));
        worker.sendStack("02");

        assertThat(told("slow")).containsExactly("slow 1/0 at 01");
        assertThat(timeout(job, 0)).hasRootCauseMessage("02");
    }

    @Test
    void slow_thresholdAboveTheTimeOut_isOnlyATimeOut() throws Exception {
        fixture = SchedulerFixture.withSlowThreshold(Duration.ofSeconds(5));
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();

        fixture.advance(SECOND);
        worker.sendStack("02");
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        fixture.advance(Duration.ofSeconds(60));

        assertThat(stackRequests(worker)).isEmpty();
        assertThat(told("slow")).isEmpty();
        assertThat(timeout(job, 0)).hasRootCauseMessage("02");
    }

    @Test
    void slow_stackComesAfterTheTimeOut_servesTheTimeOut() {
        fixture = SchedulerFixture.withSlowThreshold(SECOND);
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(Duration.ofMillis(1100)));
        worker.begin();
        fixture.advance(SECOND);
        fixture.advance(Duration.ofMillis(100));

        worker.sendStack("01");
        worker.sendStack("02");

        assertThat(timeout(job, 0)).hasRootCauseMessage("01");
        assertThat(job.endings()).hasSize(1);
        assertThat(told("slow")).isEmpty();
    }
}
