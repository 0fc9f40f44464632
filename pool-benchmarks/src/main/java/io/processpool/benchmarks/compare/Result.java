package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A row with its figures.
 *
 * @param row what was measured
 * @param figures of those who have one
 * @param note what else there is to say, or empty
 */
record Result(Row row, Map<Contestant, Figure> figures, String note) {

    @Nullable
    Figure figure(Contestant contestant) {
        return figures.get(contestant);
    }

    /** Returns how many times as good the pool is as this peer, if both have a figure above zero. */
    OptionalDouble ratio(Contestant other) {
        Figure ours = figures.get(Contestant.POOL);
        Figure theirs = figures.get(other);
        if (ours == null || theirs == null || ours.median() <= 0 || theirs.median() <= 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(row.unit().ratio(ours.median(), theirs.median()));
    }
}
