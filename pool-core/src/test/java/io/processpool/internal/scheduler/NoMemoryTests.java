package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.ResultRecord;
import io.processpool.testing.Scarcity;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool's own process has no memory for a moment: no item gets lost, since somebody waits for each. */
@Timeout(60)
class NoMemoryTests {

    private static final Duration QUICK = Duration.ofNanos(100_000);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SchedulerFixture fixture = new SchedulerFixture();

    // ---- a worker is lost -----------------------------------------------------------------------------------------

    /** What a recorder held, of which only so much can be read at first. */
    private static FlightRecorder.Contents readableUpTo(int readable, FlightRecorder.Contents whole, Scarcity memory) {
        List<ResultRecord> records = new AbstractList<>() {
            @Override
            public ResultRecord get(int index) {
                if (index == readable) {
                    memory.take();
                }
                return whole.finished().get(index);
            }

            @Override
            public int size() {
                return whole.finished().size();
            }
        };
        return new FlightRecorder.Contents(whole.started(), whole.batch(), whole.index(), records);
    }

    @Test
    void lost_noMemoryHalfWay_goesOnFromThereWhenCalledAgain() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 6);
        worker.runUnsent(3, 1);
        worker.begin();
        Scarcity memory = new Scarcity();
        memory.refuse(1);
        FlightRecorder.Contents contents = readableUpTo(2, worker.contents(), memory);
        assertThatThrownBy(() -> fixture.scheduler.lost(worker.lane(), contents))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(job.order()).containsExactly(0L, 1L);

        Casualty casualty = fixture.scheduler.lost(worker.lane(), contents);

        assertThat(job.order()).containsExactly(0L, 1L, 2L);
        assertThat(casualty.describe()).startsWith("item 3 ");
        assertThat(fixture.worker().runAll(1)).containsExactly("1/4", "1/5");
        fixture.fail(casualty);
        fixture.assertAllEnded(5, 1, 0);
    }

    // Whoever could not read what the recorder held does without.
    @Test
    void lost_noMemoryHalfWay_mayBeCalledAgainWithoutTheRecorder() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.begin();
        Scarcity memory = new Scarcity();
        memory.refuse(Integer.MAX_VALUE);
        ResultRecord unreadable = new ResultRecord(1, 0, ItemStatus.VALUE, 1, Bytes.EMPTY);
        FlightRecorder.Contents contents =
                readableUpTo(0, new FlightRecorder.Contents(true, 1, 0, List.of(unreadable)), memory);
        assertThatThrownBy(() -> fixture.scheduler.lost(worker.lane(), contents))
                .isInstanceOf(OutOfMemoryError.class);

        Casualty casualty = fixture.scheduler.lost(worker.lane(), null);

        assertThat(casualty.describe()).startsWith("item 0 ");
        assertThat(fixture.worker().runAll(1)).containsExactly("1/1", "1/2");
        fixture.fail(casualty);
        fixture.assertAllEnded(2, 1, 0);
    }

    // It had read so much of it as to know what had begun.
    @Test
    void lost_noMemoryHalfWay_whatTheRecorderSaidOnceIsNotForgotten() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        worker.runUnsent(2, 1);
        worker.begin();
        Scarcity memory = new Scarcity();
        memory.refuse(Integer.MAX_VALUE);
        FlightRecorder.Contents contents = readableUpTo(1, worker.contents(), memory);
        assertThatThrownBy(() -> fixture.scheduler.lost(worker.lane(), contents))
                .isInstanceOf(OutOfMemoryError.class);

        Casualty casualty = fixture.scheduler.lost(worker.lane(), null);

        assertThat(fixture.worker().runAll(1)).containsExactly("1/3");
        fixture.fail(casualty);
        fixture.assertAllEnded(2, 2, 0);
    }

    @Test
    void lost_noMemoryToTellObservers_whatItHadNotBegunRunsElsewhere() throws Exception {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        FunctionRef quick = fixture.function(QUICK);
        RecordedJob kept = fixture.feed(quick, SchedulerFixture.settings(), 2);
        RecordedJob cancelled = fixture.feed(quick, SchedulerFixture.settings(), 3);
        worker.begin();
        fixture.cancel(cancelled, false);
        fixture.events.memory.refuse(1); // to tell that an item was cancelled

        Casualty casualty = worker.die();

        assertThat(casualty.describe()).startsWith("item 0 of task 1 ");
        fixture.fail(casualty);
        assertThat(fixture.worker().runAll(1)).containsExactly("1/1");
        assertThat(kept.endings()).hasSize(2);
        fixture.assertAllEnded(1, 1, 3);
    }

    @Test
    void lost_noMemoryToSayThatAnItemHasTimedOut_saysSoWhenCalledAgain() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(SECOND), 2);
        worker.begin();
        fixture.advance(SECOND);
        fixture.events.memory.refuse(1);
        assertThatThrownBy(worker::die).isInstanceOf(OutOfMemoryError.class);

        assertThat(worker.die()).isNull();

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        assertThat(fixture.worker().runAll(1)).containsExactly("1/1");
        fixture.assertAllEnded(1, 1, 0);
    }

    @Test
    void fail_noMemoryToTellObservers_theJobIsOver() {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();
        worker.begin();
        Casualty casualty = worker.die();
        fixture.events.take();
        fixture.events.memory.refuse(1);

        fixture.fail(casualty);

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.WORKER_LOST);
        assertThat(fixture.events.take()).contains("drained");
        fixture.assertAllEnded(0, 1, 0);
    }

    // ---- results arrive -------------------------------------------------------------------------------------------

    @Test
    void results_noMemoryToTellObservers_theJobIsTold() throws Exception {
        fixture.events.observed = true;
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.runUnsent(1, 1);
        fixture.events.memory.refuse(1);
        worker.flush();

        assertThat(worker.runAll(1)).containsExactly("1/1", "1/2");

        assertThat(job.endings()).hasSize(3);
        fixture.assertAllEnded(3, 0, 0);
    }

    /** Lets a worker end its next items, and tell that when there is no memory to book it. */
    private static void endUnheard(FakeWorker worker, RecordedJob job, int items) throws ProtocolException {
        worker.runUnsent(items, 1);
        job.memory.refuse(1);
        assertThatThrownBy(worker::flush).isInstanceOf(OutOfMemoryError.class);
    }

    // It has sent their results and forgotten them; that they are not known does not mean that nothing was done.
    @Test
    void results_noMemoryToBookThem_whatHadBegunIsNotRunAgain() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 6);
        worker.run(1, 1);
        endUnheard(worker, job, 2);
        worker.begin();

        Casualty casualty = worker.die();

        assertThat(casualty.describe()).startsWith("item 3 ");
        assertThat(fixture.figures().active()).isEqualTo(3);
        assertThat(fixture.worker().runAll(1)).containsExactly("1/4", "1/5");
        fixture.fail(casualty);
        assertThat(job.order()).containsExactly(0L, 4L, 5L, 1L, 2L, 3L);
        assertThat(job.outcome(1)).isEqualTo(TaskOutcome.WORKER_LOST);
        assertThat(job.outcome(3)).isEqualTo(TaskOutcome.WORKER_LOST);
        fixture.assertAllEnded(3, 3, 0);
    }

    @Test
    void results_noMemoryToBookThemAndItHadGoneOn_nothingOfSeveralBatchesIsRunAgain() throws Exception {
        FakeWorker worker = fixture.worker();
        FunctionRef quick = fixture.function(QUICK);
        RecordedJob first = fixture.feed(quick, SchedulerFixture.settings(), 3);
        RecordedJob second = fixture.feed(quick, SchedulerFixture.settings(), 3);
        RecordedJob third = fixture.feed(quick, SchedulerFixture.settings(), 2);
        assertThat(worker.waiting()).hasSize(8);
        endUnheard(worker, first, 4);

        Casualty casualty = worker.die();

        assertThat(fixture.worker().runAll(1)).containsExactly("2/1", "2/2", "3/0", "3/1");
        fixture.fail(casualty);
        assertThat(first.endings()).hasSize(3);
        assertThat(second.outcome(0)).isEqualTo(TaskOutcome.WORKER_LOST);
        assertThat(third.endings()).hasSize(2);
        fixture.assertAllEnded(4, 4, 0);
    }

    @Test
    void results_noMemoryToBookThem_theyAreRunAgainIfThatIsAllowed() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.retries(1), 4);
        endUnheard(worker, job, 2);
        worker.begin();

        assertThat(worker.die()).isNull();

        FakeWorker other = fixture.worker();
        assertThat(other.runAll(1)).containsExactly("1/0", "1/1", "1/2", "1/3");
        fixture.assertAllEnded(4, 0, 0);
    }

    // It sends each result by itself, and nobody knows how many it has sent since.
    @Test
    void results_noMemoryToBookOneAndThereIsNoRecorder_nothingThatMayHaveBegunIsRunAgain() throws Exception {
        FakeWorker worker = fixture.worker(Integer.MAX_VALUE, false);
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        worker.run(1, 1);
        worker.begin();
        job.memory.refuse(1);
        assertThatThrownBy(() -> worker.end(ItemStatus.VALUE, 1)).isInstanceOf(OutOfMemoryError.class);

        Casualty casualty = worker.die();

        assertThat(fixture.worker().waiting()).isEmpty();
        fixture.fail(casualty);
        fixture.assertAllEnded(1, 3, 0);
    }

    @Test
    void results_noMemoryToBookThemAndTheJobIsCancelled_countsEachItemOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        worker.run(1, 1);
        endUnheard(worker, job, 2);
        worker.begin();
        fixture.cancel(job, false);

        assertThat(worker.die()).isNull();

        fixture.assertAllEnded(1, 0, 4);
    }

    @Test
    void results_noMemoryToBookThem_cancelledBeforeItIsKnownHow_countsEachItemOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        endUnheard(worker, job, 2);
        worker.begin();
        Casualty casualty = worker.die();

        fixture.cancel(job, false);
        fixture.fail(casualty);
        fixture.fail(casualty);

        fixture.assertAllEnded(0, 0, 3);
    }

    // The first of them has been told to have timed out.
    @Test
    void results_noMemoryToBookThemAndOneHasTimedOut_endsOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(SECOND), 4);
        worker.begin();
        fixture.advance(SECOND);
        fixture.advance(SECOND);
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        worker.end(ItemStatus.VALUE, 1);
        worker.runUnsent(1, 1);
        worker.begin();
        fixture.scheduler.lost(worker.lane(), new FlightRecorder.Contents(true, 1, 2, List.of()));

        fixture.fail(fixture.scheduler.undecided(worker.lane()));

        assertThat(job.order()).containsExactly(0L, 1L, 2L);
        assertThat(fixture.worker().runAll(1)).containsExactly("1/3");
        fixture.assertAllEnded(1, 3, 0);
    }

    // ---- items are handed out -------------------------------------------------------------------------------------

    @Test
    void submit_noMemoryForTheMessage_isHandedOutAMomentLater() throws Exception {
        FakeWorker worker = fixture.worker();
        worker.channel().memory().refuse(1);
        RecordedJob job = fixture.submit();
        assertThat(worker.waiting()).isEmpty();
        assertThat(fixture.figures().queued()).isEqualTo(1);

        fixture.advance(Duration.ofMillis(100));

        assertThat(worker.runAll(1)).containsExactly("1/0");
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        fixture.assertAllEnded(1, 0, 0);
    }

    // The worker has been told the function, and would be told it a second time if nobody knew.
    @Test
    void feed_noMemoryForThePartOfAChunk_isHandedOutInOrderLater() throws Exception {
        FakeWorker worker = fixture.worker();
        FunctionRef function = fixture.function();
        fixture.submit(function, SchedulerFixture.settings());
        worker.run(1, 100_000);
        worker.channel().memory().refuse(3);
        fixture.feed(function, SchedulerFixture.settings(), 30);
        for (int i = 0; i < 3; i++) {
            fixture.advance(Duration.ofMillis(100));
        }

        List<String> ran = worker.runAll(100_000);

        assertThat(ran).hasSize(30).startsWith("2/0", "2/1", "2/2").endsWith("2/28", "2/29");
        fixture.assertAllEnded(31, 0, 0);
    }

    @Test
    void submit_noMemoryToTellAnUnknownFunction_isToldTheNextTime() throws Exception {
        FakeWorker worker = fixture.worker();
        FunctionRef function = fixture.function();
        worker.channel().memory().refuse(1);
        fixture.submit(function, SchedulerFixture.settings());

        fixture.advance(Duration.ofMillis(100));

        assertThat(worker.messages()).hasExactlyElementsOfTypes(Message.Function.class, Message.Tasks.class);
    }

    @Test
    void submit_noMemoryForTheTimer_isHandedOutLaterWithOne() {
        FakeWorker worker = fixture.worker();
        fixture.timer.memory().refuse(1);
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        fixture.advance(Duration.ofMillis(100));
        assertThat(worker.begin()).isNotNull();

        fixture.advance(SECOND);
        worker.die();

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
    }

    // The caller takes it that nothing was submitted; so must the pool, which would never end else.
    @Test
    void submit_noMemoryAtAll_throwsAndThePoolKnowsNothingOfIt() {
        FakeWorker worker = fixture.worker();
        worker.channel().memory().refuse(1);
        fixture.timer.memory().refuse(1);

        assertThatThrownBy(fixture::submit).isInstanceOf(OutOfMemoryError.class);

        assertThat(fixture.figures().queued()).isZero();
        fixture.scheduler.refuse(() -> SchedulerFixture.error("closed"));
        assertThat(fixture.events.take()).contains("drained");
    }

    // ---- time passes ----------------------------------------------------------------------------------------------

    // Nobody else would stop the item, and it may run for ever.
    @Test
    void timeout_noMemoryToStopTheItem_isStoppedAMomentLater() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit(fixture.function(), SchedulerFixture.timeout(SECOND));
        worker.begin();
        worker.channel().memory().refuse(1);
        fixture.advance(SECOND);
        worker.hear();
        assertThat(worker.isRunningCancelled()).isFalse();

        fixture.advance(SECOND);

        worker.hear();
        assertThat(worker.isRunningCancelled()).isTrue();
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);
        fixture.advance(SchedulerFixture.GRACE);
        assertThat(fixture.events.take()).anyMatch(event -> event.startsWith("kill worker=0: task 1 "));
    }
}
