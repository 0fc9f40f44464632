package io.processpool.benchmarks.compare;

import java.math.BigDecimal;
import java.util.Locale;

/** Writes numbers with as many digits as they deserve. */
final class Numbers {

    private Numbers() {}

    static String format(double value) {
        double size = Math.abs(value);
        if (value == Math.rint(value) || size >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        if (size >= 10) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        return String.format(Locale.ROOT, size >= 0.1 ? "%.2f" : "%.3f", value);
    }

    /** Writes a number that somebody has chosen as it was chosen. */
    static String exact(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    static String range(Figure figure) {
        return format(figure.min()) + " to " + format(figure.max());
    }
}
