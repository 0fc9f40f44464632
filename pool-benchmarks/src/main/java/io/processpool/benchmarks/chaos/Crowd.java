package io.processpool.benchmarks.chaos;

import io.processpool.PoolSnapshot;
import io.processpool.ProcessPool;
import io.processpool.WorkerState;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Many threads that submit, map, cancel, resize and recycle the same pool at once. No worker is hit, so no task may fail;
 * each ends exactly once, the counters add up at any moment, and there are never more workers than allowed.
 */
final class Crowd {

    /**
     * What to do.
     *
     * @param time how long
     * @param threads how many threads
     * @param seed what their choices follow from
     */
    record Plan(Duration time, int threads, long seed) {

        private static final Set<String> NAMES = Set.of("--seconds", "--threads", "--seed");

        static Plan parse(String... args) {
            Options options = Options.parse(NAMES, args);
            return new Plan(
                    Duration.ofSeconds(options.whole("--seconds", 60, 1, 86_400)),
                    (int) options.whole("--threads", 16, 1, 1_000),
                    options.whole("--seed", 1, Long.MIN_VALUE, Long.MAX_VALUE));
        }
    }

    private static final int CAPACITY = 5_000_000;
    private static final int WORKERS = 3;
    private static final int STANDBY = 1;
    private static final long WORKER_HEAP = 64L << 20;
    private static final Duration WARM_UP = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long LOOK_NANOS = 2_000_000;

    private final PrintStream out;
    private final Plan plan;
    private final Violations violations = new Violations(violation -> say("VIOLATION: %s", violation));
    private final Blame nobody = new Blame();
    private long looks;
    private int mostServing;

    /** What the last look has seen, or null at the first. */
    private PoolSnapshot before;

    Crowd(PrintStream out, Plan plan) {
        this.out = out;
        this.plan = plan;
    }

    /** Runs, prints progress and figures; returns whether all was as it must be. */
    boolean run() throws IOException, InterruptedException {
        say("seed %d, %d threads, %s", plan.seed, plan.threads, plan.time);
        Path directory = Files.createTempDirectory("chaos");
        Path file = directory.resolve("tally");
        try {
            Tally.create(file, CAPACITY);
            run(new Book(CAPACITY, nobody, violations), file, WARM_UP);
            Files.delete(file);
            Tally tally = Tally.create(file, CAPACITY);
            Book book = new Book(CAPACITY, nobody, violations);
            Residue residue = Residue.now();
            Changes changes = run(book, file, plan.time);
            book.audit(tally::begun);
            Residue after = residue.compareWithNow(violations);
            report(book, changes, residue, after);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(directory);
        }
        say("violations %d", violations.count());
        return violations.count() == 0;
    }

    /** What was done to the pool; nothing that refers to it, for it is to go with all that it has. */
    private record Changes(int resized, int recycled) {}

    private Changes run(Book book, Path tally, Duration time) throws InterruptedException {
        before = null;
        ProcessPool pool = ProcessPool.builder()
                .name("chaos.crowd")
                .workers(WORKERS)
                .standbyWorkers(STANDBY)
                .maxHeap(WORKER_HEAP)
                .queueCapacity(500)
                .environment(Work.environment(tally))
                .shutdownTimeout(Duration.ofMinutes(1))
                .build();
        long start = System.nanoTime();
        List<Member> members = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(plan.seed);
        for (int i = 0; i < plan.threads; i++) {
            members.add(new Member(
                    i, pool, book, violations, random.split(), () -> System.nanoTime() - start < time.toNanos()));
        }
        members.forEach(Thread::start);
        watch(pool, book, members, time.plus(PATIENCE));
        Vigil.until(book::isSettled, PATIENCE.dividedBy(2), LOOK_NANOS);
        pool.close();
        PoolSnapshot end = pool.snapshot();
        examine(end);
        if (end.tasksFailed() + end.tasksQueued() + end.tasksActive() > 0 || end.workersLost() > 0) {
            violations.note("tasks or workers have failed, and nobody has hit them: " + end);
        }
        return new Changes(
                members.stream().mapToInt(Member::resized).sum(),
                members.stream().mapToInt(Member::recycled).sum());
    }

    private void watch(ProcessPool pool, Book book, List<Member> members, Duration limit) {
        new Vigil(System.nanoTime(), limit, LOOK_NANOS)
                .over(
                        members,
                        violations,
                        elapsed -> say(
                                "%4d s  %,d tasks, %,d looks at the pool, violations %d",
                                elapsed.toSeconds(), book.ended(), looks, violations.count()),
                        () -> examine(pool.snapshot()));
    }

    private void examine(PoolSnapshot now) {
        looks++;
        int serving = count(now, WorkerState.IDLE) + count(now, WorkerState.BUSY);
        mostServing = Math.max(mostServing, serving);
        int standing = serving + count(now, WorkerState.STARTING) + count(now, WorkerState.STANDBY);
        if (serving > now.targetWorkers()) {
            violations.note("more workers serve than are allowed: " + now);
        }
        if (standing > now.targetWorkers() + STANDBY + 1) {
            violations.note("more workers than allowed, those in reserve and a successor included: " + now);
        }
        long ended = now.tasksSucceeded() + now.tasksFailed() + now.tasksCancelled();
        if (now.tasksQueued() + now.tasksActive() + ended != now.tasksSubmitted()) {
            violations.note("the counters do not add up: " + now);
        }
        PoolSnapshot last = before;
        before = now;
        if (last != null
                && (last.tasksSubmitted() > now.tasksSubmitted() || last.tasksSucceeded() > now.tasksSucceeded())) {
            violations.note("a counter has gone back: " + last + ", then " + now);
        }
    }

    private static int count(PoolSnapshot snapshot, WorkerState state) {
        return (int) snapshot.workers(state);
    }

    private void report(Book book, Changes changes, Residue before, Residue after) {
        say("");
        say(
                "tasks           %,d submitted, %,d ended, %,d lost",
                book.submitted(), book.ended(), book.submitted() - book.ended());
        say("  right value   %,d", book.right());
        say("  cancelled     %,d", book.cancelled());
        say("  not looked at %,d, of lazy maps that were closed", book.unseen());
        say("  failed        %,d", book.failures());
        say("resized %,d times, recycled %,d times", changes.resized, changes.recycled);
        say("looks           %,d; at most %d workers served", looks, mostServing);
        say(
                "left            processes %d, threads %d, descriptors %+d, directories %d",
                after.processes().size() - before.processes().size(),
                after.threads().size() - before.threads().size(),
                after.descriptors() - before.descriptors(),
                after.directories().size() - before.directories().size());
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
