package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.ProcessPoolException;
import io.processpool.Saturation;
import io.processpool.internal.TaskDefaults;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import io.processpool.testing.ManualTimer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A {@link Scheduler} among fakes: no process, no socket, no thread, and time that passes only on demand. */
final class SchedulerFixture {

    static final Duration GRACE = Duration.ofSeconds(2);
    static final TaskDefaults DEFAULTS = new TaskDefaults(null, GRACE, null, 10_000, Saturation.BLOCK);

    final ReentrantLock lock = new ReentrantLock();
    final ManualTimer timer = new ManualTimer();
    final RecordedEvents events = new RecordedEvents(lock);
    final Scheduler scheduler;
    /** Passes on demand only. Chunks say by the system's clock when they came, which must not be later. */
    private long now = System.nanoTime() + Duration.ofHours(1).toNanos();

    final List<FakeWorker> workers = new ArrayList<>();
    private int lastFunction;
    private long lastJob;

    SchedulerFixture() {
        this(DEFAULTS);
    }

    SchedulerFixture(TaskDefaults defaults) {
        this(defaults, Integer.MAX_VALUE);
    }

    private SchedulerFixture(TaskDefaults defaults, int processors) {
        scheduler = new Scheduler(lock, defaults, events, timer, events, () -> now, processors);
        timer.onTimePassed(nanos -> now += nanos);
    }

    static SchedulerFixture withProcessors(int processors) {
        return new SchedulerFixture(DEFAULTS, processors);
    }

    static SchedulerFixture withCapacity(int capacity, Saturation saturation) {
        return new SchedulerFixture(new TaskDefaults(null, GRACE, null, capacity, saturation));
    }

    static SchedulerFixture withGrace(Duration grace) {
        return new SchedulerFixture(new TaskDefaults(null, grace, null, 10_000, Saturation.BLOCK));
    }

    static SchedulerFixture withSlowThreshold(Duration threshold) {
        return new SchedulerFixture(new TaskDefaults(null, GRACE, threshold, 10_000, Saturation.BLOCK));
    }

    long nanoTime() {
        return now;
    }

    void advance(Duration duration) {
        timer.advance(duration);
    }

    /** Lets time pass in which this process does not run: the timer knows nothing of it, and fires too late. */
    void freeze(Duration duration) {
        now += duration.toNanos();
    }

    // ---- what users submit ----------------------------------------------------------------------------------------

    /** Makes a function of which nothing is known. */
    FunctionRef function() {
        return new FunctionRef(
                ++lastFunction,
                FunctionKind.FUNCTION,
                Bytes.of(new byte[] {1}),
                new DurationEstimate(),
                getClass().getClassLoader(),
                "fn");
    }

    /** Makes a function whose items take so long, as has been learnt. */
    FunctionRef function(Duration each) {
        FunctionRef function = function();
        for (int i = 0; i < 14; i++) {
            function.estimate().learn(each.toNanos(), 1);
        }
        return function;
    }

    static Job.Settings settings() {
        return new Job.Settings("job", 0, 0, 0, Bytes.EMPTY);
    }

    static Job.Settings timeout(Duration timeout) {
        return new Job.Settings("job", timeout.toNanos(), 0, 0, Bytes.EMPTY);
    }

    static Job.Settings priority(int priority) {
        return new Job.Settings("job", 0, priority, 0, Bytes.EMPTY);
    }

    static Job.Settings retries(int retries) {
        return new Job.Settings("job", 0, 0, retries, Bytes.EMPTY);
    }

    RecordedJob job(FunctionRef function, Job.Settings settings, boolean single) {
        return new RecordedJob(++lastJob, function, settings, single, lock);
    }

    /** Makes a chunk of items that say which they are. */
    static Chunk chunk(Job job, long first, int count, boolean whole) {
        BytesOut items = new BytesOut();
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            BytesOut item = new BytesOut();
            item.writeVarLong(job.id());
            item.writeVarLong(first + i);
            items.writeVarLong(item.length());
            items.write(item.take());
            ends[i] = (int) items.length();
        }
        return job.single()
                ? Chunk.single(job, first, items.take())
                : Chunk.of(job, first, count, items.take(), ends, whole);
    }

    /** Submits a job of one item. */
    RecordedJob submit(FunctionRef function, Job.Settings settings) {
        RecordedJob job = job(function, settings, true);
        scheduler.submit(job, chunk(job, 0, 1, true));
        return job;
    }

    /** Submits a job of one item. */
    RecordedJob submit() {
        return submit(function(), settings());
    }

    /** Submits a job of one item whose function, which the worker does not know yet, is large. */
    RecordedJob submitLarge(Job.Settings settings) {
        FunctionRef large = new FunctionRef(
                ++lastFunction,
                FunctionKind.FUNCTION,
                Bytes.of(new byte[Message.Started.LARGE]),
                new DurationEstimate(),
                getClass().getClassLoader(),
                "large");
        return submit(large, settings);
    }

    /** Opens a job and feeds it with items that travel together. */
    RecordedJob feedWhole(FunctionRef function, Job.Settings settings, int items) {
        RecordedJob job = job(function, settings, false);
        scheduler.open(job);
        scheduler.feed(chunk(job, 0, items, true));
        return job;
    }

    /** Opens a job and feeds it with items that are batched as seems best. */
    RecordedJob feed(FunctionRef function, Job.Settings settings, int items) {
        RecordedJob job = job(function, settings, false);
        scheduler.open(job);
        scheduler.feed(chunk(job, 0, items, false));
        return job;
    }

    void cancel(RecordedJob job, boolean interrupt) {
        scheduler.cancel(job, interrupt);
        job.goDeaf();
    }

    // ---- workers --------------------------------------------------------------------------------------------------

    /** Adds a worker with a flight recorder, and no limit to its tasks. */
    FakeWorker worker() {
        return worker(Integer.MAX_VALUE, true);
    }

    FakeWorker worker(int budget, boolean hasRecorder) {
        FakeWorker worker = newWorker(budget, hasRecorder);
        scheduler.open(worker.lane());
        return worker;
    }

    /** Makes a worker that takes no tasks yet. */
    FakeWorker newWorker(int budget, boolean hasRecorder) {
        RecordingChannel channel = new RecordingChannel(lock);
        Lane lane = new Lane(channel, budget, "worker=" + workers.size());
        FakeWorker worker = new FakeWorker(scheduler, channel, lane, hasRecorder);
        workers.add(worker);
        return worker;
    }

    /** Decides that what a lost worker has taken with it has failed. */
    void fail(Casualty casualty) {
        scheduler.fail(casualty, () -> error("gone"));
    }

    // ---- figures --------------------------------------------------------------------------------------------------

    /** What the scheduler counts. */
    record Figures(
            long submitted, long succeeded, long failed, long cancelled, long rejected, long queued, long active) {}

    Figures figures() {
        lock.lock();
        try {
            TaskCounters counters = scheduler.counters();
            return new Figures(
                    counters.submitted(),
                    counters.succeeded(),
                    counters.failed(),
                    counters.cancelled(),
                    counters.rejected(),
                    scheduler.queued(),
                    scheduler.active());
        } finally {
            lock.unlock();
        }
    }

    /** Checks the counters at a moment when nothing waits or runs. */
    void assertAllEnded(long succeeded, long failed, long cancelled) {
        assertThat(figures())
                .isEqualTo(new Figures(
                        succeeded + failed + cancelled,
                        succeeded,
                        failed,
                        cancelled,
                        figures().rejected(),
                        0,
                        0));
    }

    static ProcessPoolException error(@Nullable String message) {
        return new ProcessPoolException(message == null ? "error" : message);
    }
}
