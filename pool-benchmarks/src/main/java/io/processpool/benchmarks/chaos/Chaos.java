package io.processpool.benchmarks.chaos;

import io.processpool.benchmarks.Strays;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/** The command {@code chaos}. */
public final class Chaos {

    private static final int USAGE = 2;
    private static final int FAILED = 1;

    private static final String HELP = """
            chaos [--minutes N] [--tasks N] [--seed N] [--rate N]
              tasks with known answers over four pools, while a monkey kills, stops, slows and floods workers, and
              resizes and recycles pools

              --minutes    ends after so long, 10 by default
              --tasks      or after so many tasks, 1000000 by default
              --seed       what all choices follow from, 1 by default
              --rate       acts of the monkey a second, 5 by default

            chaos parents [--repeat N] [--freeze SECONDS] [--within MILLIS]
              ends the process of a pool with four busy workers, in all ways that there are, and looks what is left

              --repeat     how many processes, 200 by default
              --freeze     how long one is frozen and then resumed at the end, 60 by default, 0 for not at all
              --within     how soon the last worker must be gone, 1000 by default

            chaos crowd [--seconds N] [--threads N] [--seed N]
              threads that submit, map, cancel, resize and recycle one pool at once; nothing is hit, and nothing may fail

              --seconds    60 by default
              --threads    16 by default
              --seed       what their choices follow from, 1 by default

            The exit code is 1 if a task was lost, ended twice, had a wrong value or failed without its worker having
            been hit, or if anything is left: a process, thread, descriptor, directory, map of memory, or heap; or if a worker outlives its pool.
            """;

    private Chaos() {}

    /** Runs the command, in a JVM of its own, at whose end all child processes end; returns the exit code. */
    public static int run(String... args) throws IOException, InterruptedException {
        Strays.endWithThisProcess();
        return run(System.out, args);
    }

    static int run(PrintStream out, String... args) throws IOException, InterruptedException {
        if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
            out.print(HELP);
            return 0;
        }
        try {
            return dispatch(out, args) ? 0 : FAILED;
        } catch (IllegalArgumentException e) {
            System.err.print(e.getMessage() + System.lineSeparator() + HELP);
            return USAGE;
        }
    }

    private static boolean dispatch(PrintStream out, String... args) throws IOException, InterruptedException {
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        return switch (args.length == 0 ? "" : args[0]) {
            case "crowd" -> new Crowd(out, Crowd.Plan.parse(rest)).run();
            case "parents" -> new Parents(out, Parents.Plan.parse(rest)).run();
            default -> new Soak(out, Soak.Plan.parse(args)).run();
        };
    }
}
