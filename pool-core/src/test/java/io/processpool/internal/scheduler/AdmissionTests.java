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

    private SchedulerBench bench = new SchedulerBench();
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
        RecordedJob job = bench.job(bench.function(), SchedulerBench.settings(), true);
        CompletableFuture<RecordedJob> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        bench.scheduler.submit(job, SchedulerBench.chunk(job, 0, 1, true));
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
        bench = SchedulerBench.withCapacity(2, Saturation.REJECT);
        FakeWorker worker = bench.worker();
        bench.submit();
        bench.submit();
        bench.submit();

        assertThatExceptionOfType(PoolSaturatedException.class)
                .isThrownBy(bench::submit)
                .withMessage("task 4 'job' was refused: the queue is full: queueCapacity=2 (pool=test)");

        assertThat(bench.figures().rejected()).isEqualTo(1);
        assertThat(bench.figures().submitted()).isEqualTo(3);
        worker.run(1, 1);
        bench.submit();
        worker.runAll(1);
        assertThat(bench.figures().succeeded()).isEqualTo(4);
    }

    @Test
    void reject_queueIsFull_tellsTheListeners() {
        bench = SchedulerBench.withCapacity(1, Saturation.REJECT);
        bench.submit();
        bench.events.take();

        assertThatExceptionOfType(PoolSaturatedException.class).isThrownBy(bench::submit);

        assertThat(bench.events.take()).containsExactly("rejected job");
    }

    @Test
    void reject_feedingAMap_isNeverRefusedAndTakesNoRoom() throws Exception {
        bench = SchedulerBench.withCapacity(1, Saturation.REJECT);

        RecordedJob job = bench.feed(bench.function(), SchedulerBench.settings(), 100);
        RecordedJob single = bench.submit();
        assertThatExceptionOfType(PoolSaturatedException.class).isThrownBy(bench::submit);

        bench.worker().runAll(1);
        assertThat(job.endings()).hasSize(100);
        assertThat(single.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
    }

    @Test
    void endHere_itemThatCannotTravel_endsInItsPlaceAndCounts() throws Exception {
        bench.events.observed = true;
        RecordedJob job = bench.feed(bench.function(), SchedulerBench.settings(), 1);
        bench.events.take();

        bench.scheduler.endHere(job, 1, new Ending.Failed(TaskOutcome.FAILURE, () -> SchedulerBench.error("no")));

        assertThat(job.order()).containsExactly(1L);
        assertThat(bench.events.take()).containsExactly("queued 1/1", "done 1/1 FAILURE");
        bench.worker().runAll(1);
        bench.assertAllEnded(1, 1, 0);
    }

    @Test
    void endHere_cancelledJob_isDropped() {
        RecordedJob job = bench.feed(bench.function(), SchedulerBench.settings(), 1);
        bench.cancel(job, false);

        bench.scheduler.endHere(job, 1, new Ending.Failed(TaskOutcome.FAILURE, () -> SchedulerBench.error("no")));

        bench.assertAllEnded(0, 0, 1);
    }

    @Test
    void block_queueIsFull_waitsForRoom() throws Exception {
        bench = SchedulerBench.withCapacity(1, Saturation.BLOCK);
        FakeWorker worker = bench.worker();
        bench.submit();
        bench.submit();
        CompletableFuture<RecordedJob> third = submitAndWait();
        CompletableFuture<RecordedJob> fourth = submitAndWait();
        assertThat(bench.figures().queued()).isEqualTo(1);

        worker.run(1, 1);
        CompletableFuture.anyOf(third, fourth).get(30, TimeUnit.SECONDS);
        assertThat(bench.figures().queued()).isEqualTo(1);
        worker.run(1, 1);

        third.get(30, TimeUnit.SECONDS);
        fourth.get(30, TimeUnit.SECONDS);
        worker.runAll(1);
        bench.assertAllEnded(4, 0, 0);
    }

    @Test
    void block_interrupted_failsAndStaysInterrupted() throws Exception {
        bench = SchedulerBench.withCapacity(1, Saturation.BLOCK);
        RecordedJob first = bench.submit();
        CompletableFuture<RecordedJob> second = submitAndWait();

        threads.get(0).interrupt();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> second.get(30, TimeUnit.SECONDS))
                .havingCause()
                .isInstanceOf(ProcessPoolException.class)
                .withMessage("interrupted while waiting for room in the queue for task 2 'job' (pool=test)")
                .withCauseInstanceOf(InterruptedException.class);
        bench.worker().runAll(1);
        assertThat(first.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(bench.events.take()).as("no job is open").contains("drained");
        bench.assertAllEnded(1, 0, 0);
    }

    @Test
    void block_poolIsClosed_wakesAllAndRefuses() {
        bench = SchedulerBench.withCapacity(1, Saturation.BLOCK);
        bench.submit();
        List<CompletableFuture<RecordedJob>> waiting = List.of(submitAndWait(), submitAndWait(), submitAndWait());

        bench.scheduler.refuse(AdmissionTests::closed);

        for (CompletableFuture<RecordedJob> each : waiting) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> each.get(30, TimeUnit.SECONDS))
                    .withCauseInstanceOf(PoolClosedException.class);
        }
        assertThat(bench.figures().submitted()).isEqualTo(1);
    }

    @Test
    void block_newWorkerTakesWhatWaits_wakesTheNext() throws Exception {
        bench = SchedulerBench.withCapacity(1, Saturation.BLOCK);
        bench.submit();
        CompletableFuture<RecordedJob> second = submitAndWait();

        bench.worker();

        second.get(30, TimeUnit.SECONDS);
        assertThat(bench.figures().queued()).isEqualTo(1);
    }

    @Test
    void block_outage_wakesAllAndFailsThem() throws Exception {
        bench = SchedulerBench.withCapacity(1, Saturation.BLOCK);
        bench.submit();
        CompletableFuture<RecordedJob> second = submitAndWait();
        CompletableFuture<RecordedJob> third = submitAndWait();

        bench.scheduler.outage(() -> SchedulerBench.error("no worker"));

        assertThat(second.get(30, TimeUnit.SECONDS).outcome(0)).isEqualTo(TaskOutcome.ABANDONED);
        assertThat(third.get(30, TimeUnit.SECONDS).outcome(0)).isEqualTo(TaskOutcome.ABANDONED);
        bench.assertAllEnded(0, 3, 0);
    }

    // ---- outage ---------------------------------------------------------------------------------------------------

    @Test
    void outage_failsWhatWaitsAndWhatComesUntilAWorkerOpens() throws Exception {
        RecordedJob single = bench.submit();
        RecordedJob many = bench.feed(bench.function(), SchedulerBench.settings(), 3);

        bench.scheduler.outage(() -> SchedulerBench.error("no worker"));

        assertThat(single.outcome(0)).isEqualTo(TaskOutcome.ABANDONED);
        assertThat(many.order()).containsExactly(0L, 1L, 2L);
        Ending.Failed failed = (Ending.Failed) many.endings().get(1L);
        assertThat(failed.error().get())
                .hasMessage("no worker")
                .isNotSameAs(failed.error().get());
        RecordedJob later = bench.submit();
        assertThat(later.outcome(0)).isEqualTo(TaskOutcome.ABANDONED);
        bench.scheduler.feed(SchedulerBench.chunk(many, 3, 1, false));
        assertThat(many.outcome(3)).isEqualTo(TaskOutcome.ABANDONED);

        FakeWorker worker = bench.worker();
        RecordedJob served = bench.submit();
        worker.runAll(1);

        assertThat(served.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        bench.assertAllEnded(1, 6, 0);
    }

    @Test
    void outage_whileAWorkerServes_isNone() {
        FakeWorker worker = bench.worker();
        RecordedJob running = bench.submit();
        RecordedJob waiting = bench.submit();

        bench.scheduler.outage(() -> SchedulerBench.error("no worker"));

        assertThat(running.endings()).isEmpty();
        assertThat(waiting.endings()).isEmpty();
        assertThat(worker.waiting()).hasSize(1);
    }

    @Test
    void outage_isOverAndTheWorkerIsLost_tasksWaitAgain() {
        bench.scheduler.outage(() -> SchedulerBench.error("no worker"));
        bench.worker().die();

        RecordedJob job = bench.submit();

        assertThat(job.endings()).isEmpty();
        assertThat(bench.figures().queued()).isEqualTo(1);
    }

    @Test
    void outage_observed_everyTaskIsDone() {
        bench.events.observed = true;
        bench.submit();
        bench.events.take();

        bench.scheduler.outage(() -> SchedulerBench.error("no worker"));
        bench.submit();

        assertThat(bench.events.take())
                .containsExactly("done 1/0 ABANDONED", "drained", "queued 2/0", "done 2/0 ABANDONED", "drained");
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    @Test
    void refuse_nothingIsOpen_drainsAtOnce() {
        bench.scheduler.refuse(AdmissionTests::closed);

        assertThat(bench.events.take()).containsExactly("drained");
    }

    @Test
    void refuse_newJobs_areRefusedAndOldOnesFinish() throws Exception {
        FakeWorker worker = bench.worker();
        RecordedJob running = bench.submit();
        RecordedJob waiting = bench.submit();
        RecordedJob open = bench.feed(bench.function(), SchedulerBench.settings(), 1);
        bench.events.take();

        bench.scheduler.refuse(AdmissionTests::closed);

        assertThatExceptionOfType(PoolClosedException.class).isThrownBy(bench::submit);
        RecordedJob late = bench.job(bench.function(), SchedulerBench.settings(), false);
        assertThatExceptionOfType(PoolClosedException.class).isThrownBy(() -> bench.scheduler.open(late));
        assertThat(open.toldOfShutdown()).isTrue();
        assertThat(late.toldOfShutdown()).isFalse();
        bench.scheduler.feed(SchedulerBench.chunk(open, 1, 1, false));
        worker.runAll(1);
        assertThat(running.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(waiting.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
        assertThat(open.endings()).hasSize(2);
        assertThat(bench.events.take()).doesNotContain("drained");
        bench.scheduler.close(open);
        assertThat(bench.events.take()).containsExactly("drained");
        bench.assertAllEnded(4, 0, 0);
    }

    @Test
    void abandonAll_everyState_endsOnceAndCountsOnce() throws Exception {
        FakeWorker worker = bench.worker();
        RecordedJob finished = bench.submit();
        worker.run(1, 1);
        RecordedJob inHand = bench.feedWhole(bench.function(), SchedulerBench.settings(), 3);
        worker.run(1, 1);
        worker.begin();
        RecordedJob waiting = bench.feed(bench.function(), SchedulerBench.settings(), 4);
        RecordedJob single = bench.submit();
        RecordedJob empty = bench.job(bench.function(), SchedulerBench.settings(), false);
        bench.scheduler.open(empty);

        bench.scheduler.abandonAll(AdmissionTests::closed);
        bench.scheduler.abandonAll(AdmissionTests::closed);

        assertThat(List.of(inHand, waiting, single, empty))
                .allSatisfy(job -> assertThat(job.abandonment().outcome()).isEqualTo(TaskOutcome.ABANDONED));
        assertThat(finished.abandonment()).isNull();
        assertThat(bench.events.take()).contains("drained");
        assertThat(worker.die()).as("a casualty").isNull();
        bench.assertAllEnded(2, 7, 0);
    }

    @Test
    void abandonAll_resultsArriveAfterwards_areThrownAway() throws Exception {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.feedWhole(bench.function(), SchedulerBench.settings(), 3);
        bench.scheduler.abandonAll(AdmissionTests::closed);

        worker.run(3, 1);

        assertThat(job.endings()).isEmpty();
        bench.assertAllEnded(0, 3, 0);
    }

    @Test
    void abandonAll_workerGivesItemsBack_countsThemOnce() throws Exception {
        FakeWorker worker = bench.worker();
        bench.feedWhole(bench.function(), SchedulerBench.settings(), 5);
        worker.begin();
        bench.scheduler.drain(worker.lane());

        bench.scheduler.abandonAll(AdmissionTests::closed);
        worker.answerRecalls();
        worker.end(ItemStatus.VALUE, 1);
        worker.flush();

        bench.assertAllEnded(0, 5, 0);
    }

    @Test
    void abandonAll_itemHasTimedOutBefore_countsItOnce() throws Exception {
        FakeWorker worker = bench.worker();
        RecordedJob job = bench.feedWhole(bench.function(), SchedulerBench.timeout(Duration.ofSeconds(1)), 3);
        worker.begin();
        bench.advance(Duration.ofSeconds(1));
        worker.sendStack("01");
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.TIMEOUT);

        bench.scheduler.abandonAll(AdmissionTests::closed);
        worker.die();

        bench.assertAllEnded(0, 3, 0);
    }

    @Test
    void abandonAll_itemIsTimingOut_countsItOnce() {
        FakeWorker worker = bench.worker();
        bench.feedWhole(bench.function(), SchedulerBench.timeout(Duration.ofSeconds(1)), 3);
        worker.begin();
        bench.advance(Duration.ofSeconds(1));

        bench.scheduler.abandonAll(AdmissionTests::closed);
        worker.sendStack("01");
        worker.die();
        bench.advance(Duration.ofMinutes(1));

        SchedulerBench.Figures figures = bench.figures();
        assertThat(figures.failed() + figures.cancelled()).isEqualTo(3);
        assertThat(figures.queued() + figures.active()).isZero();
    }

    @Test
    void abandonAll_casualtyIsUndecided_countsItOnce() {
        FakeWorker worker = bench.worker();
        bench.feedWhole(bench.function(), SchedulerBench.settings(), 3);
        worker.begin();
        Casualty casualty = worker.die();

        bench.scheduler.abandonAll(AdmissionTests::closed);
        bench.scheduler.fail(casualty, () -> SchedulerBench.error("gone"));

        SchedulerBench.Figures figures = bench.figures();
        assertThat(figures.failed() + figures.cancelled()).isEqualTo(3);
        assertThat(figures.queued() + figures.active()).isZero();
    }

    @Test
    void abandonAll_thenMoreIsFed_isDropped() {
        RecordedJob job = bench.feed(bench.function(), SchedulerBench.settings(), 1);
        bench.scheduler.abandonAll(AdmissionTests::closed);

        bench.scheduler.feed(SchedulerBench.chunk(job, 1, 10, false));

        assertThat(bench.worker().waiting()).isEmpty();
        bench.assertAllEnded(0, 1, 0);
    }

    // ---- views ----------------------------------------------------------------------------------------------------

    @Test
    void views_ofAWorker_tellWhatItDoes() throws Exception {
        FakeWorker worker = bench.worker();
        Lane lane = worker.lane();
        bench.lock.lock();
        try {
            assertThat(bench.scheduler.running(lane)).isNull();
            assertThat(bench.scheduler.idle(lane)).isTrue();
        } finally {
            bench.lock.unlock();
        }
        RecordedJob job = bench.feedWhole(bench.function(), SchedulerBench.settings(), 3);
        worker.run(2, 1);
        bench.lock.lock();
        try {
            Scheduler.RunningTask running = bench.scheduler.running(lane);
            assertThat(running.job()).isSameAs(job);
            assertThat(running.index()).isEqualTo(2);
            assertThat(running.since()).isLessThanOrEqualTo(System.nanoTime());
            assertThat(bench.scheduler.idle(lane)).isFalse();
            assertThat(bench.scheduler.ended(lane)).isEqualTo(2);
            assertThat(bench.scheduler.active()).isEqualTo(1);
        } finally {
            bench.lock.unlock();
        }
    }
}
