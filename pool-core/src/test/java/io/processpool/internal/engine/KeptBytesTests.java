package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.MapOptions;
import io.processpool.OnError;
import io.processpool.ProcessPoolException;
import io.processpool.TaskFunction;
import io.processpool.TaskFuture;
import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Functions;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.wire.FunctionKind;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A future that the user keeps does not keep results that nobody can ask for. */
@Timeout(60)
class KeptBytesTests {

    private final FleetFixture pool = new FleetFixture(1, 0);
    private final ValueCodec values = new ValueCodec(null);
    private final JobServices services = new JobServices(
            pool.scheduler,
            new ItemEncoder(values),
            new ResultDecoder("test", values, null, (lane, what) -> {}),
            new Lookout(),
            Runnable::run,
            pool.timer,
            true);
    private final Submitted submitted = new Submitted(
            1,
            new Functions().register((TaskFunction<Integer, Integer>) x -> x, FunctionKind.FUNCTION),
            new Job.Settings("job", 0, 0, 0, Bytes.EMPTY),
            Tracking.NONE);

    @AfterEach
    void close() {
        pool.close();
    }

    private ListJob<String> map(OnError onError) {
        MapOptions options = MapOptions.defaults().onError(onError);
        return new ListJob<>(new FeedJob.Setup(submitted, services, options, () -> 1), 10);
    }

    private Ending.Value value(String text) {
        BytesOut out = new BytesOut();
        values.encode(text, out, "value");
        return new Ending.Value(out.take());
    }

    /** Ends an item with a value; returns what tells whether its bytes are still there. */
    private WeakReference<Bytes> end(Job job, long index, String text) {
        Ending.Value value = value(text);
        WeakReference<Bytes> bytes = new WeakReference<>(value.payload());
        if (job instanceof ListJob<?> map) {
            map.ended(index, List.of(value));
        } else if (job instanceof SingleJob<?> single) {
            single.ended(index, List.of(value));
        }
        return bytes;
    }

    private static Ending failure() {
        return new Ending.Failed(TaskOutcome.FAILURE, () -> new ProcessPoolException("on purpose"));
    }

    private static void assertForgotten(WeakReference<Bytes> bytes, TaskFuture<?> keeping) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            System.gc();
            assertThat(bytes.refersTo(null)).isTrue();
        });
        Reference.reachabilityFence(keeping);
    }

    @Test
    void map_cancelled_forgetsItsResults() {
        ListJob<String> job = map(OnError.WAIT_ALL);
        WeakReference<Bytes> bytes = end(job, 0, "a");

        job.future().cancel(true);

        assertForgotten(bytes, job.future());
        assertForgotten(end(job, 1, "late"), job.future());
    }

    @Test
    void map_failsFast_forgetsItsResults() {
        ListJob<String> job = map(OnError.FAIL_FAST);
        WeakReference<Bytes> bytes = end(job, 0, "a");

        job.ended(1, List.of(failure()));

        assertThat(job.future().successful()).isFalse();
        assertForgotten(bytes, job.future());
    }

    @Test
    void map_abandoned_forgetsItsResults() {
        ListJob<String> job = map(OnError.WAIT_ALL);
        WeakReference<Bytes> bytes = end(job, 0, "a");

        job.abandoned(failure());

        assertThat(job.future().successful()).isFalse();
        assertForgotten(bytes, job.future());
    }

    // What is not decoded yet must not be forgotten, of course.
    @Test
    void map_abandonedAfterItsEnd_keepsItsResults() throws Exception {
        ListJob<String> job = map(OnError.WAIT_ALL);
        pool.scheduler.open(job);
        job.feed(List.of(1, 2).iterator());
        job.ended(0, List.of(value("a"), value("b")));

        job.abandoned(failure());
        job.future().cancel(true);

        assertThat(job.future().get()).containsExactly("a", "b");
    }

    @Test
    void single_decoded_keepsTheValueOnly() throws Exception {
        SingleJob<String> job = new SingleJob<>(submitted, services, null, 1, false);
        WeakReference<Bytes> bytes = end(job, 0, "a");

        assertThat(job.future().get()).isEqualTo("a");

        assertForgotten(bytes, job.future());
        assertThat(job.future().get()).isEqualTo("a");
    }
}
