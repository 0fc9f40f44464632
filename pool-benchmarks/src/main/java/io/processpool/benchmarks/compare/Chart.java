package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The table as a picture: for each row, a bar for each peer, as long as the peer is good compared with the pool, on a
 * logarithmic scale. Plain SVG that follows the light or dark theme of the reader.
 */
final class Chart {

    /** All alike, or so close to nothing that a logarithm of it says nothing. */
    private static final Set<Unit> LEFT_OUT = EnumSet.of(Unit.PERCENT_OF_IDEAL, Unit.PERCENT_OF_CPU, Unit.WAKE_UPS);

    private static final int WIDTH = 860;
    private static final int LEFT = 210;
    private static final int RIGHT = 130;
    private static final int TOP = 64;
    private static final int BAR = 15;
    private static final int GAP = 14;
    private static final int TITLE = 22;
    private static final int BOTTOM = 34;
    private static final int LEAST_DECADES = 2;

    private static final String STYLE = """
            <style>
              text { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #3d444d }
              .head { font-size: 16px; font-weight: 600; fill: #1f2328 }
              .row { font-weight: 600; fill: #1f2328 }
              .axis { font-size: 11px; fill: #6e7781 }
              .grid { stroke: #d1d9e0; stroke-width: 1 }
              .ours { fill: #0969da }
              .peer { fill: #afb8c1 }
              .self { font-weight: 600; fill: #0969da }
              @media (prefers-color-scheme: dark) {
                text { fill: #c9d1d9 }
                .head, .row { fill: #f0f6fc }
                .axis { fill: #9198a1 }
                .grid { stroke: #3d444d }
                .ours { fill: #4493f8 }
                .peer { fill: #656c76 }
                .self { fill: #4493f8 }
              }
            </style>
            """;

    private final List<Result> results;
    private final double lowest;
    private final double highest;
    private final StringBuilder svg = new StringBuilder();

    private Chart(List<Result> results) {
        this.results = results;
        List<Double> lengths = new ArrayList<>(List.of(1.0));
        results.forEach(result -> bars(result).forEach(bar -> lengths.add(relative(result, bar))));
        // One decade of room below, or the shortest bar would have no length.
        double low = Math.floor(Math.log10(lengths.stream().min(Double::compare).orElseThrow()) - 0.3);
        highest = Math.ceil(Math.log10(lengths.stream().max(Double::compare).orElseThrow()));
        lowest = Math.min(low, highest - LEAST_DECADES);
    }

    static void write(Path file, String machine, List<Result> results) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(file, draw(machine, results));
    }

    /** Draws the rows in which the pool and at least one peer have a figure. */
    static String draw(String machine, List<Result> results) {
        return new Chart(results.stream()
                        .filter(result -> !LEFT_OUT.contains(result.row().unit()))
                        .filter(result -> bars(result).size() > 1)
                        .toList())
                .draw(machine);
    }

    private static List<Contestant> bars(Result result) {
        return Stream.of(Contestant.values())
                .filter(contestant -> result.ratio(contestant).isPresent())
                .toList();
    }

    /** Returns how good a peer is compared with the pool, which is 1. */
    private static double relative(Result result, Contestant contestant) {
        OptionalDouble ratio = result.ratio(contestant);
        return 1 / ratio.orElseThrow();
    }

    private String draw(String machine) {
        int height = TOP + BOTTOM;
        for (Result result : results) {
            height += TITLE + bars(result).size() * BAR + GAP;
        }
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">%n",
                WIDTH,
                height,
                WIDTH,
                height));
        svg.append("<title>ProcessPool and its peers, relative performance</title>\n")
                .append(STYLE);
        text("head", 16, 26, "start", "Performance relative to ProcessPool = 1; longer is better, logarithmic scale");
        text("axis", 16, 44, "start", machine);
        axis(height);
        int y = TOP;
        for (Result result : results) {
            y = group(result, y);
        }
        return svg.append("</svg>\n").toString();
    }

    private void axis(int height) {
        for (double decade = lowest; decade <= highest; decade++) {
            double x = x(Math.pow(10, decade));
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n",
                    x,
                    TOP - 4,
                    x,
                    height - BOTTOM));
            text("axis", x, height - BOTTOM + 16, "middle", decadeLabel(decade) + " ×");
        }
    }

    private static String decadeLabel(double decade) {
        return decade >= 0
                ? String.format(Locale.ROOT, "%,.0f", Math.pow(10, decade))
                : "1/" + String.format(Locale.ROOT, "%,.0f", Math.pow(10, -decade));
    }

    private int group(Result result, int top) {
        text(
                "row",
                16,
                top + TITLE - 7,
                "start",
                result.row().name() + " (" + result.row().unit().label() + ")");
        int y = top + TITLE;
        for (Contestant contestant : bars(result)) {
            boolean ours = contestant == Contestant.POOL;
            double end = x(relative(result, contestant));
            text(ours ? "self" : "name", LEFT - 8, y + BAR - 4, "end", contestant.label());
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>%n",
                    ours ? "ours" : "peer",
                    LEFT,
                    y + 2,
                    end - LEFT,
                    BAR - 4));
            Figure figure = result.figure(contestant);
            text(
                    ours ? "self" : "value",
                    end + 6,
                    y + BAR - 4,
                    "start",
                    figure == null ? "" : Numbers.format(figure.median()));
            y += BAR;
        }
        return y + GAP;
    }

    private double x(double relative) {
        double share = (Math.log10(relative) - lowest) / (highest - lowest);
        return LEFT + share * (WIDTH - LEFT - RIGHT);
    }

    private void text(String style, double x, double y, String anchor, String content) {
        String escaped = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                style,
                x,
                y,
                anchor,
                escaped));
    }
}
