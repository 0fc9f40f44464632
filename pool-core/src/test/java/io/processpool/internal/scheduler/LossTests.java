package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ResultRecord;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that die with something in their hands. */
@Timeout(60)
class LossTests {

    private static final Duration QUICK = Duration.ofNanos(100_000);
    private static final int MAX_SUSPICIONS = 3;

    private final SchedulerFixture fixture = new SchedulerFixture();

    // ---- what it had in its hands ---------------------------------------------------------------------------------

    @Test
    void lost_idle_nothingHappens() {
        FakeWorker worker = fixture.worker();

        assertThat(worker.die()).isNull();

        RecordedJob job = fixture.submit();
        assertThat(job.endings()).isEmpty();
        assertThat(fixture.figures().queued()).isEqualTo(1);
    }

    @Test
    void lost_neverOpened_nothingHappens() {
        FakeWorker worker = fixture.newWorker(10, true);

        assertThat(worker.die()).isNull();
    }

    @Test
    void lost_running_onlyThatItemIsACasualty() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        worker.run(1, 1);
        worker.begin();

        Casualty casualty = worker.die();

        assertThat(casualty.job()).isSameAs(job);
        assertThat(casualty.describe()).isEqualTo("item 1 of task 1 'job'");
        assertThat(fixture.figures().queued()).isEqualTo(3);
        assertThat(fixture.worker().runAll(1_000_000_000)).containsExactly("1/2", "1/3", "1/4");
        assertThat(job.endings()).doesNotContainKey(1L);
        fixture.fail(casualty);
        assertThat(job.outcome(1)).isEqualTo(TaskOutcome.WORKER_LOST);
        fixture.assertAllEnded(4, 1, 0);
    }

    @Test
    void lost_singleTask_isDescribedWithoutAnIndex() {
        FakeWorker worker = fixture.worker();
        fixture.submit();
        worker.begin();

        assertThat(worker.die().describe()).isEqualTo("task 1 'job'");
    }

    @Test
    void lost_severalBatches_areRequeuedInOrderAheadOfTheRest() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), 50);
        assertThat(worker.waiting()).hasSize(20);
        worker.run(3, 100_000);
        worker.begin();

        Casualty casualty = worker.die();
        List<String> ran = fixture.worker().runAll(100_000);

        assertThat(ran).hasSize(46).startsWith("1/4", "1/5", "1/6").endsWith("1/48", "1/49");
        for (int i = 0; i < ran.size(); i++) {
            assertThat(ran.get(i)).isEqualTo("1/" + (i + 4));
        }
        fixture.fail(casualty);
        assertThat(job.endings()).hasSize(50);
        fixture.assertAllEnded(49, 1, 0);
    }

    @Test
    void lost_severalJobs_areRequeuedByPriorityAndInOrder() throws Exception {
        FunctionRef quick = fixture.function(QUICK);
        fixture.feed(quick, SchedulerFixture.settings(), 3);
        fixture.feed(quick, SchedulerFixture.settings(), 3);
        FakeWorker worker = fixture.worker();
        fixture.feed(quick, SchedulerFixture.priority(1), 2);
        assertThat(worker.waiting()).hasSize(8);
        worker.begin();

        fixture.fail(worker.die());

        assertThat(fixture.worker().runAll(100_000)).containsExactly("3/0", "3/1", "1/1", "1/2", "2/0", "2/1", "2/2");
    }

    @Test
    void lost_lastWorker_saysThatWorkWaits() {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.begin();
        fixture.events.take();

        worker.die();

        assertThat(fixture.events.take()).contains("work waits");
    }

    @Test
    void lost_anotherIsIdle_continuesThereAtOnce() {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);
        worker.begin();
        FakeWorker idle = fixture.worker();

        worker.die();

        assertThat(idle.waiting()).containsExactly("1/1");
    }

    @Test
    void lost_twice_countsOnce() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();
        FlightRecorder.Contents contents = worker.contents();

        Casualty casualty = fixture.scheduler.lost(worker.lane(), contents);

        assertThat(casualty).isNotNull();
        assertThat(fixture.scheduler.lost(worker.lane(), contents)).isNull();
        assertThat(fixture.scheduler.lost(worker.lane(), null)).isNull();
        fixture.fail(casualty);
        assertThat(job.endings()).hasSize(1);
        fixture.assertAllEnded(0, 1, 0);
    }

    @Test
    void fail_casualty_hasAnErrorOfItsOwnPerCall() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();

        fixture.fail(worker.die());

        Ending.Failed failed = (Ending.Failed) job.endings().get(0L);
        assertThat(failed.error().get())
                .hasMessage("gone")
                .isNotSameAs(failed.error().get());
        assertThat(fixture.events.take()).contains("drained");
    }

    // ---- the flight recorder --------------------------------------------------------------------------------------

    @Test
    void lost_withFinishedResults_theyCount() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        worker.runUnsent(2, 1);
        worker.begin();

        Casualty casualty = worker.die();

        assertThat(job.order()).containsExactly(0L, 1L);
        assertThat(casualty.describe()).startsWith("item 2 ");
        assertThat(fixture.worker().runAll(1)).containsExactly("1/3");
        fixture.fail(casualty);
        fixture.assertAllEnded(3, 1, 0);
    }

    @Test
    void lost_finishedResultsThatHaveArrivedToo_countOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        worker.runUnsent(2, 1);
        worker.flushWithoutClearing();
        worker.begin();

        Casualty casualty = worker.die();

        assertThat(job.order()).containsExactly(0L, 1L);
        assertThat(casualty.describe()).startsWith("item 2 ");
        assertThat(fixture.figures().succeeded()).isEqualTo(2);
    }

    @Test
    void lost_betweenTwoItems_nobodyIsACasualty() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.runUnsent(1, 1);

        assertThat(worker.die()).isNull();

        assertThat(fixture.worker().runAll(1)).containsExactly("1/1", "1/2");
        assertThat(job.endings()).hasSize(3);
        fixture.assertAllEnded(3, 0, 0);
    }

    @Test
    void lost_everythingFinished_nothingIsLeft() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.runUnsent(3, 1);

        assertThat(worker.die()).isNull();

        assertThat(job.endings()).hasSize(3);
        fixture.assertAllEnded(3, 0, 0);
    }

    @Test
    void lost_acrossBatches_finishedOnesOfBothCount() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), 20);
        worker.runUnsent(13, 100_000);
        worker.begin();

        Casualty casualty = worker.die();

        assertThat(job.endings()).hasSize(13);
        assertThat(casualty.describe()).startsWith("item 13 ");
        assertThat(fixture.figures().queued()).isEqualTo(6);
    }

    @Test
    void lost_recorderSpeaksOfSomethingElse_isNotTaken() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        ResultRecord other = new ResultRecord(7, 0, ItemStatus.VALUE, 1, Bytes.EMPTY);
        ResultRecord later = new ResultRecord(1, 2, ItemStatus.VALUE, 1, Bytes.EMPTY);

        fixture.scheduler.lost(worker.lane(), new FlightRecorder.Contents(true, 7, 1, List.of(other, later)));

        assertThat(job.endings()).isEmpty();
        assertThat(fixture.figures().queued()).isEqualTo(3);
    }

    @Test
    void lost_withoutARecorder_theFirstUnfinishedItemIsTheCasualty() throws Exception {
        FakeWorker worker = fixture.worker(Integer.MAX_VALUE, false);
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        worker.run(2, 1);

        Casualty casualty = worker.die();

        assertThat(job.order()).containsExactly(0L, 1L);
        assertThat(casualty.describe()).startsWith("item 2 ");
        assertThat(fixture.worker().runAll(1)).containsExactly("1/3");
    }

    // ---- suspicion ------------------------------------------------------------------------------------------------

    @Test
    void lost_beforeItBegan_theItemGetsOnlySoManyChances() throws Exception {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        for (int i = 1; i < MAX_SUSPICIONS; i++) {
            assertThat(fixture.worker().die()).as("death %d", i).isNull();
            assertThat(fixture.figures().queued()).isEqualTo(3);
        }

        Casualty casualty = fixture.worker().die();

        assertThat(casualty.describe()).startsWith("item 0 ");
        fixture.fail(casualty);
        assertThat(fixture.worker().runAll(1)).containsExactly("1/1", "1/2");
        assertThat(job.endings()).hasSize(3);
        fixture.assertAllEnded(2, 1, 0);
    }

    @Test
    void lost_whileRunning_doesNotSuspectThoseBehind() {
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 10);
        for (int i = 0; i < 5; i++) {
            FakeWorker worker = fixture.worker();
            worker.begin();
            Casualty casualty = worker.die();
            assertThat(casualty.describe()).startsWith("item " + i + " ");
            fixture.fail(casualty);
        }

        assertThat(fixture.worker().die()).as("the first unexplained death").isNull();
        assertThat(fixture.figures().queued()).isEqualTo(5);
    }

    /** Makes a worker that runs a quick item, and can be given more. */
    private FakeWorker busy(FunctionRef quick) {
        FakeWorker worker = fixture.worker();
        fixture.submit(quick, SchedulerFixture.settings());
        assertThat(worker.begin()).isNotNull();
        return worker;
    }

    // The worker reads while it runs another item: that would be blamed each time, and the cause would go on to the
    // next.
    @Test
    void lost_whileAnotherItemRan_whatWasLargeAndUnreadGetsOnlySoManyChances() throws Exception {
        FunctionRef quick = fixture.function(QUICK);
        FakeWorker one = busy(quick);
        FakeWorker two = busy(quick);
        RecordedJob large = fixture.submitLarge(SchedulerFixture.settings());
        assertThat(one.waiting()).containsExactly("3/0");
        fixture.fail(one.die());
        assertThat(two.waiting()).as("behind an item that runs").isEmpty();

        two.end(ItemStatus.VALUE, 1000);
        two.flush();
        assertThat(two.waiting()).containsExactly("3/0");
        assertThat(two.die()).as("it may be innocent still").isNull();
        Casualty casualty = fixture.worker().die();

        assertThat(casualty.job()).isSameAs(large);
        assertThat(casualty.when())
                .isEqualTo("before it had begun task 3 'job', as were 2 others that had been sent it, so it is taken"
                        + " to be the cause");
        fixture.fail(casualty);
        assertThat(large.outcome(0)).isEqualTo(TaskOutcome.WORKER_LOST);
        fixture.assertAllEnded(1, 2, 0);
    }

    @Test
    void lost_whileAnotherItemRan_whatHadArrivedIsNotSuspected() {
        FunctionRef quick = fixture.function(QUICK);
        FakeWorker one = busy(quick);
        fixture.submitLarge(SchedulerFixture.timeout(Duration.ofMinutes(1)));
        fixture.scheduler.started(one.lane(), new Message.Started(2, 0));
        fixture.fail(one.die());
        for (int i = 1; i < MAX_SUSPICIONS; i++) {
            assertThat(fixture.worker().die()).as("death %d", i).isNull();
        }

        assertThat(fixture.worker().die()).isNotNull();
    }

    @Test
    void lost_beforeItBegan_theItemGoesAloneToTheNext() throws Exception {
        FunctionRef quick = fixture.function(QUICK);
        fixture.submit(quick, SchedulerFixture.settings());
        fixture.worker().die();
        FakeWorker next = fixture.worker();

        fixture.submit(quick, SchedulerFixture.settings());

        assertThat(next.waiting()).containsExactly("1/0");
        next.run(1, 1000);
        assertThat(next.waiting()).containsExactly("2/0");
    }

    @Test
    void lost_beforeItBegan_isNotARetry() throws Exception {
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.retries(1));
        fixture.worker().die();
        FakeWorker worker = fixture.worker();
        worker.begin();
        assertThat(worker.die()).as("retried").isNull();

        fixture.worker().run(1, 1);

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
    }

    // ---- retries --------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5})
    void retries_someNumber_runsThatOftenMore(int retries) {
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.retries(retries));
        for (int i = 0; i < retries; i++) {
            FakeWorker worker = fixture.worker();
            assertThat(worker.begin()).isNotNull();
            assertThat(worker.die()).as("death %d", i + 1).isNull();
        }
        FakeWorker last = fixture.worker();
        last.begin();

        Casualty casualty = last.die();

        assertThat(casualty).isNotNull();
        fixture.fail(casualty);
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.WORKER_LOST);
        fixture.assertAllEnded(0, 1, 0);
    }

    @Test
    void retries_itemOfAChunk_isTriedAgainBeforeTheOthers() throws Exception {
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.retries(1), 4);
        FakeWorker worker = fixture.worker();
        worker.run(1, 1);
        worker.begin();

        assertThat(worker.die()).isNull();

        assertThat(fixture.worker().runAll(1)).containsExactly("1/1", "1/2", "1/3");
        assertThat(job.endings()).hasSize(4);
        fixture.assertAllEnded(4, 0, 0);
    }

    @Test
    void retries_otherItemsOfTheChunk_haveTheirOwn() {
        fixture.feedWhole(fixture.function(), SchedulerFixture.retries(1), 2);
        FakeWorker one = fixture.worker();
        one.begin();
        assertThat(one.die()).as("first loss of item 0").isNull();
        FakeWorker two = fixture.worker();
        two.begin();

        Casualty casualty = two.die();

        assertThat(casualty.describe()).as("second loss of item 0").startsWith("item 0 ");
        FakeWorker three = fixture.worker();
        three.begin();
        assertThat(three.die()).as("first loss of item 1").isNull();
    }

    @Test
    void retries_taskThatThrew_isNotTriedAgain() throws Exception {
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.retries(3));
        FakeWorker worker = fixture.worker();
        worker.begin();
        worker.end(ItemStatus.THREW, 1);
        worker.flush();

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.FAILURE);
        fixture.assertAllEnded(0, 1, 0);
    }

    // ---- together with time-outs ----------------------------------------------------------------------------------

    @Test
    void lost_timedOutItem_isATimeOutAndNoCasualty() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 2);
        worker.begin();
        fixture.advance(Duration.ofSeconds(1));

        assertThat(worker.die()).isNull();

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(fixture.figures().queued()).isEqualTo(1);
    }

    /** A worker that was stopped, say: the time-out is told, the grace period passes, the worker is killed. */
    @Test
    void lost_timedOutItemThatNeverBegan_isNotRunAgain() throws Exception {
        FakeWorker stopped = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 3);
        fixture.advance(Duration.ofSeconds(1));
        fixture.advance(SchedulerFixture.GRACE);
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(fixture.events.take()).anyMatch(event -> event.startsWith("kill worker=0: item 0 of task 1"));

        assertThat(stopped.die()).isNull();

        assertThat(fixture.worker().runAll(1)).containsExactly("1/1", "1/2");
        assertThat(job.endings()).hasSize(3);
        fixture.assertAllEnded(2, 1, 0);
    }

    @Test
    void lost_timedOutSingleTaskThatNeverBegan_isNotRunAgain() {
        FakeWorker stopped = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)));
        fixture.advance(Duration.ofSeconds(1));
        fixture.advance(SchedulerFixture.GRACE);

        assertThat(stopped.die()).isNull();

        assertThat(fixture.worker().waiting()).isEmpty();
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        fixture.assertAllEnded(0, 1, 0);
    }

    @Test
    void lost_timedOutItemHasFinishedMeanwhile_isATimeOutStill() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 2);
        worker.begin();
        fixture.advance(Duration.ofSeconds(1));
        worker.end(ItemStatus.VALUE, 1);
        worker.begin();

        Casualty casualty = worker.die();

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(casualty.describe()).startsWith("item 1 ");
        fixture.fail(casualty);
        fixture.assertAllEnded(0, 2, 0);
    }
}
