package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who gets what, and when. */
@Timeout(60)
class DispatchTests {

    private static final Duration QUICK = Duration.ofNanos(100_000);
    private static final long QUICK_NANOS = 100_000;

    private final SchedulerFixture fixture = new SchedulerFixture();

    // ---- one task -------------------------------------------------------------------------------------------------

    @Test
    void submit_idleWorker_getsFunctionAndItemAtOnce() {
        FakeWorker worker = fixture.worker();

        RecordedJob job = fixture.submit();

        List<Message> messages = worker.messages();
        assertThat(messages).extracting(Object::getClass).containsExactly(Message.Function.class, Message.Tasks.class);
        Message.Function function = (Message.Function) messages.get(0);
        assertThat(function.kind()).isEqualTo(FunctionKind.FUNCTION);
        Message.Tasks tasks = (Message.Tasks) messages.get(1);
        assertThat(tasks.function())
                .isEqualTo(function.id())
                .isEqualTo(job.function().id());
        assertThat(tasks.batch()).isEqualTo(1);
        assertThat(tasks.count()).isEqualTo(1);
        assertThat(fixture.figures()).isEqualTo(new SchedulerFixture.Figures(1, 0, 0, 0, 0, 0, 1));
    }

    @Test
    void submit_result_endsTheJobWithItsBytes() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();

        worker.run(1, 1000);

        Ending.Value value = (Ending.Value) job.endings().get(0L);
        assertThat(HexFormat.of().formatHex(value.payload().toArray())).isEqualTo("0a0100");
        assertThat(fixture.events.take()).containsExactly("drained");
        fixture.assertAllEnded(1, 0, 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"THREW", "BAD_ARGUMENT", "BAD_RESULT"})
    void submit_failure_isToldAsItIs(ItemStatus status) throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();

        worker.begin();
        worker.end(status, 1000);
        worker.flush();

        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.FAILURE);
        Ending.Thrown thrown = (Ending.Thrown) job.endings().get(0L);
        assertThat(thrown.status()).isEqualTo(status);
        assertThat(thrown.lane().where()).isEqualTo("worker=0");
        fixture.assertAllEnded(0, 1, 0);
    }

    @Test
    void worker_skipsWhatIsWanted_isRefused() throws Exception {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.submit();

        worker.begin();
        worker.end(ItemStatus.SKIPPED, 1000);

        assertThatThrownBy(worker::flush)
                .isInstanceOf(ProtocolException.class)
                .hasMessage("skipped item 0 of batch 1, which is wanted (worker=0)");
        assertThat(job.endings()).isEmpty();
    }

    @Test
    void submit_sameFunctionAgain_travelsOncePerWorker() throws Exception {
        FunctionRef function = fixture.function();
        FakeWorker one = fixture.worker();
        FakeWorker other = fixture.worker();
        for (int i = 0; i < 6; i++) {
            fixture.submit(function, SchedulerFixture.settings());
        }
        for (int i = 0; i < 3; i++) {
            one.run(1, 1_000_000_000);
            other.run(1, 1_000_000_000);
        }

        for (FakeWorker worker : List.of(one, other)) {
            assertThat(worker.messages().stream().filter(Message.Function.class::isInstance))
                    .hasSize(1);
        }
        fixture.assertAllEnded(6, 0, 0);
    }

    @Test
    void submit_functionWithoutNumber_sendsNoFunction() throws Exception {
        FakeWorker worker = fixture.worker();
        FunctionRef each = new FunctionRef(
                0,
                FunctionKind.CALLABLE,
                Bytes.EMPTY,
                new DurationEstimate(),
                getClass().getClassLoader(),
                "fn");

        fixture.submit(each, SchedulerFixture.settings());

        assertThat(worker.messages()).extracting(Object::getClass).containsExactly(Message.Tasks.class);
        worker.run(1, 1);
        fixture.assertAllEnded(1, 0, 0);
    }

    @Test
    void submit_noWorker_waitsAndSaysSo() throws Exception {
        RecordedJob job = fixture.submit();
        assertThat(fixture.events.take()).containsExactly("work waits");
        assertThat(fixture.figures().queued()).isEqualTo(1);

        FakeWorker worker = fixture.worker();

        assertThat(fixture.figures().queued()).isZero();
        assertThat(worker.run(1, 1)).containsExactly("1/0");
        assertThat(job.outcome(0)).isEqualTo(TaskOutcome.SUCCESS);
    }

    @Test
    void submit_severalIdleWorkers_eachGetsOne() {
        List<FakeWorker> workers = List.of(fixture.worker(), fixture.worker(), fixture.worker());

        for (int i = 0; i < 4; i++) {
            fixture.submit();
        }

        assertThat(workers).allSatisfy(worker -> assertThat(worker.batches()).hasSize(1));
        assertThat(fixture.figures().queued()).isEqualTo(1);
    }

    @Test
    void submit_twoIdleWorkers_takesTheOneThatWasBusyLast() throws Exception {
        FakeWorker one = fixture.worker();
        FakeWorker other = fixture.worker();
        fixture.submit();
        fixture.submit();
        other.run(1, 1);
        one.run(1, 1);

        fixture.submit();

        assertThat(one.waiting()).hasSize(1);
        assertThat(other.waiting()).isEmpty();
    }

    // ---- batches --------------------------------------------------------------------------------------------------

    @Test
    void feed_unknownFunction_sendsOneItemToEachAndNoneAhead() {
        FakeWorker one = fixture.worker();
        FakeWorker other = fixture.worker();

        fixture.feed(fixture.function(), SchedulerFixture.settings(), 100);

        assertThat(one.batches()).containsExactly(List.of("1/0"));
        assertThat(other.batches()).containsExactly(List.of("1/1"));
        assertThat(fixture.figures().queued()).isEqualTo(98);
    }

    @Test
    void feed_quickItems_batchesGrowUpToAMillisecondOfWork() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feed(fixture.function(), SchedulerFixture.settings(), 1000);

        List<Integer> sizes = new ArrayList<>();
        while (!worker.waiting().isEmpty()) {
            worker.batches().forEach(batch -> sizes.add(batch.size()));
            worker.run(1, 50_000);
        }

        assertThat(sizes.subList(0, 2))
                .as("one to learn from, then twice as many")
                .containsExactly(1, 2);
        for (int i = 1; i < sizes.size() - 1; i++) {
            assertThat(sizes.get(i)).isBetween(sizes.get(i - 1), 20);
        }
        assertThat(sizes).as("a millisecond of items of 50 µs").contains(20);
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1000);
        assertThat(fixture.figures().succeeded()).isEqualTo(1000);
    }

    @Test
    void feed_longItems_goOneByOneAndNoneWaitsBehindAnother() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feed(fixture.function(Duration.ofMillis(10)), SchedulerFixture.settings(), 20);

        for (int i = 0; i < 20; i++) {
            assertThat(worker.waiting()).containsExactly("1/" + i);
            worker.run(1, 10_000_000);
        }
        assertThat(fixture.figures().succeeded()).isEqualTo(20);
    }

    @Test
    void feed_itemsBecomeSlow_batchesShrink() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), 10_000);
        assertThat(worker.batches().get(0)).hasSize(10);

        for (int i = 0; i < 200; i++) {
            worker.run(1, 20_000_000);
        }

        assertThat(worker.waiting()).hasSize(1);
    }

    @Test
    void feed_quickItems_sendsTheNextBatchAheadButNoMore() throws Exception {
        FakeWorker worker = fixture.worker();

        fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), 1000);

        assertThat(worker.batches())
                .extracting(List::size)
                .as("two milliseconds")
                .containsExactly(10, 10);
        for (int i = 0; i < 50; i++) {
            worker.run(worker.waiting().size() > 10 ? 10 : 5, QUICK_NANOS);
            assertThat(worker.waiting().size()).as("in the worker's hands").isBetween(1, 30);
        }
    }

    @Test
    void feed_quickItems_workerThatHasLeastGetsTheNext() throws Exception {
        FakeWorker one = fixture.worker();
        FakeWorker other = fixture.worker();
        RecordedJob job = fixture.feed(fixture.function(Duration.ofNanos(400_000)), SchedulerFixture.settings(), 4);
        assertThat(one.waiting()).containsExactly("1/0", "1/1");
        assertThat(other.waiting()).containsExactly("1/2", "1/3");
        other.run(1, 400_000);

        fixture.scheduler.feed(SchedulerFixture.chunk(job, 4, 1, false));

        assertThat(one.waiting()).containsExactly("1/0", "1/1");
        assertThat(other.waiting()).containsExactly("1/3", "1/4");
    }

    @Test
    void feed_wholeChunk_travelsTogetherWhateverItTakes() {
        FakeWorker worker = fixture.worker();

        fixture.feedWhole(fixture.function(Duration.ofSeconds(1)), SchedulerFixture.settings(), 50);

        assertThat(worker.batches()).extracting(List::size).containsExactly(50);
    }

    @Test
    void feed_wholeChunks_oneIsInHandAndNoneAheadIfTheyAreLong() {
        FakeWorker worker = fixture.worker();
        RecordedJob job = fixture.feedWhole(fixture.function(Duration.ofMillis(5)), SchedulerFixture.settings(), 50);
        fixture.scheduler.feed(SchedulerFixture.chunk(job, 50, 50, true));

        assertThat(worker.batches()).extracting(List::size).containsExactly(50);
        assertThat(fixture.figures().queued()).isEqualTo(50);
    }

    // ---- more workers than processors -----------------------------------------------------------------------------

    /** Two processors, and four workers. */
    private final SchedulerFixture crowded = SchedulerFixture.withProcessors(2);

    private List<FakeWorker> crowd() {
        return List.of(crowded.worker(), crowded.worker(), crowded.worker(), crowded.worker());
    }

    @Test
    void feed_tinyItemsAndTwoBusyWorkers_wakesNoMore() throws Exception {
        List<FakeWorker> workers = crowd();
        FunctionRef tiny = crowded.function(Duration.ofNanos(1_000));

        RecordedJob job = crowded.feed(tiny, SchedulerFixture.settings(), 20_000);

        assertThat(workers.get(0).waiting()).isNotEmpty();
        assertThat(workers.get(1).waiting()).isNotEmpty();
        assertThat(crowded.figures().queued()).isPositive();
        assertThat(crowded.events.take()).as("no more workers are wanted").isEmpty();
        for (int round = 0; round < 100 && crowded.figures().succeeded() < 20_000; round++) {
            for (FakeWorker worker : workers.subList(0, 2)) {
                worker.run(Math.min(1_000, worker.waiting().size()), 1_000);
            }
        }
        assertThat(workers.get(2).begun() + workers.get(3).begun()).isZero();
        assertThat(job.endings()).hasSize(20_000);
    }

    @Test
    void submit_tinyTasksAndTwoBusyWorkers_wakesNoMore() {
        List<FakeWorker> workers = crowd();
        FunctionRef tiny = crowded.function(Duration.ofNanos(1_000));

        for (int i = 0; i < 10; i++) {
            crowded.submit(tiny, SchedulerFixture.settings());
        }

        assertThat(workers.get(0).waiting()).hasSize(5);
        assertThat(workers.get(1).waiting()).hasSize(5);
    }

    @Test
    void feed_tinyItemsOfWhichOneIsLong_othersTakeWhatWaitsBehindIt() throws Exception {
        List<FakeWorker> workers = crowd();
        FunctionRef tiny = crowded.function(Duration.ofNanos(1_000));
        crowded.feed(tiny, SchedulerFixture.settings(), 20_000);
        workers.get(0).begin();
        workers.get(1).begin();

        crowded.advance(Duration.ofMillis(21)); // both make no progress
        workers.get(0).answerRecalls();
        workers.get(1).answerRecalls();
        for (int round = 0; round < 100 && crowded.figures().succeeded() < 19_998; round++) {
            for (FakeWorker worker : workers.subList(2, 4)) {
                worker.run(Math.min(1_000, worker.waiting().size()), 1_000);
            }
        }

        assertThat(crowded.figures().active()).isEqualTo(2);
    }

    @Test
    void feed_tinyItemsThatPauseForAMoment_stayWhereTheyAre() throws Exception {
        List<FakeWorker> workers = crowd();
        crowded.feed(crowded.function(Duration.ofNanos(1_000)), SchedulerFixture.settings(), 20_000);

        crowded.advance(Duration.ofMillis(19)); // so long may somebody else have the processor

        assertThat(workers.get(0).answerRecall()).isFalse();
        assertThat(workers.get(2).waiting()).isEmpty();
    }

    @Test
    void feed_tinyItemsWhileTheBusyWorkersTakeNoMore_othersTakeThem() {
        List<FakeWorker> workers = crowd();
        crowded.feed(crowded.function(Duration.ofNanos(1_000)), SchedulerFixture.settings(), 20_000);

        crowded.scheduler.drain(workers.get(0).lane());
        crowded.advance(Duration.ofMillis(4));

        assertThat(workers.get(2).waiting()).isNotEmpty();
        assertThat(workers.get(3).waiting()).isEmpty();
    }

    @Test
    void feed_itemsThatAreNotTiny_allWorkersGetSome() {
        List<FakeWorker> workers = crowd();

        crowded.feed(crowded.function(QUICK), SchedulerFixture.settings(), 1_000);

        assertThat(workers).allSatisfy(worker -> assertThat(worker.waiting()).isNotEmpty());
    }

    // ---- order ----------------------------------------------------------------------------------------------------

    @Test
    void queue_samePriority_firstInFirstOut() throws Exception {
        fixture.feedWhole(fixture.function(), SchedulerFixture.settings(), 2);
        fixture.submit();
        fixture.feed(fixture.function(), SchedulerFixture.settings(), 2);
        fixture.submit();

        FakeWorker worker = fixture.worker();

        assertThat(worker.runAll(1_000_000_000)).containsExactly("1/0", "1/1", "2/0", "3/0", "3/1", "4/0");
    }

    @Test
    void queue_priorities_higherFirstAndFirstInFirstOutAmongEqual() throws Exception {
        int[] priorities = {0, 5, -3, 5, 0, Integer.MAX_VALUE, Integer.MIN_VALUE, -3};
        for (int priority : priorities) {
            fixture.submit(fixture.function(), SchedulerFixture.priority(priority));
        }

        FakeWorker worker = fixture.worker();

        assertThat(worker.runAll(1_000_000_000))
                .containsExactly("6/0", "2/0", "4/0", "1/0", "5/0", "3/0", "8/0", "7/0");
    }

    @Test
    void queue_urgentTaskArrives_isNextButOvertakesNothingThatWasSent() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feed(fixture.function(QUICK), SchedulerFixture.settings(), 100);
        List<String> sent = worker.waiting();

        fixture.submit(fixture.function(), SchedulerFixture.priority(1));

        assertThat(worker.run(sent.size(), QUICK_NANOS)).isEqualTo(sent);
        assertThat(worker.waiting().get(0)).isEqualTo("2/0");
    }

    @Test
    void queue_urgentTaskWhileAChunkIsHalfSent_comesBetween() throws Exception {
        FakeWorker worker = fixture.worker();
        fixture.feed(fixture.function(), SchedulerFixture.settings(), 3);
        fixture.submit(fixture.function(), SchedulerFixture.priority(1));

        assertThat(worker.runAll(1_000_000_000)).containsExactly("1/0", "2/0", "1/1", "1/2");
    }

    // ---- functions ------------------------------------------------------------------------------------------------

    @Test
    void functions_outOfUse_areForgottenByTheWorkerThatKnowsThem() throws Exception {
        FakeWorker worker = fixture.worker();
        FunctionRef first = fixture.function();
        fixture.submit(first, SchedulerFixture.settings());
        worker.runAll(1);
        for (int i = 1; i < 512; i++) {
            fixture.submit(fixture.function(), SchedulerFixture.settings());
            worker.runAll(1);
        }
        assertThat(worker.messages()).noneMatch(Message.Forget.class::isInstance);

        fixture.submit(fixture.function(), SchedulerFixture.settings());

        assertThat(worker.messages())
                .as("makes room before something new comes")
                .hasSize(3)
                .first()
                .isEqualTo(new Message.Forget(first.id()));
        worker.runAll(1);
        fixture.submit(first, SchedulerFixture.settings());
        assertThat(worker.messages()).as("sent again").hasAtLeastOneElementOfType(Message.Function.class);
        worker.runAll(1);
        fixture.assertAllEnded(514, 0, 0);
    }

    @Test
    void functions_withLargeCaptures_areForgottenForOneAnother() throws Exception {
        FakeWorker worker = fixture.worker();
        List<FunctionRef> large = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            FunctionRef function = new FunctionRef(
                    i,
                    FunctionKind.FUNCTION,
                    Bytes.of(new byte[20 << 20]),
                    new DurationEstimate(),
                    getClass().getClassLoader(),
                    "large");
            large.add(function);
            fixture.submit(function, SchedulerFixture.settings());
            worker.runAll(1);
        }
        fixture.submit(large.get(3), SchedulerFixture.settings());
        worker.runAll(1);

        assertThat(worker.messages().stream()
                        .filter(message -> !(message instanceof Message.Tasks))
                        .map(message -> message instanceof Message.Forget forget
                                ? "forget " + forget.id()
                                : message.getClass().getSimpleName()))
                .containsExactly("Function", "forget 1", "Function", "forget 2", "Function", "forget 3", "Function");
    }
}
