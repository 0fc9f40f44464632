package io.processpool.internal.scheduler;

import io.processpool.internal.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive items of a job, encoded, on their way to a worker. Immutable.
 */
public final class Chunk {

    private final Job job;
    private final long first;
    private final int count;
    private final Bytes items;
    /** Where each item ends, counted from the start of the first; null for a single item. */
    private final int @Nullable [] ends;

    private final int endsFrom;
    private final int base;
    private final boolean whole;
    private final int attempt;
    private final int suspected;
    private final boolean startTold;
    private final long queuedAt;

    private Chunk(
            Job job,
            long first,
            int count,
            Bytes items,
            int @Nullable [] ends,
            int endsFrom,
            int base,
            boolean whole,
            int attempt,
            int suspected,
            boolean startTold,
            long queuedAt) {
        this.job = job;
        this.first = first;
        this.count = count;
        this.items = items;
        this.ends = ends;
        this.endsFrom = endsFrom;
        this.base = base;
        this.whole = whole;
        this.attempt = attempt;
        this.suspected = suspected;
        this.startTold = startTold;
        this.queuedAt = queuedAt;
    }

    /** Makes a chunk of one item. */
    public static Chunk single(Job job, long index, Bytes item) {
        return new Chunk(job, index, 1, item, null, 0, 0, true, 0, 0, false, System.nanoTime());
    }

    /**
     * Makes a chunk of many items.
     *
     * @param ends where each item ends in {@code items}
     * @param whole whether the items are to travel together, as the user asked
     */
    public static Chunk of(Job job, long first, int count, Bytes items, int[] ends, boolean whole) {
        return new Chunk(job, first, count, items, ends, 0, 0, whole, 0, 0, false, System.nanoTime());
    }

    Job job() {
        return job;
    }

    long first() {
        return first;
    }

    int count() {
        return count;
    }

    Bytes items() {
        return items;
    }

    /** Whether the items are to travel together as far as possible. */
    boolean whole() {
        return whole;
    }

    /** How often these items have been lost with a worker. */
    int attempt() {
        return attempt;
    }

    /** How often a worker died that had these items and had not begun any. */
    int suspected() {
        return suspected;
    }

    /** Whether the listeners were told that the first item has begun, though it was given back before it had. */
    boolean startTold() {
        return startTold;
    }

    /**
     * Returns this chunk as it comes back from a worker that has not begun it.
     *
     * @param suspect whether it may be the reason why that worker is gone
     * @param told whether the listeners were told that the first item has begun
     */
    Chunk returned(boolean suspect, boolean told) {
        int suspicions = suspected + (suspect ? 1 : 0);
        return new Chunk(job, first, count, items, ends, endsFrom, base, whole, attempt, suspicions, told, queuedAt);
    }

    long queuedAt() {
        return queuedAt;
    }

    /** Returns the items {@code from..to} of this chunk, to be batched as seems best. */
    Chunk part(int from, int to) {
        if (from == 0 && to == count) {
            return new Chunk(
                    job, first, count, items, ends, endsFrom, base, false, attempt, suspected, startTold, queuedAt);
        }
        if (ends == null) {
            throw new IllegalArgumentException("part " + from + ".." + to + " of a single item");
        }
        int start = from == 0 ? base : ends[endsFrom + from - 1];
        int end = ends[endsFrom + to - 1];
        return new Chunk(
                job,
                first + from,
                to - from,
                items.slice(start - base, end - start),
                ends,
                endsFrom + from,
                start,
                false,
                attempt,
                suspected,
                from == 0 && startTold,
                queuedAt);
    }

    /** Returns one item of this chunk, to be tried once more. */
    Chunk again(int index) {
        Chunk item = part(index, index + 1);
        return new Chunk(
                job,
                item.first,
                1,
                item.items,
                item.ends,
                item.endsFrom,
                item.base,
                false,
                attempt + 1,
                0,
                false,
                queuedAt);
    }
}
