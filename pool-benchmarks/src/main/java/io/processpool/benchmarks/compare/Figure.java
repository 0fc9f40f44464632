package io.processpool.benchmarks.compare;

import java.util.Arrays;
import java.util.Collection;

/**
 * What several measurements of the same thing came to.
 *
 * @param median what stands for all of them
 * @param min the lowest
 * @param max the highest
 */
record Figure(double median, double min, double max) {

    static Figure of(Collection<Double> values) {
        return atQuantile(values, 0.5);
    }

    /** Returns the smallest value that at least this share of all values does not exceed, with the range of all. */
    static Figure atQuantile(Collection<Double> values, double share) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("No values");
        }
        double middle = share == 0.5 ? median(sorted) : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
        return new Figure(middle, sorted[0], sorted[sorted.length - 1]);
    }

    private static double median(double[] sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[half]
                : Arrays.stream(sorted, half - 1, half + 1).average().orElseThrow();
    }
}
