package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.PoolClosedException;
import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.scheduler.FakeWorker.Item;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.testing.Scarcity;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A pool's life by chance: jobs come and are cancelled, workers come, work, hang, and die at any moment. After every step
 * the books are checked against what was seen to happen; at the end everything must have ended, once.
 */
final class Simulation {

    private static final int MAX_WORKERS = 5;
    private static final int MAX_JOBS = 12;
    private static final int TRACE = 60;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final ItemStatus[] ENDS = {
        ItemStatus.VALUE,
        ItemStatus.VALUE,
        ItemStatus.VALUE,
        ItemStatus.THREW,
        ItemStatus.BAD_ARGUMENT,
        ItemStatus.BAD_RESULT
    };

    private final Random random;
    private final SchedulerFixture fixture;
    private final List<FunctionRef> functions = new ArrayList<>();
    private final List<FakeWorker> alive = new ArrayList<>();
    private final Map<FakeWorker, Integer> budgets = new HashMap<>();
    private final Map<FakeWorker, Item> running = new HashMap<>();
    private final List<RecordedJob> jobs = new ArrayList<>();
    private final List<RecordedJob> open = new ArrayList<>();
    private final Map<RecordedJob, Integer> fed = new HashMap<>();
    private final Map<Item, Integer> begun = new HashMap<>();
    private final Set<Item> valued = new HashSet<>();
    private final Set<Item> lost = new HashSet<>();
    private final List<Casualty> undecided = new ArrayList<>();
    private final ArrayDeque<String> trace = new ArrayDeque<>();
    private long submitted;

    Simulation(long seed) {
        random = new Random(seed);
        fixture = seed % 2 == 0 ? new SchedulerFixture() : SchedulerFixture.withProcessors(2); // fewer than workers
        for (int i = 0; i < 4; i++) {
            functions.add(fixture.function());
        }
    }

    /** Takes so many steps, then lets everything come to its end. */
    void run(int steps) {
        int step = 0;
        try {
            for (; step < steps; step++) {
                step();
                check();
            }
            settle();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("at step " + step + "; before that: " + String.join(", ", trace), e);
        }
    }

    private void did(String what) {
        trace.addLast(what);
        if (trace.size() > TRACE) {
            trace.removeFirst();
        }
    }

    private void step() throws ProtocolException {
        int dice = random.nextInt(100);
        if (dice < 8) {
            submit();
        } else if (dice < 14) {
            feed();
        } else if (dice < 17) {
            addWorker();
        } else if (dice < 19) {
            cancel();
        } else if (dice < 21) {
            decide();
        } else if (dice < 25) {
            closeFinished();
        } else if (dice < 29) {
            pass(Duration.ofMillis(random.nextInt(3000)));
        } else if (dice < 30 && random.nextInt(20) == 0) {
            did("abandon all");
            fixture.scheduler.abandonAll(() -> new PoolClosedException("closed", null));
        } else if (!alive.isEmpty()) {
            work(alive.get(random.nextInt(alive.size())));
        } else if (random.nextInt(30) == 0) {
            did("outage");
            fixture.scheduler.outage(() -> SchedulerFixture.error("no worker"));
        }
        obey();
    }

    // ---- users ----------------------------------------------------------------------------------------------------

    private Job.Settings settings() {
        long timeout = random.nextInt(3) == 0 ? TIMEOUT.toNanos() : 0;
        int retries = random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0;
        return new Job.Settings("job", timeout, random.nextInt(3) - 1, retries, Bytes.EMPTY);
    }

    private FunctionRef anyFunction() {
        return functions.get(random.nextInt(functions.size()));
    }

    private void submit() {
        RecordedJob job = fixture.job(anyFunction(), settings(), true);
        jobs.add(job);
        fed.put(job, 1);
        submitted++;
        did("submit " + job.id());
        fixture.scheduler.submit(job, SchedulerFixture.chunk(job, 0, 1, true));
    }

    private void feed() {
        RecordedJob job;
        if (open.size() < MAX_JOBS && random.nextBoolean()) {
            job = fixture.job(anyFunction(), settings(), false);
            fixture.scheduler.open(job);
            jobs.add(job);
            open.add(job);
            fed.put(job, 0);
        } else if (open.isEmpty()) {
            return;
        } else {
            job = open.get(random.nextInt(open.size()));
        }
        int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 100 : 10);
        int first = fed.get(job);
        did("feed " + job.id() + "/" + first + "+" + count);
        if (!over(job)) {
            submitted += count;
            fed.put(job, first + count);
        }
        fixture.scheduler.feed(SchedulerFixture.chunk(job, first, count, random.nextBoolean()));
    }

    private static boolean over(RecordedJob job) {
        return job.isDeaf() || job.abandonment() != null;
    }

    private void cancel() {
        if (jobs.isEmpty()) {
            return;
        }
        RecordedJob job = jobs.get(random.nextInt(jobs.size()));
        boolean finished = over(job) || (job.single() && job.endings().size() == 1);
        boolean interrupt = random.nextBoolean();
        did("cancel " + job.id() + (interrupt ? " with interrupt" : ""));
        fixture.scheduler.cancel(job, interrupt);
        if (!finished) {
            job.goDeaf();
        }
        open.remove(job);
    }

    private void closeFinished() {
        for (RecordedJob job : List.copyOf(open)) {
            if (over(job) || job.endings().size() == fed.get(job)) {
                open.remove(job);
                if (!over(job)) {
                    did("close " + job.id());
                    fixture.scheduler.close(job);
                    fed.put(job, job.endings().size());
                }
            }
        }
    }

    // ---- workers --------------------------------------------------------------------------------------------------

    private void addWorker() {
        if (alive.size() == MAX_WORKERS) {
            return;
        }
        int budget = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : Integer.MAX_VALUE;
        boolean recorder = random.nextInt(4) != 0;
        FakeWorker worker = fixture.worker(budget, recorder);
        alive.add(worker);
        budgets.put(worker, budget);
        did("add " + name(worker) + (recorder ? "" : " without recorder"));
    }

    private static String name(FakeWorker worker) {
        return worker.lane().where();
    }

    private void work(FakeWorker worker) throws ProtocolException {
        int dice = random.nextInt(100);
        if (dice < 35) {
            begin(worker);
        } else if (dice < 70) {
            end(worker);
        } else if (dice < 85) {
            did("flush " + name(worker));
            worker.flush();
        } else if (dice < 91) {
            did("answer recall " + name(worker));
            worker.answerRecall();
        } else if (dice < 94) {
            stack(worker);
        } else if (dice < 96) {
            did("drain " + name(worker));
            fixture.scheduler.drain(worker.lane());
        } else if (dice < 98 && worker.isRunning()) {
            did("progress " + name(worker));
            fixture.scheduler.progress(worker.lane(), new Message.Progress(random.nextInt(5), random.nextInt(5), 1, 2));
        } else if (random.nextInt(3) == 0) {
            missResults(worker);
        } else {
            die(worker);
        }
    }

    /** There is no memory to book what a worker sends: nobody hears any more of it before it dies. */
    private void missResults(FakeWorker worker) throws ProtocolException {
        Batch current = worker.lane().current();
        if (current == null) {
            return;
        }
        Scarcity memory = ((RecordedJob) current.job()).memory;
        memory.refuse(1);
        try {
            end(worker);
            worker.flush();
        } catch (OutOfMemoryError e) {
            did("results missed of " + name(worker));
            if (random.nextBoolean()) {
                begin(worker);
            }
            die(worker);
        } finally {
            memory.refuse(0);
        }
    }

    private void begin(FakeWorker worker) throws ProtocolException {
        Item item = worker.begin();
        if (item == null) {
            return;
        }
        did("begin " + item + " on " + name(worker));
        running.put(worker, item);
        begun.merge(item, 1, Integer::sum);
        assertThat(worker.begun()).as("tasks of %s", name(worker)).isLessThanOrEqualTo(budgets.get(worker));
        if (worker.isRunningCancelled()) {
            did("skip " + item);
            running.remove(worker);
            worker.end(ItemStatus.SKIPPED, 1);
        }
    }

    private void end(FakeWorker worker) throws ProtocolException {
        Item item = running.remove(worker);
        if (item == null) {
            return;
        }
        ItemStatus status = ENDS[random.nextInt(ENDS.length)];
        did("end " + item + " " + status);
        if (status == ItemStatus.VALUE) {
            valued.add(item);
        }
        worker.end(status, (long) Math.pow(10, 2 + random.nextInt(7)));
    }

    private void stack(FakeWorker worker) {
        worker.hear();
        if (worker.isRunning()) {
            did("stack " + name(worker));
            worker.sendStack("01");
        }
    }

    private void die(FakeWorker worker) throws ProtocolException {
        did("death of " + name(worker));
        alive.remove(worker);
        Item was = running.remove(worker);
        if (random.nextInt(4) == 0) {
            worker.flushWithoutClearing();
        }
        Casualty casualty = worker.die();
        if (casualty != null) {
            Item item = new Item(casualty.job().id(), casualty.index());
            did("casualty " + item + " of " + casualty.count());
            undecided.add(casualty);
            for (Chunk chunk : casualty.items()) {
                for (int i = 0; i < chunk.count(); i++) {
                    lost.add(new Item(chunk.job().id(), chunk.first() + i));
                }
            }
            if (was != null && !worker.lane().misheard) {
                assertThat(item).as("the casualty is what was running").isEqualTo(was);
            }
        }
    }

    private void decide() {
        if (undecided.isEmpty()) {
            return;
        }
        Casualty casualty = undecided.remove(random.nextInt(undecided.size()));
        did("decide " + casualty.describe());
        fixture.fail(casualty);
    }

    /** Does what the scheduler has asked for. */
    private void obey() throws ProtocolException {
        for (String event : fixture.events.take()) {
            if (event.startsWith("kill ")) {
                for (FakeWorker worker : List.copyOf(alive)) {
                    if (event.startsWith("kill " + name(worker) + ":")) {
                        die(worker);
                    }
                }
            }
        }
    }

    private void pass(Duration duration) throws ProtocolException {
        did("pass " + duration);
        fixture.advance(duration);
        obey();
    }

    // ---- the books ------------------------------------------------------------------------------------------------

    private void check() {
        SchedulerFixture.Figures figures = fixture.figures();
        assertThat(figures.submitted()).as("submitted").isEqualTo(submitted);
        long inHand = 0;
        for (FakeWorker worker : alive) {
            Lane lane = worker.lane();
            long items = 0;
            for (Batch batch : lane.inFlight) {
                items += batch.limit - batch.done;
                for (int i = batch.done; i < batch.limit; i++) {
                    inHand += batch.isSettled(i) ? 0 : 1;
                }
            }
            inHand += lane.timeoutNotice != null ? 1 : 0;
            assertThat((long) lane.inFlightItems)
                    .as("in flight on %s", name(worker))
                    .isEqualTo(items);
            assertThat(lane.inFlightNanos).as("work on %s", name(worker)).isNotNegative();
            assertThat(lane.budget).as("budget of %s", name(worker)).isNotNegative();
        }
        long lately = undecided.stream().mapToLong(Casualty::count).sum();
        assertThat(figures.active()).as("active").isEqualTo(inHand + lately);
        long ended = figures.succeeded() + figures.failed() + figures.cancelled();
        assertThat(ended + figures.queued() + inHand + lately)
                .as("%s, in hand %d, undecided %d", figures, inHand, lately)
                .isEqualTo(submitted);
    }

    /** Serves what is left, and checks that all has ended once and rightly. */
    private void settle() throws ProtocolException {
        while (!undecided.isEmpty()) {
            decide();
        }
        for (FakeWorker worker : List.copyOf(alive)) {
            die(worker);
        }
        while (!undecided.isEmpty()) {
            decide();
        }
        did("settle");
        for (int i = 0; i < 2; i++) {
            FakeWorker worker = fixture.worker();
            alive.add(worker);
            budgets.put(worker, Integer.MAX_VALUE);
        }
        while (fixture.figures().queued() + fixture.figures().active() > 0) {
            for (FakeWorker worker : alive) {
                begin(worker);
                end(worker);
                worker.flush();
                worker.answerRecalls();
            }
            check();
        }
        fixture.advance(Duration.ofMinutes(10));
        check();
        checkEndings();
        fixture.events.take();
        for (RecordedJob job : open) {
            if (!over(job)) {
                fixture.scheduler.close(job);
            }
        }
        fixture.scheduler.refuse(() -> new PoolClosedException("closed", null));
        assertThat(fixture.events.take()).as("no job is open").contains("drained");
        assertThat(fixture.timer.pending()).as("timers").isEmpty();
    }

    private void checkEndings() {
        Map<TaskOutcome, Integer> outcomes = new HashMap<>();
        for (RecordedJob job : jobs) {
            for (long index = 0; index < fed.get(job); index++) {
                Item item = new Item(job.id(), index);
                int most = 1 + job.settings().retries();
                assertThat(begun.getOrDefault(item, 0)).as("runs of %s", item).isLessThanOrEqualTo(most);
                Ending ending = job.endings().get(index);
                if (ending == null) {
                    assertThat(over(job))
                            .as("%s has not ended, its job is over", item)
                            .isTrue();
                } else {
                    outcomes.merge(ending.outcome(), 1, Integer::sum);
                    checkEnding(job, item, ending);
                }
            }
            assertThat(job.endings().size()).isLessThanOrEqualTo(fed.get(job));
        }
        SchedulerFixture.Figures figures = fixture.figures();
        assertThat(figures.succeeded())
                .isEqualTo(outcomes.getOrDefault(TaskOutcome.SUCCESS, 0).longValue());
        assertThat(figures.succeeded() + figures.failed() + figures.cancelled()).isEqualTo(submitted);
    }

    private void checkEnding(RecordedJob job, Item item, Ending ending) {
        switch (ending.outcome()) {
            case SUCCESS -> {
                assertThat(valued).contains(item);
                assertThat(payload((Ending.Value) ending)).isEqualTo(item);
            }
            case TIMEOUT -> assertThat(job.settings().timeoutNanos()).isPositive();
            case WORKER_LOST -> assertThat(lost).contains(item);
            case FAILURE, ABANDONED -> assertThat(ending).isNotNull();
            case CANCELLED -> throw new AssertionError(item + " was skipped and nobody had cancelled it");
        }
    }

    private static Item payload(Ending.Value value) {
        try {
            BytesIn in = value.payload().open();
            assertThat(in.readByte()).isEqualTo((byte) FakeWorker.OBJECT);
            return new Item(in.readVarLong(), in.readVarLong());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
