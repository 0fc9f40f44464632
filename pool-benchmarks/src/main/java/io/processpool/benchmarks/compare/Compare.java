package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.Strays;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The command {@code compare}: runs the experiments, prints each row as soon as it is there, writes table and chart. */
public final class Compare {

    private static final int USAGE = 2;
    private static final int FAILED = 1;

    private Compare() {}

    /** Runs the command, in a JVM of its own, at whose end all child processes end; returns the exit code. */
    public static int run(String... args) throws IOException {
        Strays.endWithThisProcess();
        return run(System.out, args);
    }

    static int run(PrintStream out, String... args) throws IOException {
        if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
            out.print(Arguments.HELP);
            return 0;
        }
        Arguments arguments;
        try {
            arguments = Arguments.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.print(e.getMessage() + System.lineSeparator() + Arguments.HELP);
            return USAGE;
        }
        return run(arguments, new Console(out));
    }

    private static int run(Arguments arguments, Console console) throws IOException {
        String machine = Machine.describe(arguments.scale());
        String before = Machine.load();
        console.say(machine + ", load " + before);
        List<Result> results = new ArrayList<>();
        boolean failed = false;
        Session session = new Session(arguments.peers());
        try (session) {
            session.absent().forEach(console::say);
            for (Experiment experiment : Catalogue.all()) {
                if (!arguments.only().contains(experiment.id())) {
                    continue;
                }
                if (!experiment.usesPeers()) {
                    session.endPeers();
                }
                try {
                    List<Result> rows = experiment.run(session, arguments.scale());
                    rows.forEach(console::show);
                    results.addAll(rows);
                } catch (Exception e) {
                    console.say(experiment.id() + " failed: " + e);
                    failed = true;
                }
            }
        }
        String load = "load " + before + " before and " + Machine.load() + " after the run";
        console.say(load);
        if (arguments.markdown() != null) {
            Markdown.write(arguments.markdown(), machine + "; " + load, results);
        }
        if (arguments.svg() != null) {
            Chart.write(arguments.svg(), machine, results);
        }
        return failed ? FAILED : 0;
    }
}
