package io.processpool.benchmarks.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What must not be and was. Counts all, and tells of the first at once. Thread-safe. */
final class Violations {

    private static final int KEPT = 20;

    private final Consumer<String> listener;
    private final List<String> first = new ArrayList<>();
    private int count;

    /** Makes a list that nobody has to hear of. */
    Violations() {
        this(violation -> {});
    }

    /** Makes a list; tells the listener of the first violations. */
    Violations(Consumer<String> listener) {
        this.listener = listener;
    }

    /** Notes a violation; null is none. */
    synchronized void note(@Nullable String violation) {
        if (violation == null) {
            return;
        }
        count++;
        if (first.size() < KEPT) {
            first.add(violation);
            listener.accept(violation);
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
