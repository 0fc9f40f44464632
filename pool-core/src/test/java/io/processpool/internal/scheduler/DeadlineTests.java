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

/** Time-outs, the stack that belongs to them, and the log of slow tasks. */
@Timeout(60)
class DeadlineTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration STACK_WAIT = Duration.ofMillis(500);
    private static final Duration QUICK = Duration.ofNanos(100_000);

    private SchedulerBench bench = new SchedulerBench();

    private List<String> told(String what) {
        return bench.events.take().stream()
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
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit(bench.function(), SchedulerBench.timeout(Duration.ofMinutes(1)));
        worker.begin();

        bench.advance(Duration.ofSeconds(59));

        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();
        bench.advance(Duration.ofHours(1));
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(told("kill")).isEmpty();
        assertThat(bench.timer.pending()).isEmpty();
    }

    @Test
    void timeout_none_setsNoTimer() {
        bench.worker();
        bench.submit();

        assertThat(bench.timer.pending()).isEmpty();
    }

    @Test
    void timeout_reached_stopsTheItemAndEndsItWithItsStack() throws Exception {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit(bench.function(), SchedulerBench.timeout(SECOND));
        worker.begin();

        bench.advance(SECOND);
        assertThat(worker.messages()).contains(new Message.Cancel(1, 0));
        assertThat(job.endings()).as("waits for the stack").isEmpty();
        worker.sendStack("cafe");

        assertThat(timeout(job, 0))
                .hasMessage("task 1 'job' timed out (worker=0)")
                .hasRootCauseMessage("cafe");
        assertThat(timeout(job, 0)).isNotSameAs(timeout(job, 0));
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        bench.advance(Duration.ofMinutes(1));
        assertThat(told("kill")).isEmpty();
        bench.assertAllEnded(0, 1, 0);
    }

    @Test
    void timeout_stackIsLate_endsWithoutIt() {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit(bench.function(), SchedulerBench.timeout(SECOND));
        worker.begin();
        bench.advance(SECOND);

        bench.advance(STACK_WAIT.minusMillis(1));
        assertThat(job.endings()).isEmpty();
        bench.advance(Duration.ofMillis(1));

        assertThat(timeout(job, 0)).hasNoCause();
        worker.sendStack("cafe");
        assertThat(job.endings()).hasSize(1);
        assertThat(bench.figures().failed()).isEqualTo(1);
    }

    @Test
    void timeout_resultArrivesBeforeTheStack_isATimeOutAllTheSame() throws Exception {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit(bench.function(), SchedulerBench.timeout(SECOND));
        worker.begin();
        bench.advance(SECOND);

        worker.end(ItemStatus.VALUE, 1);
        worker.flush();

        assertThat(timeout(job, 0)).hasNoCause();
        bench.advance(Duration.ofMinutes(1));
        assertThat(job.endings()).hasSize(1);
        bench.assertAllEnded(0, 1, 0);
    }

    @Test
    void timeout_ignored_killsTheWorkerAfterTheGracePeriod() {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.feedWhole(bench.function(), SchedulerBench.timeout(SECOND), 3);
        worker.begin();
        bench.advance(SECOND);

        bench.advance(SchedulerBench.GRACE);

        assertThat(told("kill"))
                .containsExactly(
                        "kill worker=0: item 0 of task 1 'job' timed out and did not end within cancelGrace=PT2S");
        assertThat(worker.die()).isNull();
        assertThat(bench.figures().queued()).isEqualTo(2);
        assertThat(job.order()).containsExactly(0L);
    }

    @Test
    void timeout_workerIsLostInTheGracePeriod_isNotKilledAgain() {
        FakeWorker worker = bench.worker();
        bench.submit(bench.function(), SchedulerBench.timeout(SECOND));
        worker.begin();
        bench.advance(SECOND);
        worker.die();

        bench.advance(Duration.ofMinutes(1));

        assertThat(told("kill")).isEmpty();
    }

    @Test
    void timeout_nextItemOfTheBatch_hasAllItsTime() throws Exception {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.feedWhole(bench.function(), SchedulerBench.timeout(Duration.ofSeconds(10)), 3);
        for (int i = 0; i < 2; i++) {
            bench.advance(Duration.ofSeconds(9));
            worker.run(1, 9_000_000_000L);
        }
        worker.begin();
        bench.advance(Duration.ofSeconds(9));
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);

        bench.advance(SECOND);

        assertThat(worker.messages()).contains(new Message.Cancel(1, 2));
        worker.sendStack("00");
        assertThat(job.order()).containsExactly(0L, 1L, 2L);
        assertThat(job.outcome(2)).isEqualTo(TaskOutcome.TIMEOUT);
    }

    @Test
    void timeout_severalItemsInARow_eachIsStopped() throws Exception {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.feedWhole(bench.function(), SchedulerBench.timeout(SECOND), 3);
        for (int i = 0; i < 3; i++) {
            worker.begin();
            bench.advance(SECOND);
            worker.sendStack("0" + i);
            worker.end(ItemStatus.THREW, 1);
            worker.flush();
            assertThat(timeout(job, i)).hasRootCauseMessage("0" + i);
        }
        bench.advance(Duration.ofMinutes(1));
        assertThat(told("kill")).isEmpty();
        bench.assertAllEnded(0, 3, 0);
    }

    @Test
    void timeout_ofAJobBehindAnotherWithoutOne_countsFromItsOwnStart() throws Exception {
        FunctionRef quick = bench.function(QUICK);
        FakeWorker worker = bench.worker();
        bench.feed(quick, SchedulerBench.settings(), 2);
        RecordedJob job = bench.feed(quick, SchedulerBench.timeout(SECOND), 2);
        bench.advance(Duration.ofSeconds(10));
        assertThat(job.endings()).isEmpty();
        worker.run(2, 100_000);
        worker.begin();

        bench.advance(SECOND.minusMillis(10));
        assertThat(worker.messages()).noneMatch(Message.Cancel.class::isInstance);
        bench.advance(Duration.ofMillis(10));

        assertThat(worker.messages()).contains(new Message.Cancel(2, 0));
    }

    @Test
    void timeout_shortOneBehindALongOne_isMetInTime() throws Exception {
        FunctionRef quick = bench.function(QUICK);
        FakeWorker worker = bench.worker();
        bench.feed(quick, SchedulerBench.timeout(Duration.ofHours(1)), 1);
        bench.feed(quick, SchedulerBench.timeout(SECOND), 1);
        worker.run(1, 100_000);
        worker.begin();

        bench.advance(SECOND);

        assertThat(worker.messages()).contains(new Message.Cancel(2, 0));
    }

    @Test
    void timeout_manyQuickItems_costOneTimer() throws Exception {
        FakeWorker worker = bench.worker();
        bench.feed(bench.function(QUICK), SchedulerBench.timeout(Duration.ofMinutes(1)), 1000);

        for (int i = 0; i < 500; i++) {
            worker.run(1, 100_000);
            assertThat(bench.timer.pending().stream().filter(delay -> delay.compareTo(SECOND) > 0))
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    // ---- stacks that nobody waits for -----------------------------------------------------------------------------

    /** A worker answers every cancel with a stack. */
    @Test
    void stack_ofACancelledItem_isNotLogged() {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit();
        worker.begin();
        bench.cancel(job, true);

        worker.sendStack("cafe");

        assertThat(told("slow")).isEmpty();
    }

    @Test
    void stack_tooLateForTheTimeOut_isNotLogged() {
        FakeWorker worker = bench.worker();
        bench.submit(bench.function(), SchedulerBench.timeout(SECOND));
        worker.begin();
        bench.advance(SECOND);
        bench.advance(STACK_WAIT);

        worker.sendStack("cafe");

        assertThat(told("slow")).isEmpty();
    }

    @Test
    void stack_ofAnItemThatHasEnded_isIgnored() throws Exception {
        bench = SchedulerBench.withSlowThreshold(SECOND);
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.feedWhole(bench.function(), SchedulerBench.settings(), 2);
        worker.begin();
        bench.advance(SECOND);
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();

        bench.scheduler.stack(
                worker.lane(), new Message.Stack(1, 0, io.processpool.internal.bytes.Bytes.of(new byte[1])));
        bench.scheduler.stack(
                worker.lane(), new Message.Stack(9, 9, io.processpool.internal.bytes.Bytes.of(new byte[1])));

        assertThat(told("slow")).isEmpty();
        assertThat(job.order()).containsExactly(0L);
    }

    // ---- the log of slow tasks ------------------------------------------------------------------------------------

    @Test
    void slow_aboveTheThreshold_isLoggedOnceWithItsStack() throws Exception {
        bench = SchedulerBench.withSlowThreshold(SECOND);
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit();
        worker.begin();

        bench.advance(SECOND);
        assertThat(stackRequests(worker)).containsExactly(new Message.StackRequest(1, 0));
        worker.sendStack("cafe");
        assertThat(told("slow")).containsExactly("slow 1/0 at cafe");

        bench.advance(Duration.ofHours(1));
        assertThat(stackRequests(worker)).isEmpty();
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(bench.timer.pending()).isEmpty();
    }

    @Test
    void slow_belowTheThreshold_isNotAskedFor() throws Exception {
        bench = SchedulerBench.withSlowThreshold(SECOND);
        FakeWorker worker = bench.worker();
        bench.feedWhole(bench.function(), SchedulerBench.settings(), 5);

        for (int i = 0; i < 5; i++) {
            bench.advance(SECOND.minusMillis(100));
            worker.run(1, 1);
        }

        assertThat(stackRequests(worker)).isEmpty();
    }

    @Test
    void slow_eachItem_isLoggedForItself() throws Exception {
        bench = SchedulerBench.withSlowThreshold(SECOND);
        FakeWorker worker = bench.worker();
        bench.feedWhole(bench.function(), SchedulerBench.settings(), 2);

        for (int i = 0; i < 2; i++) {
            worker.begin();
            bench.advance(SECOND);
            worker.sendStack("0" + i);
            worker.end(ItemStatus.VALUE, 1);
            worker.flush();
        }

        assertThat(told("slow")).containsExactly("slow 1/0 at 00", "slow 1/1 at 01");
    }

    @Test
    void slow_andThenTimedOut_isBoth() throws Exception {
        bench = SchedulerBench.withSlowThreshold(SECOND);
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit(bench.function(), SchedulerBench.timeout(Duration.ofSeconds(5)));
        worker.begin();
        bench.advance(SECOND);
        worker.sendStack("01");

        bench.advance(Duration.ofSeconds(4));
        assertThat(worker.messages()).contains(new Message.Cancel(1, 0));
        worker.sendStack("02");

        assertThat(told("slow")).containsExactly("slow 1/0 at 01");
        assertThat(timeout(job, 0)).hasRootCauseMessage("02");
    }

    @Test
    void slow_thresholdAboveTheTimeOut_isOnlyATimeOut() throws Exception {
        bench = SchedulerBench.withSlowThreshold(Duration.ofSeconds(5));
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit(bench.function(), SchedulerBench.timeout(SECOND));
        worker.begin();

        bench.advance(SECOND);
        worker.sendStack("02");
        worker.end(ItemStatus.THREW, 1);
        worker.flush();
        bench.advance(Duration.ofSeconds(60));

        assertThat(stackRequests(worker)).isEmpty();
        assertThat(told("slow")).isEmpty();
        assertThat(timeout(job, 0)).hasRootCauseMessage("02");
    }

    @Test
    void slow_stackComesAfterTheTimeOut_servesTheTimeOut() {
        bench = SchedulerBench.withSlowThreshold(SECOND);
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.submit(bench.function(), SchedulerBench.timeout(Duration.ofMillis(1100)));
        worker.begin();
        bench.advance(SECOND);
        bench.advance(Duration.ofMillis(100));

        worker.sendStack("01");
        worker.sendStack("02");

        assertThat(timeout(job, 0)).hasRootCauseMessage("01");
        assertThat(job.endings()).hasSize(1);
        assertThat(told("slow")).isEmpty();
    }
}
