package io.processpool.internal.engine;

import io.processpool.internal.codec.Scalars;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.ScalarRun;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the items of a map have ended, by index. There may be millions, so scalars in a row stay without an object for each. Not
 * safe for use by several threads.
 */
final class Outcomes {

    /** So few results are not worth a list of their own kind. */
    private static final int FEW = 256;

    private static final @Nullable Object[] NONE = {};

    /** Scalars in a row. */
    private record Piece(int first, Scalars values) {}

    private final int expected;
    private final List<Piece> pieces = new ArrayList<>();
    private long inPieces;

    /** What is in no piece: a scalar by its value, everything else by its {@link Ending}. */
    private @Nullable Object[] single = NONE;

    /**
     * Makes an empty one.
     *
     * @param total how many items there are, or -1 if that is not known
     */
    Outcomes(long total) {
        this.expected = (int) Math.min(Math.max(total, 16), 1 << 20);
    }

    /** Notes how consecutive items have ended; if there is no memory for that, some of them are missing then. */
    void put(int first, List<Ending> endings) {
        if (endings instanceof ScalarRun run && run.size() > 1) {
            pieces.add(new Piece(first, run.values()));
            inPieces += run.size();
            return;
        }
        for (int i = 0; i < endings.size(); i++) {
            put(first + i, endings.get(i));
        }
    }

    private void put(int index, Ending ending) {
        if (index >= single.length) {
            int wanted = Math.max(index + 1, Math.max(expected, single.length * 2));
            single = Arrays.copyOf(single, wanted);
        }
        single[index] = ending instanceof Ending.Scalar scalar ? scalar.value() : ending;
    }

    /** Returns all of them if they are many and all ints, all longs or all doubles; else null. */
    @Nullable
    Scalars numbers(int count) {
        if (count < FEW || inPieces < count / 2) {
            return null;
        }
        Scalars model = pieces.get(0).values();
        if (!model.unboxed()) {
            return null;
        }
        Object all = model.newArray(count);
        for (Piece piece : pieces) {
            if (piece.values().getClass() != model.getClass()) {
                return null;
            }
            piece.values().copyTo(all, piece.first());
        }
        long found = inPieces;
        for (int i = 0; i < count && i < single.length && found < count; i++) {
            Object value = single[i];
            if (value != null) {
                if (value.getClass() != Array.get(all, i).getClass()) {
                    return null;
                }
                Array.set(all, i, value);
                found++;
            }
        }
        return found == count ? Scalars.of(all) : null;
    }

    /** Returns all of them, by index: a value if it is a scalar, else an {@link Ending}. */
    @Nullable
    Object[] all(int count) {
        @Nullable Object[] all = Arrays.copyOf(single, count);
        for (Piece piece : pieces) {
            piece.values().copyTo(all, piece.first());
        }
        return all;
    }

    /** Nobody asks for them any more. Takes no memory. */
    void forget() {
        pieces.clear();
        single = NONE;
    }
}
