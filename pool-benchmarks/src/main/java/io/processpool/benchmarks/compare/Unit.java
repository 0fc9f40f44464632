package io.processpool.benchmarks.compare;

/** What a figure counts, and which of two figures is the better one. */
enum Unit {
    /** Tasks per second. */
    TASKS_PER_SECOND("tasks/s", true),
    /** Items per second. */
    ITEMS_PER_SECOND("items/s", true),
    /** Echoes per second. */
    ECHOES_PER_SECOND("echoes/s", true),
    /** Microseconds. */
    MICROSECONDS("µs", false),
    /** Milliseconds. */
    MILLISECONDS("ms", false),
    /** Per cent of the best that is possible. */
    PERCENT_OF_IDEAL("% of the ideal", true),
    /** Per cent of one processor. */
    PERCENT_OF_CPU("% CPU", false),
    /** Wake-ups per second. */
    WAKE_UPS("wake-ups/s", false),
    /** Megabytes of 2^20 bytes. */
    MEGABYTES("MB", false);

    private final String label;
    private final boolean higherIsBetter;

    Unit(String label, boolean higherIsBetter) {
        this.label = label;
        this.higherIsBetter = higherIsBetter;
    }

    String label() {
        return label;
    }

    boolean higherIsBetter() {
        return higherIsBetter;
    }

    /** Returns how many times as good ours is as theirs. */
    double ratio(double ours, double theirs) {
        return higherIsBetter ? ours / theirs : theirs / ours;
    }
}
