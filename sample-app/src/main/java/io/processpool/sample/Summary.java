package io.processpool.sample;

import io.processpool.PoolSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the job has done.
 *
 * @param results one result for each document
 * @param elapsed how long it took
 * @param workers how many workers there were at a time
 * @param workersStarted how many were started in all
 * @param workersLost how many of them ended before their time
 */
record Summary(List<DocumentResult> results, Duration elapsed, int workers, long workersStarted, long workersLost) {

    Summary {
        results = List.copyOf(results);
    }

    /** Adds up what two pools have done together. */
    static Summary of(List<DocumentResult> results, Duration elapsed, PoolSnapshot one, PoolSnapshot other) {
        return new Summary(
                results,
                elapsed,
                one.targetWorkers() + other.targetWorkers(),
                one.workersStarted() + other.workersStarted(),
                one.workersLost() + other.workersLost());
    }

    int failed() {
        return (int) results.stream().filter(result -> result.failure() != null).count();
    }

    int pages() {
        return results.stream().mapToInt(DocumentResult::pages).sum();
    }

    long characters() {
        return results.stream().mapToLong(DocumentResult::characters).sum();
    }

    /** Returns it as lines of text: figures first, then the documents that failed. */
    List<String> lines() {
        double seconds = elapsed.toMillis() / 1000.0;
        List<String> lines = new ArrayList<>();
        lines.add(line("documents", results.size()));
        lines.add(line("  succeeded", results.size() - failed()));
        lines.add(line("  failed", failed()));
        lines.add(line("pages", pages()));
        lines.add(line("characters", characters()));
        lines.add(line("seconds", seconds));
        lines.add(line("pages/s", seconds == 0 ? 0 : pages() / seconds));
        lines.add(line("workers", workers));
        lines.add(line("  started", workersStarted));
        lines.add(line("  lost", workersLost));
        for (DocumentResult result : results) {
            if (result.failure() != null) {
                lines.add("failed: " + result.name() + " - " + result.failure().reason());
            }
        }
        return lines;
    }

    private static String line(String label, long value) {
        return String.format(Locale.ROOT, "%-12s %8d", label, value);
    }

    private static String line(String label, double value) {
        return String.format(Locale.ROOT, "%-12s %10.1f", label, value);
    }
}
