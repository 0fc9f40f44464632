package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalDouble;

/** Shows rows as text, one line per peer. */
final class Console {

    private final PrintStream out;

    Console(PrintStream out) {
        this.out = new PrintStream(out, true, StandardCharsets.UTF_8);
    }

    void say(String sentence) {
        out.println(sentence);
    }

    void show(Result result) {
        out.println();
        out.println(result.row().name() + " (" + result.row().unit().label() + ")");
        for (Contestant contestant : Contestant.values()) {
            Figure figure = result.figure(contestant);
            if (figure != null) {
                out.println(line(result, contestant, figure));
            }
        }
        for (Target target : result.row().targets()) {
            out.println("  target " + target.describe(result));
        }
        if (!result.note().isEmpty()) {
            out.println("  " + result.note());
        }
    }

    private static String line(Result result, Contestant contestant, Figure figure) {
        OptionalDouble ratio = contestant == Contestant.POOL ? OptionalDouble.empty() : result.ratio(contestant);
        return String.format(
                        Locale.ROOT,
                        "  %-27s %12s  (%s)",
                        contestant.label(),
                        Numbers.format(figure.median()),
                        Numbers.range(figure))
                + (ratio.isEmpty() ? "" : "  ours " + Numbers.format(ratio.getAsDouble()) + " × as good");
    }
}
