package io.processpool.benchmarks.chaos;

import io.processpool.WorkerState;
import io.processpool.benchmarks.chaos.Act.Kind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Tasks with known answers over several pools, while the {@link Monkey} is about: every task must end exactly once, with
 * the right value or because its worker was hit, and nothing may be left.
 */
final class Soak {

    /**
     * What to do.
     *
     * @param limit how long to go on at most
     * @param tasks how many tasks to run at most
     * @param seed what all choices follow from
     * @param rate how often the monkey acts, in times per second; 0 for never
     */
    record Plan(Duration limit, int tasks, long seed, double rate) {

        private static final Set<String> NAMES = Set.of("--minutes", "--tasks", "--seed", "--rate");

        static Plan parse(String... args) {
            Options options = Options.parse(NAMES, args);
            return new Plan(
                    Duration.ofMillis(Math.round(options.real("--minutes", 10, 0.01, 10_000) * 60_000)),
                    (int) options.whole("--tasks", 1_000_000, 100, 100_000_000),
                    options.whole("--seed", 1, Long.MIN_VALUE, Long.MAX_VALUE),
                    options.real("--rate", 5, 0, 1_000));
        }
    }

    private static final int CALLERS = 12;
    private static final int WARM_UP_TASKS = 2_000;
    private static final long LOOK_NANOS = 100_000_000;

    /** How long what is under way may take to end after the last task was submitted. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final PrintStream out;
    private final Plan plan;
    private final Blame blame = new Blame();
    private final Violations violations = new Violations(violation -> say("VIOLATION: %s", violation));

    Soak(PrintStream out, Plan plan) {
        this.out = out;
        this.plan = plan;
    }

    /** Runs, prints progress and figures; returns whether all was as it must be. */
    boolean run() throws IOException, InterruptedException {
        say(
                "seed %d, at most %,d tasks and %s, %s acts of the monkey a second",
                plan.seed, plan.tasks, plan.limit, plan.rate);
        Path directory = Files.createTempDirectory("chaos");
        try {
            warmUp(directory);
            Book book = new Book(plan.tasks, blame, violations);
            Tally tally = Tally.create(directory.resolve("tally"), plan.tasks);
            Residue before = Residue.now();
            Outcome outcome = run(book, directory.resolve("tally"), plan.limit, plan.rate);
            book.audit(tally::begun);
            int begunAgain = book.begunAgain(tally::begun);
            Residue after = before.compareWithNow(violations);
            report(book, outcome, begunAgain, before, after);
        } finally {
            delete(directory);
        }
        say("violations %d", violations.count());
        return violations.count() == 0;
    }

    private static void delete(Path directory) throws IOException {
        for (String name : List.of("tally", "warm-up")) {
            Files.deleteIfExists(directory.resolve(name));
        }
        Files.delete(directory);
    }

    /** So that what the JVM keeps for ever from the first use on is there before anything is counted. */
    private void warmUp(Path directory) throws IOException, InterruptedException {
        Path file = directory.resolve("warm-up");
        Tally.create(file, WARM_UP_TASKS);
        Book book = new Book(WARM_UP_TASKS, blame, violations);
        run(book, file, plan.limit, 0);
    }

    /** What came of a run, besides what is in the book. */
    private record Outcome(
            Duration took,
            Map<Kind, Integer> acts,
            int spared,
            long fingerprint,
            long workersLost,
            long workersStarted) {}

    private Outcome run(Book book, Path tally, Duration limit, double rate) throws IOException, InterruptedException {
        long start = System.nanoTime();
        List<Arena> arenas = Arena.openAll(violations, blame, tally);
        Outcome outcome;
        try (Signals signals = new Signals()) {
            Monkey monkey = new Monkey(arenas, book, blame, violations, signals, plan.seed, rate);
            List<Caller> callers = new ArrayList<>();
            SplittableRandom random = new SplittableRandom(~plan.seed);
            for (int i = 0; i < CALLERS; i++) {
                callers.add(new Caller(
                        i,
                        arenas,
                        book,
                        violations,
                        random.split(),
                        () -> System.nanoTime() - start < limit.toNanos()));
            }
            monkey.start();
            callers.forEach(Thread::start);
            new Vigil(start, limit.plus(PATIENCE), LOOK_NANOS)
                    .over(callers, violations, elapsed -> progress(book, arenas, monkey, elapsed), () -> {});
            monkey.close();
            Vigil.until(book::isSettled, PATIENCE.dividedBy(4), LOOK_NANOS);
            outcome = new Outcome(
                    Duration.ofNanos(System.nanoTime() - start),
                    monkey.done(),
                    monkey.spared(),
                    monkey.fingerprint(),
                    arenas.stream().mapToLong(Arena::workersLost).sum(),
                    arenas.stream()
                            .mapToLong(arena -> arena.pool().snapshot().workersStarted())
                            .sum());
        }
        arenas.forEach(Arena::close);
        return outcome;
    }

    private void progress(Book book, List<Arena> arenas, Monkey monkey, Duration elapsed) {
        long workers = arenas.stream()
                .flatMap(arena -> arena.pool().snapshot().workers().stream())
                .filter(worker -> worker.state() == WorkerState.IDLE || worker.state() == WorkerState.BUSY)
                .count();
        Runtime runtime = Runtime.getRuntime();
        say(
                "%3d:%02d  %,9d tasks (%,.0f/s), %,d failed; %d acts; %d workers serve; heap %d MB; violations %d",
                elapsed.toMinutes(),
                elapsed.toSecondsPart(),
                book.ended(),
                book.ended() * 1e9 / elapsed.toNanos(),
                book.failures(),
                monkey.done().values().stream().mapToInt(Integer::intValue).sum(),
                workers,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                violations.count());
    }

    private void report(Book book, Outcome outcome, int begunAgain, Residue before, Residue after) {
        int acts = outcome.acts.values().stream().mapToInt(Integer::intValue).sum();
        say("");
        say(
                "seed            %d; the same seed and rate give the same acts (%d drawn, fingerprint %016x)",
                plan.seed, acts + outcome.spared, outcome.fingerprint);
        say("took            %d:%02d", outcome.took.toMinutes(), outcome.took.toSecondsPart());
        say(
                "acts            %,d: %s; %d more met nobody",
                acts,
                outcome.acts.entrySet().stream()
                        .map(entry -> entry.getKey().label() + " " + entry.getValue())
                        .collect(Collectors.joining(", ")),
                outcome.spared);
        say(
                "workers         %,d started, %,d hit, %,d lost",
                outcome.workersStarted, blame.hits(), outcome.workersLost);
        say(
                "tasks           %,d submitted, %,d ended, %,d lost",
                book.submitted(), book.ended(), book.submitted() - book.ended());
        say("  right value   %,d", book.right());
        say(
                "  failed        %,d: %,d with a worker that was hit, %,d timed out in one that was stopped or slowed",
                book.failures(), blame.lostTasks(), blame.timeouts());
        say("  hung          %,d timed out, as they should", book.timedOutAsTheyShould());
        say("  not looked at %,d, in maps that threw for another of their tasks", book.unseen());
        say("  begun again   %,d, of those with retries", begunAgain);
        say(
                "left            processes %d, threads %d, descriptors %+d, directories %d, maps of shared memory %+d, heap %+.1f MB",
                after.processes().size() - before.processes().size(),
                after.threads().size() - before.threads().size(),
                after.descriptors() - before.descriptors(),
                after.directories().size() - before.directories().size(),
                after.maps() - before.maps(),
                (after.heapBytes() - before.heapBytes()) / (double) (1 << 20));
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
