package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that may run only so many tasks. */
@Timeout(60)
class BudgetTests {

    private static final Duration QUICK = Duration.ofNanos(10_000);

    private final SchedulerFixture fixture = new SchedulerFixture();

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 5", "3, 10", "7, 7", "10, 3", "100, 1000"})
    void budget_quickItems_isNeverExceededAndUsedUp(int budget, int items) throws Exception {
        RecordedJob job = fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), items);
        List<Integer> ran = new ArrayList<>();
        while (fixture.figures().succeeded() < items) {
            FakeWorker worker = fixture.worker(budget, true);
            worker.runAll(10_000);
            ran.add(worker.begun());
        }

        int last = ran.get(ran.size() - 1);
        List<Integer> others = ran.subList(0, ran.size() - 1);
        assertThat(others).allMatch(count -> count == budget);
        assertThat(last).isEqualTo(items - budget * others.size()).isPositive();
        assertThat(job.endings()).hasSize(items);
        fixture.assertAllEnded(items, 0, 0);
    }

    @Test
    void budget_wholeChunkIsLarger_isCut() {
        FakeWorker worker = fixture.worker(3, true);

        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 10);

        assertThat(worker.waiting()).containsExactly("1/0", "1/1", "1/2");
        assertThat(fixture.figures().queued()).isEqualTo(7);
    }

    @Test
    void budget_usedUp_isToldOnceWithTheLastItem() throws Exception {
        FakeWorker worker = fixture.worker(2, true);
        fixture.submit();
        assertThat(fixture.events.take()).doesNotContain("spent worker=0");
        worker.run(1, 1);

        fixture.submit();
        assertThat(fixture.events.take()).contains("spent worker=0");
        worker.run(1, 1);

        assertThat(fixture.events.take()).contains("idle worker=0").doesNotContain("spent worker=0");
        fixture.submit();
        assertThat(worker.waiting()).isEmpty();
        assertThat(fixture.figures().queued()).isEqualTo(1);
    }

    // The successor is started when what is left lasts about as long as that takes.
    @ParameterizedTest
    @CsvSource({
        "10, 50, 100, 2",
        "10, 50, 10, 0",
        "10, 1, 5000, 5",
        "100, 20, 500, 25",
        "2, 1, 5000, 0",
        "3, 1, 5000, 1"
    })
    void budget_runsOut_isToldInTimeAndOnce(int budget, int eachSeconds, int noticeSeconds, int left) throws Exception {
        FakeWorker worker = fixture.newWorker(budget, true);
        worker.lane()
                .giveNotice(Duration.ofMillis(1000L * noticeSeconds + 500 * eachSeconds)); // the test takes time, too
        fixture.scheduler.open(worker.lane());
        List<Integer> told = new ArrayList<>();

        for (int given = 1; given <= budget; given++) {
            fixture.submit();
            if (fixture.events.take().contains("runs out worker=0")) {
                told.add(budget - given);
            }
            fixture.advance(Duration.ofSeconds(eachSeconds));
            worker.run(1, 1);
        }

        assertThat(told).isEqualTo(left == 0 ? List.of() : List.of(left));
    }

    @Test
    void budget_unlimited_neverRunsOut() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), 10_000);

        worker.runAll(10_000);

        assertThat(fixture.events.take()).noneMatch(event -> event.startsWith("runs out"));
    }

    @Test
    void budget_spentWorkerGivesItemsBack_getsNoOthers() throws Exception {
        FakeWorker spent = fixture.worker(4, true);
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 6);
        spent.begin();
        fixture.scheduler.drain(spent.lane());

        spent.answerRecalls();

        assertThat(spent.waiting()).isEmpty();
        assertThat(fixture.figures().queued()).isEqualTo(5);
        fixture.worker().runAll(1);
        spent.end(io.processpool.internal.wire.ItemStatus.VALUE, 1);
        spent.flush();
        assertThat(job.endings()).hasSize(6);
        assertThat(spent.begun()).isEqualTo(1);
    }

    @Test
    void budget_itemsAreTakenBackFromAWorkerThatServes_mayBeUsedForOthers() throws Exception {
        FakeWorker worker = fixture.worker(10, true);
        RecordedJob job = fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 4);
        worker.begin();
        fixture.cancel(job, false);
        worker.answerRecalls();
        worker.end(io.processpool.internal.wire.ItemStatus.VALUE, 1);
        worker.flush();

        fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), 100);
        worker.runAll(10_000);

        assertThat(worker.begun()).isEqualTo(10);
    }

    @Test
    void budget_severalWorkers_shareTheWork() throws Exception {
        List<FakeWorker> workers = List.of(fixture.worker(5, true), fixture.worker(5, true), fixture.worker(5, true));
        fixture.feed(fixture.function(), SchedulerFixture.settings(), 20);

        boolean ran = true;
        while (ran) {
            ran = false;
            for (FakeWorker worker : workers) {
                ran |= !worker.runAll(1_000_000).isEmpty();
            }
        }

        assertThat(workers).allSatisfy(worker -> assertThat(worker.begun()).isEqualTo(5));
        assertThat(fixture.figures().queued()).isEqualTo(5);
    }
}
