package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.MapOptions;
import io.processpool.SubmissionObserver;
import io.processpool.TaskFunction;
import io.processpool.TaskOutcome;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.AllowList;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Functions;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.scheduler.TaskCounters;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Records;
import io.processpool.testing.Sources;
import java.io.ObjectInputFilter;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much memory the results of a lazy map take that nobody takes: all of them share one array here. */
@Timeout(60)
class IteratorJobTests {

    /** How many are pulled before it is known how large a result is. */
    private static final int FIRST = 256;

    private final FleetFixture pool = new FleetFixture(1, 0);
    private final ValueCodec values = new ValueCodec(null);
    private final AtomicInteger pulled = new AtomicInteger();

    /** What the observers hear. */
    private final List<TaskOutcome> outcomes = new CopyOnWriteArrayList<>();

    private final SubmissionObserver.Submission observer = new SubmissionObserver.Submission() {
        @Override
        public void ended(TaskOutcome outcome, @Nullable Throwable failure) {
            outcomes.add(outcome);
        }
    };

    @AfterEach
    void close() {
        pool.close();
    }

    private IteratorJob<Object> job(boolean ordered, @Nullable ObjectInputFilter filter) {
        return job(ordered, filter, MapOptions.defaults().chunkSize(1).maxInFlight(100_000), Runnable::run);
    }

    private IteratorJob<Object> job(
            boolean ordered, @Nullable ObjectInputFilter filter, MapOptions options, Executor callbacks) {
        IteratorJob<Object> job = new IteratorJob<>(setup(filter, options, callbacks), ordered);
        pool.scheduler.open(job);
        return job;
    }

    /** Makes one for which so many bytes of results of untrusted workers may wait. */
    private IteratorJob<Object> job(FeedJob.Setup setup, long most) {
        IteratorJob<Object> job = new IteratorJob<>(setup, true, most);
        pool.scheduler.open(job);
        return job;
    }

    private FeedJob.Setup setup(ObjectInputFilter filter) {
        return setup(filter, MapOptions.defaults().chunkSize(1).maxInFlight(100_000), Runnable::run);
    }

    private FeedJob.Setup setup(@Nullable ObjectInputFilter filter, MapOptions options, Executor callbacks) {
        JobServices services = new JobServices(
                pool.scheduler,
                new ItemEncoder(values),
                new ResultDecoder("test", values, filter, (lane, what) -> {}),
                new Lookout(),
                callbacks,
                pool.timer,
                true);
        Submitted submitted = new Submitted(
                1,
                new Functions().register((TaskFunction<Integer, Object>) x -> x, FunctionKind.FUNCTION),
                new Job.Settings("job", 0, 0, 0, Bytes.EMPTY),
                new Tracking(Bytes.EMPTY, List.of(observer), Runnable::run));
        return new FeedJob.Setup(submitted, services, options, () -> 1);
    }

    private Bytes encoded(long bytes) {
        BytesOut out = new BytesOut();
        values.encode(new byte[(int) bytes], out, "result");
        return out.take();
    }

    /** Feeds a job without end, on another thread. */
    private void feed(IteratorJob<?> job) {
        Iterator<Integer> endless = Sources.observed(Sources.endless(), i -> pulled.incrementAndGet())
                .iterator();
        Thread feeder = new Thread(() -> job.feedHere(endless));
        feeder.setDaemon(true);
        feeder.start();
    }

    private static long affordable(IteratorJob<?> job) {
        job.mutex.lock();
        try {
            return job.affordable(1, 1);
        } finally {
            job.mutex.unlock();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void results_largeAndNotTaken_stopTheSourceUntilTheyAre(boolean ordered) {
        IteratorJob<Object> job = job(ordered, null);
        Ending large = new Ending.Value(encoded(HeldBytes.LIMIT / 32));
        int fit = (int) (HeldBytes.LIMIT / HeldBytes.of(large));
        feed(job);
        await().until(() -> pulled.get() == FIRST);

        for (int i = 0; i < FIRST; i++) {
            job.ended(i, List.of(large));
        }

        for (int left = FIRST; left > fit; left--) {
            assertThat(affordable(job)).isZero();
            assertThat(pulled.get()).isEqualTo(FIRST);
            job.next();
        }
        await().until(() -> pulled.get() == FIRST + 2); // two for the one worker, though there is no room for any
        await().until(() -> affordable(job) == 0);
        job.ended(FIRST, List.of(large));
        assertThat(affordable(job)).isZero();
        job.next();
        await().until(() -> pulled.get() == FIRST + 3);
        job.close();
    }

    /** The first has to come before the others can be taken. */
    @Test
    void results_largeAndTooEarly_doNotKeepTheFirstFromComing() throws Exception {
        IteratorJob<Object> job = job(true, null);
        Ending large = new Ending.Value(encoded(HeldBytes.LIMIT / 32));
        feed(job);
        await().until(() -> pulled.get() == FIRST);
        for (int i = 1; i < FIRST; i++) {
            job.ended(i, List.of(large));
        }
        assertThatThrownBy(() -> job.next(Duration.ofMillis(1))).isInstanceOf(TimeoutException.class);
        assertThat(affordable(job)).isZero();

        job.ended(0, List.of(large));

        for (int i = 0; i < FIRST; i++) {
            job.next(Duration.ofSeconds(30));
        }
        await().until(() -> pulled.get() > FIRST);
        job.close();
    }

    @Test
    void results_small_doNotStopTheSource() {
        IteratorJob<Object> job = job(true, null);
        feed(job);
        await().until(() -> pulled.get() == FIRST);

        job.ended(0, List.of(new Ending.Scalar(1)));

        await().until(() -> pulled.get() == 100_000);
        job.close();
    }

    /** An honest worker does not come that far. For all who look, what is dropped has never been there. */
    @Test
    void results_ofAnUntrustedWorker_areDroppedBeyondWhatMayWait() throws Exception {
        pool.settle();
        Lane lane = pool.worker("0.0").lane;
        Bytes large = encoded(900);
        int fit = 4;
        IteratorJob<Object> job = job(setup(new AllowList(List.of(), null)), fit * large.length());
        job.feed(IntStream.range(0, fit + 2).iterator());

        for (int i = 0; i < fit + 2; i++) {
            Bytes result = i == fit + 1 ? encoded(0) : large;
            pool.scheduler.results(lane, Records.of(i + 1, 0, ItemStatus.VALUE, 1_000, result));
        }

        assertThat(counters().succeeded()).isEqualTo(fit);
        assertThat(counters().failed()).isEqualTo(2);
        for (int i = 0; i < fit; i++) {
            assertThat(job.next()).isInstanceOf(byte[].class);
        }
        assertThatThrownBy(job::next)
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("item " + fit)
                .hasMessageContaining("was dropped")
                .hasMessageContaining("(pool=test)");
        assertThatThrownBy(job::next).isInstanceOf(TaskSerializationException.class);
        assertThat(job.hasNext()).isFalse();
        assertThat(outcomes).as("to whoever observes it, too").containsExactly(TaskOutcome.FAILURE);
    }

    private TaskCounters counters() {
        return pool.lockedFor(after -> pool.scheduler.counters());
    }

    @Test
    void results_ofAnUntrustedWorkerAreTaken_makesRoomForMore() throws Exception {
        pool.settle();
        Lane lane = pool.worker("0.0").lane;
        Bytes large = encoded(900);
        IteratorJob<Object> job = job(setup(new AllowList(List.of(), null)), large.length());
        job.feed(IntStream.range(0, 100).iterator());

        for (int i = 0; i < 100; i++) {
            pool.scheduler.results(lane, Records.of(i + 1, 0, ItemStatus.VALUE, 1_000, large));
            assertThat(job.next()).isInstanceOf(byte[].class);
        }

        assertThat(counters().succeeded()).isEqualTo(100);
    }

    /** A deep recursion that waits for results may have no stack left at that moment. */
    @Test
    void ended_whatTellsOfTheProgressThrows_endsAllTheSame() throws Exception {
        IteratorJob<Object> job = job(true, null, MapOptions.defaults().progress((done, total) -> {}), command -> {
            throw new StackOverflowError();
        });
        job.feed(List.of(1).iterator());

        job.ended(0, List.of(new Ending.Scalar(7)));

        assertThat(job.next()).isEqualTo(7);
        assertThat(job.hasNext()).isFalse();
        assertThat(outcomes).containsExactly(TaskOutcome.SUCCESS);
    }
}
