package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table for a page: ours with its range, the others with how many times as good ours is. */
final class Markdown {

    static final String BEGIN = "<!-- comparison -->";
    static final String END = "<!-- /comparison -->";

    private Markdown() {}

    /** Writes the table between the markers of the file, or as the whole file if there are none. */
    static void write(Path file, String machine, List<Result> results) throws IOException {
        String table = BEGIN + "\n" + machine + ".\n\n" + table(results) + "\n" + END;
        String old = Files.exists(file) ? Files.readString(file) : "";
        int begin = old.indexOf(BEGIN);
        int end = old.indexOf(END);
        Files.writeString(
                file,
                begin < 0 || end < begin
                        ? table + "\n"
                        : old.substring(0, begin) + table + old.substring(end + END.length()));
    }

    static String table(List<Result> results) {
        List<Contestant> columns = Stream.of(Contestant.values())
                .filter(contestant -> results.stream().anyMatch(result -> result.figure(contestant) != null))
                .toList();
        List<String> lines = new ArrayList<>();
        lines.add("| work | "
                + columns.stream().map(Contestant::label).collect(Collectors.joining(" | "))
                + " | target |");
        lines.add("|---|" + "---|".repeat(columns.size() + 1));
        for (Result result : results) {
            lines.add("| " + result.row().name() + ", " + result.row().unit().label() + " | "
                    + columns.stream().map(column -> cell(result, column)).collect(Collectors.joining(" | "))
                    + " | "
                    + result.row().targets().stream()
                            .map(target -> target.describe(result))
                            .collect(Collectors.joining("; "))
                    + " |");
        }
        return String.join("\n", lines);
    }

    private static String cell(Result result, Contestant contestant) {
        Figure figure = result.figure(contestant);
        if (figure == null) {
            return "–";
        }
        String median = Numbers.format(figure.median());
        if (contestant == Contestant.POOL) {
            return "**" + median + "** (" + Numbers.range(figure) + ")";
        }
        OptionalDouble ratio = result.ratio(contestant);
        return ratio.isEmpty() ? median : median + " (" + Numbers.format(ratio.getAsDouble()) + " ×)";
    }
}
