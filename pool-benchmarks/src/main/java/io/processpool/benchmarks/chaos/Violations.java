package io.processpool.benchmarks.chaos;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What must not be and was. Counts all and keeps the first. Thread-safe. */
final class Violations {

    private static final int KEPT = 20;

    private final List<String> first = new ArrayList<>();
    private int count;

    /** Notes a violation; null is none. */
    synchronized void note(@Nullable String violation) {
        if (violation == null) {
            return;
        }
        count++;
        if (first.size() < KEPT) {
            first.add(violation);
        }
    }

    synchronized int count() {
        return count;
    }

    /** Returns the first ones. */
    synchronized List<String> first() {
        return List.copyOf(first);
    }
}
