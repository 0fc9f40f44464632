package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Something that the pool must reach in a row.
 *
 * @param text for readers
 * @param least what {@code measured} must be at least if higher is better, or at most if not
 * @param higherIsBetter which of the two
 * @param measured takes what is compared from the result
 * @param of what the measured number is a multiple of, or its unit
 */
record Target(String text, double least, boolean higherIsBetter, Function<Result, OptionalDouble> measured, String of) {

    /** Whether a target is reached. */
    enum Verdict {
        REACHED("reached"),
        MISSED("missed"),
        UNKNOWN("not measured");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** The figure of the pool must be at least so many times that of another. */
    static Target atLeast(double factor, Contestant other) {
        return times("≥ ", factor, true, other);
    }

    /** The figure of the pool must be at most so many times that of another. */
    static Target atMost(double factor, Contestant other) {
        return times("≤ ", factor, false, other);
    }

    private static Target times(String sign, double factor, boolean higher, Contestant other) {
        String of = " × " + other.label();
        return new Target(sign + Numbers.exact(factor) + of, factor, higher, r -> quotient(r, other), of);
    }

    /** The figure of the pool must be at least this. */
    static Target atLeast(double value, Unit unit) {
        String of = " " + unit.label();
        return new Target("≥ " + Numbers.exact(value) + of, value, true, Target::median, of);
    }

    /** The figure of the pool must be at most this. */
    static Target atMost(double value, Unit unit) {
        String of = " " + unit.label();
        return new Target("≤ " + Numbers.exact(value) + of, value, false, Target::median, of);
    }

    /** Something that the experiment has computed must be at most so many times something else. */
    static Target atMost(double factor, String other, double measured) {
        String of = " × " + other;
        return new Target("≤ " + Numbers.exact(factor) + of, factor, false, result -> OptionalDouble.of(measured), of);
    }

    private static OptionalDouble quotient(Result result, Contestant other) {
        Figure theirs = result.figure(other);
        return theirs == null ? OptionalDouble.empty() : ours(result, figure -> figure.median() / theirs.median());
    }

    private static OptionalDouble median(Result result) {
        return ours(result, Figure::median);
    }

    private static OptionalDouble ours(Result result, Function<Figure, Double> value) {
        Figure ours = result.figure(Contestant.POOL);
        return ours == null ? OptionalDouble.empty() : OptionalDouble.of(value.apply(ours));
    }

    Verdict verdict(Result result) {
        OptionalDouble value = measured.apply(result);
        if (value.isEmpty()) {
            return Verdict.UNKNOWN;
        }
        boolean reached = higherIsBetter ? value.getAsDouble() >= least : value.getAsDouble() <= least;
        return reached ? Verdict.REACHED : Verdict.MISSED;
    }

    /** Returns the target, whether it is reached, and by what. */
    String describe(Result result) {
        OptionalDouble value = measured.apply(result);
        String outcome = text + ": " + verdict(result).text();
        return value.isEmpty() ? outcome : outcome + " (" + Numbers.format(value.getAsDouble()) + of + ")";
    }
}
