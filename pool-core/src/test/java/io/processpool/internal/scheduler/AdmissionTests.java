package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.processpool.PoolClosedException;
import io.processpool.PoolSaturatedException;
import io.processpool.ProcessPoolException;
import io.processpool.Saturation;
import io.processpool.TaskOutcome;
import io.processpool.internal.wire.ItemStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is taken, what is refused, what waits; outages and the end of the pool. */
@Timeout(60)
class AdmissionTests {

    private SchedulerFixture fixture = new SchedulerFixture();
    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void allThreadsHaveEnded() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(30_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    /** Submits in a thread of its own, and waits until that thread waits. */
    private CompletableFuture<RecordedJob> submitAndWait() {
        RecordedJob job = fixture.job(fixture.function(), SchedulerFixture.settings(), true);
        CompletableFuture<RecordedJob> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        fixture.scheduler.submit(job, SchedulerFixture.chunk(job, 0, 1, true));
                        done.complete(job);
                    } catch (RuntimeException e) {
                        done.completeExceptionally(e);
                    }
                },
                "submitter-" + threads.size());
        threads.add(thread);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.WAITING);
        return done;
    }

    private static PoolClosedException closed() {
        return new PoolClosedException("closed", null);
    }

    // ---- saturation -----------------------------------------------------------------------------------------------

    @Test
    void reject_queueIsFull_refusesAndCounts() throws Exception {
        fixture = SchedulerFixture.withCapacity(2, Saturation.REJECT);
        FakeWorker worker = fixture.worker();
        fixture.submit();
        fixture.submit();
        fixture.submit();

        assertThatExceptionOfType(PoolSaturatedException.class)
                .isThrownBy(fixture::submit)
                .withMessage("task 4 'job' was refused: the queue is full: queueCapacity=2 (pool=test)");

        assertThat(fixture.figures().rejected()).isEqualTo(1);
        assertThat(fixture.figures().submitted()).isEqualTo(3);
        worker.run(1, 1);
        fixture.submit();
        worker.runAll(1);
        assertThat(fixture.figures().succeeded()).isEqualTo(4);
    }

    @Test
    void reject_queueIsFull_tellsTheListeners() {
        fixture = SchedulerFixture.withCapacity(1, Saturation.REJECT);
        fixture.submit();
        fixture.events.take();

        assertThatExceptionOfType(PoolSaturatedException.class).isThrownBy(fixture::submit);

        assertThat(fixture.events.take()).containsExactly("rejected job");
    }

    @Test
    void reject_feedingAMap_isNeverRefusedAndTakesNoRoom() throws Exception {
        fixture = SchedulerFixture.withCapacity(1, Saturation.REJECT);

        RecordedJob job = fixture.feed(fixture.function(), SchedulerFixture.settings(), 100);
        RecordedJob single = fixture.submit();
        assertThatExceptionOfType(PoolSaturatedException.class).isThrownBy(fixture::submit);

        fixture.worker().runAll(1);
        assertThat(job.endings()).hasSize(100);
        assertThat(single.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
    }

    @Test
    void endHere_itemThatCannotTravel_endsInItsPlaceAndCounts() throws Exception {
        fixture.events.observed = true;
        RecordedJob job = fixture.feed(fixture.function(), SchedulerFixture.settings(), 1);
        fixture.events.take();

        fixture.scheduler.endHere(job, 1, new Ending.Failed(TaskOutcome.FAILURE, () -> SchedulerFixture.error("no")));

        assertThat(job.order()).containsExactly(1L);
        assertThat(fixture.events.take()).containsExactly("queued 1/1", "done 1/1 FAILURE");
        fixture.worker().runAll(1);
        fixture.assertAllEnded(1, 1, 0);
    }

    @Test
    void endHere_cancelledJob_isDropped() {
        RecordedJob job = fixture.feed(fixture.function(), SchedulerFixture.settings(), 1);
        fixture.cancel(job, false);

        fixture.scheduler.endHere(job, 1, new Ending.Failed(TaskOutcome.FAILURE, () -> SchedulerFixture.error("no")));

        fixture.assertAllEnded(0, 0, 1);
    }

    @Test
    void block_queueIsFull_waitsForRoom() throws Exception {
        fixture = SchedulerFixture.withCapacity(1, Saturation.BLOCK);
        FakeWorker worker = fixture.worker();
        fixture.submit();
        fixture.submit();
        CompletableFuture<RecordedJob> third = submitAndWait();
        CompletableFuture<RecordedJob> fourth = submitAndWait();
        assertThat(fixture.figures().queued()).isEqualTo(1);

        worker.run(1, 1);
        CompletableFuture.anyOf(third, fourth).get(30, TimeUnit.SECONDS);
        assertThat(fixture.figures().queued()).isEqualTo(1);
        worker.run(1, 1);

        third.get(30, TimeUnit.SECONDS);
        fourth.get(30, TimeUnit.SECONDS);
        worker.runAll(1);
        fixture.assertAllEnded(4, 0, 0);
    }

    @Test
    void block_interrupted_failsAndStaysInterrupted() throws Exception {
        fixture = SchedulerFixture.withCapacity(1, Saturation.BLOCK);
        RecordedJob first = fixture.submit();
        CompletableFuture<RecordedJob> second = submitAndWait();

        threads.get(0).interrupt();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> second.get(30, TimeUnit.SECONDS))
                .havingCause()
                .isInstanceOf(ProcessPoolException.class)
                .withMessage("interrupted while waiting for room in the queue for task 2 'job' (pool=test)")
                .withCauseInstanceOf(InterruptedException.class);
        fixture.worker().runAll(1);
        assertThat(first.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(fixture.events.take()).as("no job is open").contains("drained");
        fixture.assertAllEnded(1, 0, 0);
    }

    @Test
    void block_poolIsClosed_wakesAllAndRefuses() {
        fixture = SchedulerFixture.withCapacity(1, Saturation.BLOCK);
        fixture.submit();
        List<CompletableFuture<RecordedJob>> waiting = List.of(submitAndWait(), submitAndWait(), submitAndWait());

        fixture.scheduler.refuse(AdmissionTests::closed);

        for (CompletableFuture<RecordedJob> each : waiting) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> each.get(30, TimeUnit.SECONDS))
                    .withCauseInstanceOf(PoolClosedException.class);
        }
        assertThat(fixture.figures().submitted()).isEqualTo(1);
    }

    @Test
    void block_newWorkerTakesWhatWaits_wakesTheNext() throws Exception {
        fixture = SchedulerFixture.withCapacity(1, Saturation.BLOCK);
        fixture.submit();
        CompletableFuture<RecordedJob> second = submitAndWait();

        fixture.worker();

        second.get(30, TimeUnit.SECONDS);
        assertThat(fixture.figures().queued()).isEqualTo(1);
    }

    @Test
    void block_outage_wakesAllAndFailsThem() throws Exception {
        fixture = SchedulerFixture.withCapacity(1, Saturation.BLOCK);
        fixture.submit();
        CompletableFuture<RecordedJob> second = submitAndWait();
        CompletableFuture<RecordedJob> third = submitAndWait();

        fixture.scheduler.outage(() -> SchedulerFixture.error("no worker"));

        assertThat(second.get(30, TimeUnit.SECONDS).outcome(0)).isEqualTo(TaskOutcome.ABANDONED);
        assertThat(third.get(30, TimeUnit.SECONDS).outcome(0)).isEqualTo(TaskOutcome.ABANDONED);
        fixture.assertAllEnded(0, 3, 0);
    }

    // ---- outage ---------------------------------------------------------------------------------------------------

    @Test
    void outage_failsWhatWaitsAndWhatComesUntilAWorkerOpens() throws Exception {
        RecordedJob single = fixture.submit();
        RecordedJob many = fixture.feed(fixture.function(), SchedulerFixture.settings(), 3);

        fixture.scheduler.outage(() -> SchedulerFixture.error("no worker"));

        assertThat(single.outcome(0)).isEqualTo(TaskOutcome.ABANDONED);
        assertThat(many.order()).containsExactly(0L, 1L, 2L);
        Ending.Failed failed = (Ending.Failed) many.endings().get(1L);
        assertThat(failed.error().get())
                .hasMessage("no worker")
                .isNotSameAs(failed.error().get());
        RecordedJob later = fixture.submit();
        assertThat(later.outcome(0)).isEqualTo(TaskOutcome.ABANDONED);
        fixture.scheduler.feed(SchedulerFixture.chunk(many, 3, 1, false));
        assertThat(many.outcome(3)).isEqualTo(TaskOutcome.ABANDONED);

        FakeWorker worker = fixture.worker();
        RecordedJob served = fixture.submit();
        worker.runAll(1);

        assertThat(served.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        fixture.assertAllEnded(1, 6, 0);
    }

    @Test
    void outage_whileAWorkerServes_isNone() {
        FakeWorker worker = fixture.worker();
        RecordedJob running = fixture.submit();
        RecordedJob waiting = fixture.submit();

        fixture.scheduler.outage(() -> SchedulerFixture.error("no worker"));

        assertThat(running.endings()).isEmpty();
        assertThat(waiting.endings()).isEmpty();
        assertThat(worker.waiting()).hasSize(1);
    }

    @Test
    void outage_isOverAndTheWorkerIsLost_tasksWaitAgain() {
        fixture.scheduler.outage(() -> SchedulerFixture.error("no worker"));
        fixture.worker().die();

        RecordedJob job = fixture.submit();

        assertThat(job.endings()).isEmpty();
        assertThat(fixture.figures().queued()).isEqualTo(1);
    }

    @Test
    void outage_observed_everyTaskIsDone() {
        fixture.events.observed = true;
        fixture.submit();
        fixture.events.take();

        fixture.scheduler.outage(() -> SchedulerFixture.error("no worker"));
        fixture.submit();

        assertThat(fixture.events.take())
                .containsExactly("done 1/0 ABANDONED", "drained", "queued 2/0", "done 2/0 ABANDONED", "drained");
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    @Test
    void refuse_nothingIsOpen_drainsAtOnce() {
        fixture.scheduler.refuse(AdmissionTests::closed);

        assertThat(fixture.events.take()).containsExactly("drained");
    }

    @Test
    void refuse_newJobs_areRefusedAndOldOnesFinish() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob running = fixture.submit();
        RecordedJob waiting = fixture.submit();
        RecordedJob open = fixture.feed(fixture.function(), SchedulerFixture.settings(), 1);
        fixture.events.take();

        fixture.scheduler.refuse(AdmissionTests::closed);

        assertThatExceptionOfType(PoolClosedException.class).isThrownBy(fixture::submit);
        RecordedJob late = fixture.job(fixture.function(), SchedulerFixture.settings(), false);
        assertThatExceptionOfType(PoolClosedException.class).isThrownBy(() -> fixture.scheduler.open(late));
        assertThat(open.toldOfShutdown()).isTrue();
        assertThat(late.toldOfShutdown()).isFalse();
        fixture.scheduler.feed(SchedulerFixture.chunk(open, 1, 1, false));
        worker.runAll(1);
        assertThat(running.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(waiting.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(open.endings()).hasSize(2);
        assertThat(fixture.events.take()).doesNotContain("drained");
        fixture.scheduler.close(open);
        assertThat(fixture.events.take()).containsExactly("drained");
        fixture.assertAllEnded(4, 0, 0);
    }

    @Test
    void abandonAll_everyState_endsOnceAndCountsOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob finished = fixture.submit();
        worker.run(1, 1);
        RecordedJob inHand = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.run(1, 1);
        worker.begin();
        RecordedJob waiting = fixture.feed(fixture.function(), SchedulerFixture.settings(), 4);
        RecordedJob single = fixture.submit();
        RecordedJob empty = fixture.job(fixture.function(), SchedulerFixture.settings(), false);
        fixture.scheduler.open(empty);

        fixture.scheduler.abandonAll(AdmissionTests::closed);
        fixture.scheduler.abandonAll(AdmissionTests::closed);

        assertThat(List.of(inHand, waiting, single, empty))
                .allSatisfy(job -> assertThat(job.abandonment().outcome()).isEqualTo(TaskOutcome.ABANDONED));
        assertThat(finished.abandonment()).isNull();
        assertThat(fixture.events.take()).contains("drained");
        assertThat(worker.die()).as("a casualty").isNull();
        fixture.assertAllEnded(2, 7, 0);
    }

    @Test
    void abandonAll_resultsArriveAfterwards_areThrownAway() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        fixture.scheduler.abandonAll(AdmissionTests::closed);

        worker.run(3, 1);

        assertThat(job.endings()).isEmpty();
        fixture.assertAllEnded(0, 3, 0);
    }

    @Test
    void abandonAll_workerGivesItemsBack_countsThemOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 5);
        worker.begin();
        fixture.scheduler.drain(worker.lane());

        fixture.scheduler.abandonAll(AdmissionTests::closed);
        worker.answerRecalls();
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();

        fixture.assertAllEnded(0, 5, 0);
    }

    @Test
    void abandonAll_itemHasTimedOutBefore_countsItOnce() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 3);
        worker.begin();
        fixture.advance(Duration.ofSeconds(1));
        worker.sendStack("01");
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);

        fixture.scheduler.abandonAll(AdmissionTests::closed);
        worker.die();

        fixture.assertAllEnded(0, 3, 0);
    }

    @Test
    void abandonAll_itemIsTimingOut_countsItOnce() {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.timeout(Duration.ofSeconds(1)), 3);
        worker.begin();
        fixture.advance(Duration.ofSeconds(1));

        fixture.scheduler.abandonAll(AdmissionTests::closed);
        worker.sendStack("01");
        worker.die();
        fixture.advance(Duration.ofMinutes(1));

        SchedulerFixture.Figures figures = fixture.figures();
        assertThat(figures.failed() + figures.cancelled()).isEqualTo(3);
        assertThat(figures.queued() + figures.active()).isZero();
    }

    @Test
    void abandonAll_casualtyIsUndecided_countsItOnce() {
        FakeWorker worker = fixture.worker();
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.begin();
        Casualty casualty = worker.die();

        fixture.scheduler.abandonAll(AdmissionTests::closed);
        fixture.fail(casualty);

        SchedulerFixture.Figures figures = fixture.figures();
        assertThat(figures.failed() + figures.cancelled()).isEqualTo(3);
        assertThat(figures.queued() + figures.active()).isZero();
    }

    @Test
    void abandonAll_thenMoreIsFed_isDropped() {
        RecordedJob job = fixture.feed(fixture.function(), SchedulerFixture.settings(), 1);
        fixture.scheduler.abandonAll(AdmissionTests::closed);

        fixture.scheduler.feed(SchedulerFixture.chunk(job, 1, 10, false));

        assertThat(fixture.worker().waiting()).isEmpty();
        fixture.assertAllEnded(0, 1, 0);
    }

    // ---- views ----------------------------------------------------------------------------------------------------

    @Test
    void views_ofAWorker_tellWhatItDoes() throws Exception {
        FakeWorker worker = fixture.worker();
        Lane lane = worker.lane();
        fixture.lock.lock();
        try {
            assertThat(fixture.scheduler.running(lane)).isNull();
            assertThat(fixture.scheduler.idle(lane)).isTrue();
        } finally {
            fixture.lock.unlock();
        }
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 3);
        worker.run(2, 1);
        fixture.lock.lock();
        try {
            Scheduler.RunningTask running = fixture.scheduler.running(lane);
            assertThat(running.job()).isSameAs(job);
            assertThat(running.index()).isEqualTo(2);
            assertThat(running.since()).isEqualTo(fixture.nanoTime());
            assertThat(fixture.scheduler.idle(lane)).isFalse();
            assertThat(fixture.scheduler.ended(lane)).isEqualTo(2);
            assertThat(fixture.scheduler.active()).isEqualTo(1);
        } finally {
            fixture.lock.unlock();
        }
    }
}
