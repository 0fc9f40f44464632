package io.processpool.benchmarks.chaos;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends the process of a pool with four busy workers, in all ways that there are, again and again: how soon are the workers
 * gone, and what is left?
 */
final class Parents {

    /**
     * What to do.
     *
     * @param repeat how many processes to end
     * @param freeze how long one is frozen at last, or zero for not at all
     * @param within how soon the last worker must be gone
     */
    record Plan(int repeat, Duration freeze, Duration within) {

        private static final Set<String> NAMES = Set.of("--repeat", "--freeze", "--within");

        static Plan parse(String... args) {
            Options options = Options.parse(NAMES, args);
            return new Plan(
                    (int) options.whole("--repeat", 200, 0, 100_000),
                    Duration.ofSeconds(options.whole("--freeze", 60, 0, 3_600)),
                    Duration.ofMillis(options.whole("--within", 1_000, 1, 60_000)));
        }
    }

    /** Each way once, and from then on as many times {@code SIGKILL} as all others together. */
    private static final List<Death> TURNS = List.of(
            Death.KILL,
            Death.TERM,
            Death.HALT,
            Death.EXHAUSTION,
            Death.EXIT_ON_EXHAUSTION,
            Death.CRASH_ON_EXHAUSTION,
            Death.KILL,
            Death.KILL,
            Death.KILL,
            Death.KILL);

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration FILES_PATIENCE = Duration.ofSeconds(5);
    private static final long LOOK_NANOS = 1_000_000;
    private static final int PROGRESS = 10;

    private final PrintStream out;
    private final Plan plan;
    private final Violations violations = new Violations(violation -> say("VIOLATION: %s", violation));
    private final Map<Death, List<Double>> millis = new EnumMap<>(Death.class);
    private int orphans;
    private int removedByWorkers;
    private int removedByTheNext;
    private int left;

    Parents(PrintStream out, Plan plan) {
        this.out = out;
        this.plan = plan;
    }

    /** Runs, prints progress and figures; returns whether all was as it must be. */
    boolean run() throws IOException, InterruptedException {
        for (int i = 0; i < plan.repeat; i++) {
            attempt(TURNS.get(i % TURNS.size()));
            if ((i + 1) % PROGRESS == 0 && i + 1 < plan.repeat) {
                say(
                        "%d of %d parents ended, %d orphans, violations %d",
                        i + 1, plan.repeat, orphans, violations.count());
            }
        }
        if (!plan.freeze.isZero()) {
            attempt(Death.FREEZE);
        }
        report();
        return violations.count() == 0;
    }

    private void attempt(Death death) throws IOException, InterruptedException {
        // Short, since the path of a socket has a limit; with a longer one it would be elsewhere.
        Path brief = Path.of("/tmp");
        Path directory = Files.isDirectory(brief)
                ? Files.createTempDirectory(brief, "chaos")
                : Files.createTempDirectory("chaos");
        try (Parent parent = Parent.start(death, directory)) {
            parent.awaitBusy();
            if (death == Death.FREEZE) {
                freeze(parent);
            } else {
                end(parent, death, directory);
            }
        } catch (IOException | TimeoutException e) {
            violations.note(death.label() + ": " + e + stderr(directory));
        } finally {
            delete(directory);
        }
    }

    private static String stderr(Path directory) throws IOException {
        String text = Files.readString(directory.resolve("stderr"));
        return text.isBlank() ? "" : "; stderr: " + text.substring(0, Math.min(text.length(), 2_000));
    }

    private void end(Parent parent, Death death, Path directory)
            throws IOException, InterruptedException, TimeoutException {
        long start = System.nanoTime();
        if (death == Death.KILL) {
            parent.handle().destroyForcibly();
        } else {
            if (death == Death.TERM) {
                parent.handle().destroy();
            } else {
                parent.tell('x');
            }
            parent.awaitEnd();
            start = System.nanoTime();
        }
        Vigil.until(() -> parent.workersLeft().isEmpty(), PATIENCE, LOOK_NANOS);
        double took = (System.nanoTime() - start) / 1e6;
        int remaining = parent.workersLeft().size();
        if (remaining > 0) {
            orphans += remaining;
            violations.note(death.label() + ": " + remaining + " workers outlive their pool's process");
        } else if (took > plan.within.toMillis()) {
            violations.note(
                    String.format(Locale.ROOT, "%s: the last worker was gone after %.0f ms", death.label(), took));
        }
        millis.computeIfAbsent(death, key -> new ArrayList<>()).add(took);
        examineFiles(parent, death, directory);
    }

    private void examineFiles(Parent parent, Death death, Path directory)
            throws IOException, InterruptedException, TimeoutException {
        if (Vigil.until(() -> parent.filesLeft().isEmpty(), FILES_PATIENCE, LOOK_NANOS)) {
            removedByWorkers++;
            return;
        }
        List<String> before = parent.filesLeft();
        try (Parent next = Parent.start(Death.FREEZE, directory)) {
            next.awaitBusy();
            next.tell('g');
            next.readLine();
            next.awaitEnd();
        }
        if (parent.filesLeft().isEmpty()) {
            removedByTheNext++;
        } else {
            left++;
            violations.note(death.label() + ": left behind " + before + ", of these after the next start "
                    + parent.filesLeft());
        }
    }

    private void freeze(Parent parent) throws IOException, InterruptedException, TimeoutException {
        try (Signals signals = new Signals()) {
            signals.send("STOP", parent.handle());
            say("a parent is frozen for %d s", plan.freeze.toSeconds());
            LockSupport.parkNanos(plan.freeze.toNanos());
            if (parent.workersLeft().size() != Household.WORKERS) {
                violations.note("workers have ended while their pool's process was frozen");
            }
            signals.send("CONT", parent.handle());
        }
        // Longer than it takes to give up a worker, if the time in the ice counted.
        LockSupport.parkNanos(2 * Household.HEARTBEAT.toNanos());
        parent.tell('g');
        String served = parent.readLine();
        say("resumed: %s", served);
        if (!served.equals("served [2, 4, 6] lost 0")) {
            violations.note("frozen for " + plan.freeze + ", then resumed: " + served);
        }
        parent.awaitEnd();
    }

    private void report() {
        say("");
        say("parents ended   %d, with %d busy workers each", plan.repeat, Household.WORKERS);
        millis.forEach((death, times) -> {
            List<Double> sorted = times.stream().sorted().toList();
            say(
                    "  %-20s %4d  the last worker is gone after: median %.0f ms, 95 %% %.0f ms, most %.0f ms",
                    death.label(),
                    sorted.size(),
                    sorted.get(sorted.size() / 2),
                    sorted.get(Math.min(sorted.size() - 1, sorted.size() * 95 / 100)),
                    sorted.get(sorted.size() - 1));
        });
        long late = millis.values().stream()
                .flatMap(List::stream)
                .filter(time -> time > plan.within.toMillis())
                .count();
        say("orphans         %d; later than %d ms: %d", orphans, plan.within.toMillis(), late);
        say(
                "files           of %d removed by the pool or its workers, of %d by the next start, of %d left",
                removedByWorkers, removedByTheNext, left);
        say("violations %d", violations.count());
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, IOException failure) throws IOException {
                Files.deleteIfExists(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
