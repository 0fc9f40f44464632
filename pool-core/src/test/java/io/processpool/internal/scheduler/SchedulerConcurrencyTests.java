package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.LossReason;
import io.processpool.PoolClosedException;
import io.processpool.Saturation;
import io.processpool.TaskOutcome;
import io.processpool.internal.TaskDefaults;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.Records;
import io.processpool.testing.ManualTimer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers, workers and cancellers all at once: nothing may be lost, told twice, or wait for ever. */
@Timeout(60)
class SchedulerConcurrencyTests {

    private static final int CALLERS = 4;
    private static final int JOBS_EACH = 1000;
    private static final int WORKERS = 3;

    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch drained = new CountDownLatch(1);
    private final Queue<Throwable> troubles = new ConcurrentLinkedQueue<>();
    private final Queue<CountingJob> jobs = new ConcurrentLinkedQueue<>();
    private final Map<Lane, LineChannel> byLane = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final FunctionRef function = new FunctionRef(
            1,
            FunctionKind.FUNCTION,
            Bytes.EMPTY,
            new DurationEstimate(),
            getClass().getClassLoader(),
            "fn");
    private final Scheduler scheduler = scheduler();
    private volatile boolean closing;
    private volatile boolean over;

    private Scheduler scheduler() {
        TaskDefaults defaults = new TaskDefaults(null, Duration.ofHours(1), null, 20, Saturation.BLOCK);
        Events events = new Events();
        return new Scheduler(lock, defaults, events, new ManualTimer(), events);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void manyCallersAndDyingWorkers_everyItemEndsOnce(long seed) throws Exception {
        List<Thread> callers = new ArrayList<>();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            Random random = new Random(seed * 100 + i);
            workers.add(start("worker-" + i, () -> live(random)));
        }
        for (int i = 0; i < CALLERS; i++) {
            Random random = new Random(seed * 1000 + i);
            callers.add(start("caller-" + i, () -> call(random)));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        closing = true;
        scheduler.refuse(() -> new PoolClosedException("closed", null));
        assertThat(drained.await(30, TimeUnit.SECONDS)).as("drained").isTrue();
        await().until(() -> locked(() -> scheduler.queued() + scheduler.active()) == 0);
        over = true;
        byLane.values().forEach(channel -> channel.line.add(new Message.Retire()));
        for (Thread worker : workers) {
            worker.join();
        }

        assertThat(troubles).isEmpty();
        for (CountingJob job : jobs) {
            for (int i = 0; i < job.told.length; i++) {
                int told = job.told[i].get();
                assertThat(told).as("ends of item %d of %s", i, job).isBetween(job.cancelAttempted ? 0 : 1, 1);
            }
        }
        long ended = locked(() -> scheduler.counters().succeeded()
                + scheduler.counters().failed()
                + scheduler.counters().cancelled());
        assertThat(ended).isEqualTo(locked(() -> scheduler.counters().submitted()));
        assertThat(locked(() -> scheduler.counters().submitted())).isGreaterThan(CALLERS * JOBS_EACH / 2);
    }

    private interface Action {
        void run() throws Exception;
    }

    private Thread start(String name, Action action) {
        Thread thread = new Thread(
                () -> {
                    try {
                        action.run();
                    } catch (Throwable t) {
                        troubles.add(t);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private interface View {
        long get();
    }

    private long locked(View view) {
        lock.lock();
        try {
            return view.get();
        } finally {
            lock.unlock();
        }
    }

    // ---- callers --------------------------------------------------------------------------------------------------

    private void call(Random random) {
        for (int i = 0; i < JOBS_EACH; i++) {
            CountingJob job;
            if (random.nextInt(10) < 8) {
                job = new CountingJob(true, 1);
                scheduler.submit(job, SchedulerFixture.chunk(job, 0, 1, true));
            } else {
                int items = 1 + random.nextInt(30);
                job = new CountingJob(false, items);
                scheduler.open(job);
                int half = items / 2;
                if (half > 0) {
                    scheduler.feed(SchedulerFixture.chunk(job, 0, half, random.nextBoolean()));
                }
                scheduler.feed(SchedulerFixture.chunk(job, half, items - half, random.nextBoolean()));
            }
            if (random.nextInt(10) == 0) {
                job.cancelAttempted = true;
                scheduler.cancel(job, random.nextBoolean());
            }
        }
    }

    /** A job that counts how often it was told of each item. */
    private final class CountingJob extends Job {

        private final boolean single;
        private final AtomicInteger[] told;
        private final AtomicInteger ended = new AtomicInteger();
        private volatile boolean cancelAttempted;

        CountingJob(boolean single, int items) {
            super(ids.incrementAndGet(), function, new Settings("job", 0, items % 3, 0, Bytes.EMPTY));
            this.single = single;
            this.told = new AtomicInteger[items];
            for (int i = 0; i < items; i++) {
                told[i] = new AtomicInteger();
            }
            jobs.add(this);
        }

        @Override
        public boolean single() {
            return single;
        }

        @Override
        protected void ended(long first, List<Ending> endings) {
            for (int i = 0; i < endings.size(); i++) {
                told[(int) first + i].incrementAndGet();
            }
            if (ended.addAndGet(endings.size()) == told.length && !single) {
                scheduler.close(this);
            }
        }

        @Override
        protected void abandoned(Ending ending) {
            throw new AssertionError("nobody abandons");
        }
    }

    // ---- workers --------------------------------------------------------------------------------------------------

    /** A channel to a thread. */
    private static final class LineChannel implements Channel {

        private final BlockingQueue<Message> line = new LinkedBlockingQueue<>();

        @Override
        public void enqueue(Message message) {
            line.add(message);
        }

        @Override
        public boolean flush() {
            return true;
        }

        @Override
        public boolean awaitDrained() {
            return true; // a queue in memory always is
        }

        @Override
        public void close() {
            // the worker goes when it is told to
        }
    }

    /** What a worker has of a batch. */
    private static final class Work {
        private final int batch;
        private final int end;
        private int next;

        Work(Message.Tasks tasks) {
            batch = tasks.batch();
            end = tasks.count();
        }
    }

    private void live(Random random) throws Exception {
        while (!over) {
            int budget = 20 + random.nextInt(100);
            LineChannel channel = new LineChannel();
            Lane lane = new Lane(channel, budget, "worker");
            byLane.put(lane, channel);
            scheduler.open(lane);
            if (!over) {
                int ran = work(channel, lane, random);
                assertThat(ran).isLessThanOrEqualTo(budget);
            }
        }
    }

    /** Works until it is told to retire, or dies before; returns how many items it has run. */
    private int work(LineChannel channel, Lane lane, Random random) throws Exception {
        ArrayDeque<Work> work = new ArrayDeque<>();
        int ran = 0;
        boolean retired = false;
        while (!retired || !work.isEmpty()) {
            Message message = work.isEmpty() ? channel.line.take() : channel.line.poll();
            if (message instanceof Message.Retire) {
                retired = true;
            } else if (message instanceof Message.Tasks tasks) {
                work.add(new Work(tasks));
            } else if (message instanceof Message.Recall recall) {
                recall(lane, work, recall.batch());
            } else if (message == null) {
                if (random.nextInt(300) == 0) {
                    break; // with an item in its hands
                }
                runNext(lane, work);
                ran++;
            }
        }
        Casualty casualty = scheduler.lost(lane, null);
        if (casualty != null) {
            scheduler.fail(casualty, () -> SchedulerFixture.error("gone"));
        }
        return ran;
    }

    private void recall(Lane lane, ArrayDeque<Work> work, int batch) throws ProtocolException {
        for (Work each : work) {
            if (each.batch == batch) {
                scheduler.returned(lane, new Message.Returned(batch, each.next));
                work.remove(each);
                return;
            }
        }
    }

    private void runNext(Lane lane, ArrayDeque<Work> work) throws ProtocolException {
        Work first = work.element();
        int index = first.next++;
        if (first.next == first.end) {
            work.remove();
        }
        scheduler.results(lane, Records.of(first.batch, index, ItemStatus.VALUE, 20_000, Bytes.EMPTY));
    }

    // ---- the engine -----------------------------------------------------------------------------------------------

    private final class Events implements SchedulerEvents, TaskMessages {

        @Override
        public void workWaiting() {
            // workers come by themselves
        }

        @Override
        public void laneRunsOut(Lane lane) {}

        @Override
        public void laneSpent(Lane lane) {
            byLane.get(lane).line.add(new Message.Retire());
        }

        @Override
        public void laneIdle(Lane lane) {
            // likewise
        }

        @Override
        public boolean tracksIdleness() {
            return true;
        }

        @Override
        public void killLane(Lane lane, LossReason kind, String what) {
            troubles.add(new AssertionError("killed: " + what));
        }

        @Override
        public void drained() {
            if (closing) {
                drained.countDown();
            }
        }

        @Override
        public boolean observed() {
            return true;
        }

        @Override
        public void taskQueued(Job job, long index) {
            checkLock();
        }

        @Override
        public void taskStarted(Job job, long index, Lane lane, long waitedNanos) {
            checkLock();
        }

        @Override
        public void taskDone(Job job, long index, TaskOutcome outcome, long ranNanos) {
            checkLock();
        }

        @Override
        public void taskProgress(Job job, long index, long done, long total) {
            checkLock();
        }

        @Override
        public void taskRejected(String name) {
            troubles.add(new AssertionError("rejected"));
        }

        private void checkLock() {
            if (!lock.isHeldByCurrentThread()) {
                troubles.add(new AssertionError("told of a task without the lock"));
            }
        }

        @Override
        public String suffix() {
            return "(pool=test)";
        }

        @Override
        public String timedOut(Job job, long index, Lane lane) {
            return "timed out";
        }

        @Override
        public void logSlow(Job job, long index, Lane lane, Bytes stack) {
            troubles.add(new AssertionError("slow"));
        }

        @Override
        public @Nullable Throwable decodeStack(Job job, @Nullable Bytes stack) {
            return null;
        }
    }
}
