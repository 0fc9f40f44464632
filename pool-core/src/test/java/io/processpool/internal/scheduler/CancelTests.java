package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.Saturation;
import io.processpool.TaskOutcome;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancelling a job in each of the states that its items can be in. */
@Timeout(60)
class CancelTests {

    private static final Duration QUICK = Duration.ofNanos(100_000);

    private SchedulerFixture fixture = new SchedulerFixture();

    private static List<Message> cancels(FakeWorker worker) {
        return worker.messages().stream()
                .filter(Message.Cancel.class::isInstance)
                .toList();
    }

    private List<String> kills() {
        return fixture.events.take().stream()
                .filter(event -> event.startsWith("kill"))
                .toList();
    }

    // ---- waiting --------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancel_queued_neverRuns(boolean interrupt) throws Exception {
        RecordedJob job = fixture.feed(fixture.function(), SchedulerFixture.settings(), 3);
        RecordedJob other = fixture.submit();

        fixture.cancel(job, interrupt);

        assertThat(fixture.figures().queued()).isEqualTo(1);
        assertThat(fixture.worker().runAll(1)).containsExactly("2/0");
        assertThat(other.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(fixture.events.take()).contains("drained");
        fixture.assertAllEnded(1, 0, 3);
    }

    @Test
    void cancel_theOnlyJob_drains() {
        RecordedJob job = fixture.submit();
        fixture.events.take();

        fixture.cancel(job, false);

        assertThat(fixture.events.take()).containsExactly("drained");
        fixture.assertAllEnded(0, 0, 1);
    }

    @Test
    void cancel_openJobWithoutItems_drains() {
        RecordedJob job = fixture.job(fixture.function(), SchedulerFixture.settings(), false);
        fixture.scheduler.open(job);

        fixture.cancel(job, false);

        assertThat(fixture.events.take()).containsExactly("drained");
        fixture.assertAllEnded(0, 0, 0);
    }

    @Test
    void cancel_thenMoreItemsAreFed_theyAreDropped() {
        RecordedJob job = fixture.feed(fixture.function(), SchedulerFixture.settings(), 2);
        fixture.cancel(job, false);

        fixture.scheduler.feed(SchedulerFixture.chunk(job, 2, 5, false));

        assertThat(fixture.worker().waiting()).isEmpty();
        fixture.assertAllEnded(0, 0, 2);
    }

    @Test
    void cancel_twice_countsOnce() {
        RecordedJob job = fixture.feed(fixture.function(), SchedulerFixture.settings(), 2);

        fixture.cancel(job, false);
        fixture.cancel(job, true);

        fixture.assertAllEnded(0, 0, 2);
        assertThat(fixture.events.take()).containsOnlyOnce("drained");
    }

    /** Nobody has its handle then, but the lock is free while it waits, so it must not be counted as open for ever. */
    @Test
    void cancel_whileItWaitsForRoom_isNotTaken() throws Exception {
        fixture = SchedulerFixture.withCapacity(1, Saturation.BLOCK);
        RecordedJob first = fixture.submit();
        RecordedJob waiting = fixture.job(fixture.function(), SchedulerFixture.settings(), true);
        Thread submitter = new Thread(
                () -> fixture.scheduler.submit(waiting, SchedulerFixture.chunk(waiting, 0, 1, true)), "submitter");
        submitter.start();
        await().until(() -> submitter.getState() == Thread.State.WAITING);

        fixture.cancel(waiting, true);

        submitter.join(30_000);
        assertThat(submitter.isAlive()).isFalse();
        fixture.worker().runAll(1);
        assertThat(first.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(fixture.events.take()).as("no job is open").contains("drained");
        assertThat(fixture.figures().succeeded()).isEqualTo(1);
    }

    @Test
    void cancel_makesRoomInTheQueue() throws Exception {
        fixture = SchedulerFixture.withCapacity(1, Saturation.BLOCK);
        RecordedJob blocking = fixture.submit();
        RecordedJob waiting = fixture.job(fixture.function(), SchedulerFixture.settings(), true);
        Thread submitter = new Thread(
                () -> fixture.scheduler.submit(waiting, SchedulerFixture.chunk(waiting, 0, 1, true)), "submitter");
        submitter.start();
        await().until(() -> submitter.getState() == Thread.State.WAITING);

        fixture.cancel(blocking, false);

        submitter.join(30_000);
        assertThat(submitter.isAlive()).isFalse();
        fixture.worker().runAll(1);
        assertThat(waiting.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
    }

    // ---- with a worker --------------------------------------------------------------------------------------------

    @Test
    void cancel_runningWithInterrupt_isInterruptedAndThenKilled() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();

        fixture.cancel(job, true);

        assertThat(cancels(worker)).containsExactly(new Message.Cancel(1, 0));
        fixture.advance(SchedulerFixture.GRACE.minusMillis(1));
        assertThat(kills()).isEmpty();
        fixture.advance(Duration.ofMillis(1));
        assertThat(kills())
                .containsExactly("kill worker=0: task 1 'job' was cancelled and did not end within cancelGrace=PT2S");
        assertThat(worker.die()).as("a casualty").isNull();
        fixture.assertAllEnded(0, 0, 1);
    }

    /** It has ended, though a worker still runs it: counted once, or the counters would not add up. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancel_running_isNotActiveAnyMore(boolean interrupt) throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();

        fixture.cancel(job, interrupt);

        fixture.assertAllEnded(0, 0, 1);
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();
        fixture.assertAllEnded(0, 0, 1);
    }

    /** Else one of them could have begun when the worker is killed, and would be lost with it. */
    @Test
    void cancel_runningWithInterrupt_whatIsBehindItIsTakenBackBefore() throws Exception {
        FunctionRef quick = fixture.function(QUICK);
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(quick, SchedulerFixture.settings());
        fixture.submit(quick, SchedulerFixture.settings());
        assertThat(worker.waiting()).hasSize(2);
        worker.begin();

        fixture.cancel(job, true);

        assertThat(worker.messages()).containsSubsequence(new Message.Recall(2), new Message.Cancel(1, 0));
        worker.answerRecalls();
        fixture.submit(quick, SchedulerFixture.settings());
        assertThat(worker.waiting()).as("nothing new while it is being stopped").isEmpty();
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        assertThat(worker.runAll(1)).containsExactly("2/0", "3/0");
        fixture.assertAllEnded(2, 0, 1);
    }

    @Test
    void cancel_endsWhenTheKillIsDecided_workerGetsNothingMore() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();
        fixture.cancel(job, true);
        fixture.submit();
        fixture.advance(SchedulerFixture.GRACE);
        assertThat(kills()).hasSize(1);

        worker.end(ItemStatus.THREW, 1);
        worker.flush();

        assertThat(worker.waiting()).isEmpty();
        assertThat(worker.die()).as("a casualty").isNull();
        assertThat(fixture.worker().runAll(1)).containsExactly("2/0");
        fixture.assertAllEnded(1, 0, 1);
    }

    @Test
    void cancel_runningWithInterrupt_endsInTime_isNotKilled() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();
        fixture.cancel(job, true);
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        fixture.submit();
        worker.begin();

        fixture.advance(Duration.ofMinutes(1));

        assertThat(kills()).isEmpty();
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();
        fixture.assertAllEnded(1, 0, 1);
    }

    @Test
    void cancel_runningWithoutInterrupt_isLeftAloneAndItsResultThrownAway() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();

        fixture.cancel(job, false);

        assertThat(cancels(worker)).isEmpty();
        assertThat(fixture.figures().cancelled()).isEqualTo(1);
        fixture.advance(Duration.ofMinutes(1));
        assertThat(kills()).isEmpty();
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();
        fixture.assertAllEnded(0, 0, 1);
    }

    /** A task that never ends would keep its worker for ever. */
    @Test
    void cancel_runningWithoutInterrupt_itsTimeOutHolds() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(60)));
        worker.begin();
        fixture.cancel(job, false);

        fixture.advance(Duration.ofSeconds(40));
        assertThat(cancels(worker)).isEmpty();
        fixture.advance(Duration.ofSeconds(20));

        assertThat(cancels(worker)).containsExactly(new Message.Cancel(1, 0));
        fixture.advance(SchedulerFixture.GRACE);
        assertThat(kills())
                .containsExactly("kill worker=0: task 1 'job' timed out and did not end within cancelGrace=PT2S");
        assertThat(worker.die()).as("a casualty").isNull();
        fixture.assertAllEnded(0, 0, 1);
    }

    @Test
    void cancel_runningWithoutInterruptAndThenWithIt_isStoppedOnce() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)));
        worker.begin();
        fixture.cancel(job, false);

        fixture.cancel(job, true);
        fixture.cancel(job, true);

        assertThat(cancels(worker)).containsExactly(new Message.Cancel(1, 0));
        fixture.advance(SchedulerFixture.GRACE);
        assertThat(kills())
                .containsExactly("kill worker=0: task 1 'job' was cancelled and did not end within cancelGrace=PT2S");
        assertThat(cancels(worker)).as("nor by its time-out").isEmpty();
        worker.die();
        fixture.assertAllEnded(0, 0, 1);
    }

    @Test
    void cancel_someBegunSomeNot_stopsTheOneAndTakesBackTheOthers() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        worker.run(1, 1);
        worker.begin();

        fixture.cancel(job, true);

        assertThat(worker.messages()).contains(new Message.Recall(1), new Message.Cancel(1, 1));
        worker.answerRecalls();
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        assertThat(worker.waiting()).isEmpty();
        fixture.assertAllEnded(1, 0, 4);
    }

    @Test
    void cancel_workerRunsOnBeforeItHears_resultsAreThrownAway() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        worker.runUnsent(2, 1);
        worker.begin();
        fixture.cancel(job, false);

        worker.flush();
        worker.answerRecalls();
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();

        fixture.assertAllEnded(0, 0, 4);
    }

    @Test
    void cancel_nextItemOfTheJobBeginsNevertheless_isStoppedToo() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.begin();
        fixture.cancel(job, true);
        assertThat(cancels(worker)).containsExactly(new Message.Cancel(1, 0));
        worker.end(ItemStatus.THREW, 1);
        worker.begin();

        worker.flush();

        assertThat(cancels(worker)).containsExactly(new Message.Cancel(1, 1));
        worker.answerRecalls();
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        fixture.assertAllEnded(0, 0, 3);
    }

    @Test
    void cancel_batchBehindAnotherJob_leavesTheOtherAlone() throws Exception {
        FunctionRef quick = fixture.function(QUICK);
        FakeWorker worker = fixture.worker();
        RecordedJob other = fixture.feed(quick, SchedulerFixture.settings(), 3);
        RecordedJob job = fixture.feed(quick, SchedulerFixture.settings(), 3);
        assertThat(worker.waiting()).hasSize(6);
        worker.begin();

        fixture.cancel(job, true);

        assertThat(worker.messages()).contains(new Message.Recall(2)).noneMatch(Message.Cancel.class::isInstance);
        worker.answerRecalls();
        worker.end(ItemStatus.VALUE, 1);
        worker.run(2, 1);
        assertThat(other.endings()).hasSize(3);
        fixture.assertAllEnded(3, 0, 3);
    }

    @Test
    void cancel_onSeveralWorkers_stopsAll() throws Exception {
        List<FakeWorker> workers = List.of(fixture.worker(), fixture.worker(), fixture.worker());
        RecordedJob job = fixture.feed(fixture.function(), SchedulerFixture.settings(), 10);
        workers.forEach(FakeWorker::begin);

        fixture.cancel(job, true);

        for (FakeWorker worker : workers) {
            assertThat(cancels(worker)).hasSize(1);
            worker.end(ItemStatus.THREW, 1);
            worker.flush();
        }
        fixture.assertAllEnded(0, 0, 10);
    }

    @Test
    void cancel_notBegunByTheWorkerAndInterrupt_isSkipped() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();

        fixture.cancel(job, true);
        worker.begin();
        assertThat(worker.isRunningCancelled()).isTrue();
        worker.end(ItemStatus.SKIPPED, 1);
        worker.flush();

        fixture.assertAllEnded(0, 0, 1);
    }

    @Test
    void cancel_finished_doesNothing() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.run(1, 1);
        fixture.events.take();

        fixture.scheduler.cancel(job, true);

        assertThat(cancels(worker)).isEmpty();
        assertThat(fixture.events.take()).isEmpty();
        fixture.assertAllEnded(1, 0, 0);
    }

    // ---- on the way somewhere -------------------------------------------------------------------------------------

    @Test
    void cancel_thenTheWorkerIsLost_countsEachItemOnce() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 6);
        worker.begin();
        fixture.cancel(job, true);

        assertThat(worker.die()).isNull();

        fixture.assertAllEnded(0, 0, 6);
    }

    @Test
    void cancel_thenTheWorkerIsLostBeforeItBegan_countsEachItemOnce() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 6);
        fixture.cancel(job, true);

        assertThat(worker.die()).isNull();

        fixture.assertAllEnded(0, 0, 6);
    }

    @Test
    void cancel_thenTheWorkerIsLostWithFinishedItems_countsEachItemOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 6);
        worker.runUnsent(3, 1);
        worker.begin();
        fixture.cancel(job, false);

        assertThat(worker.die()).isNull();

        fixture.assertAllEnded(0, 0, 6);
    }

    @Test
    void cancel_retryIsQueued_neverRuns() {
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.retries(3));
        FakeWorker worker = fixture.worker();
        worker.begin();
        worker.die();

        fixture.cancel(job, true);

        assertThat(fixture.worker().waiting()).isEmpty();
        fixture.assertAllEnded(0, 0, 1);
    }

    /** Between the loss and the verdict, the engine waits for the exit and the last words of the process. */
    @Test
    void cancel_whileACasualtyIsUndecided_countsOnce() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.begin();
        Casualty casualty = worker.die();

        fixture.cancel(job, true);
        fixture.fail(casualty);

        SchedulerFixture.Figures figures = fixture.figures();
        assertThat(figures.failed() + figures.cancelled()).isEqualTo(3);
        assertThat(figures.queued() + figures.active() + figures.succeeded()).isZero();
    }

    @Test
    void cancel_whileTimingOut_countsOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 2);
        worker.begin();
        fixture.advance(Duration.ofSeconds(1));

        fixture.cancel(job, true);
        worker.sendStack("01");
        worker.answerRecalls();
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        fixture.advance(Duration.ofMinutes(1));

        SchedulerFixture.Figures figures = fixture.figures();
        assertThat(figures.failed() + figures.cancelled()).isEqualTo(2);
        assertThat(figures.queued() + figures.active() + figures.succeeded()).isZero();
        assertThat(kills()).isEmpty();
    }

    @Test
    void cancel_afterATimeOut_countsTheOthers() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 3);
        worker.begin();
        fixture.advance(Duration.ofSeconds(1));
        worker.sendStack("01");
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);

        fixture.cancel(job, true);
        worker.answerRecalls();
        worker.end(ItemStatus.THREW, 1);
        worker.flush();

        fixture.assertAllEnded(0, 1, 2);
    }

    @Test
    void progress_ofACancelledJob_isNotTold() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();
        fixture.cancel(job, false);

        fixture.scheduler.progress(worker.lane(), new Message.Progress(1, 0, 1, 2));

        assertThat(job.progress()).isEmpty();
    }

    @Test
    void awaitSent_itemsWithOneWorker_waitsForThatOne() throws Exception {
        FakeWorker worker = fixture.worker();
        FakeWorker other = fixture.worker();
        RecordedJob job = fixture.submit();
        RecordedJob last = fixture.submit();

        fixture.scheduler.awaitSent(job);

        assertThat(worker.channel().drainsAwaited() + other.channel().drainsAwaited())
                .isEqualTo(1);
        worker.run(1, 1);
        other.run(1, 1);
        fixture.scheduler.awaitSent(job);
        fixture.scheduler.awaitSent(last);
        assertThat(worker.channel().drainsAwaited() + other.channel().drainsAwaited())
                .isEqualTo(1);
    }
}
