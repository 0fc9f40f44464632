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
    private final Past past;

    /**
     * What has become of the items so far.
     *
     * @param attempt how often they have been lost with a worker
     * @param suspected how often a worker died that had them and had not begun any
     * @param passedOn how often a worker gave them back that should have run the first at that time
     * @param startTold whether the listeners were told that the first has begun, though it was given back before it had
     * @param queuedAt when they came
     */
    private record Past(int attempt, int suspected, int passedOn, boolean startTold, long queuedAt) {
        static Past none() {
            return new Past(0, 0, 0, false, System.nanoTime());
        }
    }

    private Chunk(
            Job job,
            long first,
            int count,
            Bytes items,
            int @Nullable [] ends,
            int endsFrom,
            int base,
            boolean whole,
            Past past) {
        this.job = job;
        this.first = first;
        this.count = count;
        this.items = items;
        this.ends = ends;
        this.endsFrom = endsFrom;
        this.base = base;
        this.whole = whole;
        this.past = past;
    }

    /** Makes a chunk of one item. */
    public static Chunk single(Job job, long index, Bytes item) {
        return new Chunk(job, index, 1, item, null, 0, 0, true, Past.none());
    }

    /**
     * Makes a chunk of many items.
     *
     * @param ends where each item ends in {@code items}
     * @param whole whether the items are to travel together, as the user asked
     */
    public static Chunk of(Job job, long first, int count, Bytes items, int[] ends, boolean whole) {
        return new Chunk(job, first, count, items, ends, 0, 0, whole, Past.none());
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
        return past.attempt;
    }

    /** How often a worker died that had these items and had not begun any. */
    int suspected() {
        return past.suspected;
    }

    /** How often a worker gave these items back that should have run the first of them at that time. */
    int passedOn() {
        return past.passedOn;
    }

    /** Whether the listeners were told that the first item has begun, though it was given back before it had. */
    boolean startTold() {
        return past.startTold;
    }

    /**
     * Returns this chunk as it comes back from a worker that has not begun it.
     *
     * @param suspect whether it may be the reason why that worker is gone
     * @param told whether the listeners were told that the first item has begun
     */
    Chunk returned(boolean suspect, boolean told) {
        int suspicions = past.suspected + (suspect ? 1 : 0);
        return with(new Past(past.attempt, suspicions, past.passedOn, told || past.startTold, past.queuedAt));
    }

    /** Returns this chunk as it comes back from a worker that should have run its first item at that time. */
    Chunk passOn() {
        return with(new Past(past.attempt, past.suspected, past.passedOn + 1, past.startTold, past.queuedAt));
    }

    private Chunk with(Past other) {
        return new Chunk(job, first, count, items, ends, endsFrom, base, whole, other);
    }

    long queuedAt() {
        return past.queuedAt;
    }

    /** Returns the items {@code from..to} of this chunk, to be batched as seems best. */
    Chunk part(int from, int to) {
        if (from == 0 && to == count) {
            return new Chunk(job, first, count, items, ends, endsFrom, base, false, past);
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
                from == 0 ? past : new Past(past.attempt, past.suspected, 0, false, past.queuedAt));
    }

    /** Returns this chunk, to be tried once more. */
    Chunk again() {
        Past lost = new Past(past.attempt + 1, 0, 0, false, past.queuedAt);
        return new Chunk(job, first, count, items, ends, endsFrom, base, false, lost);
    }
}
