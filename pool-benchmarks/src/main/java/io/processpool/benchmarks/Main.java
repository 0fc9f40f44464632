package io.processpool.benchmarks;

import io.processpool.benchmarks.chaos.Chaos;
import io.processpool.benchmarks.compare.Compare;
import java.util.Arrays;

/** The entry point of {@code benchmarks.jar}: hands over to the comparison, to chaos or to JMH. */
public final class Main {

    private static final String HELP = """
            java -jar benchmarks.jar compare [options]   the pool and its peers side by side, see "compare --help"
            java -jar benchmarks.jar chaos [options]     pools under faults, every task accounted for, see "chaos --help"
            java -jar benchmarks.jar jmh [options]       JMH benchmarks of the pool alone, see "jmh -h", "jmh -l"
            """;

    private Main() {}

    /** Runs the command that is named first. */
    public static void main(String[] args) throws Exception {
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        switch (args.length == 0 ? "help" : args[0]) {
            case "compare" -> System.exit(Compare.run(rest));
            case "chaos" -> System.exit(Chaos.run(rest));
            case "jmh" -> org.openjdk.jmh.Main.main(rest);
            case "help", "-h", "--help" -> System.out.print(HELP);
            default -> {
                System.err.print("Unknown command: " + args[0] + System.lineSeparator() + HELP);
                System.exit(2);
            }
        }
    }
}
