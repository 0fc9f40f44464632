package io.processpool.internal.scheduler;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A chunk in the hands of a worker, which runs its items in order. Guarded by the scheduler's lock. */
final class Batch {

    final int id;
    final Chunk chunk;
    final long nanosPerItem;

    /** Items below this one have ended in the worker. */
    int done;

    /** Of a lost worker: items below this one it had begun, whether they have ended or not. */
    int begun;

    /** Items from this one on were taken back. */
    int limit;

    boolean recallSent;

    /** Whether the worker has answered the recall. */
    boolean recallAnswered;

    /** When the worker was asked for what it has not begun; a pool that did not run meanwhile puts it forward. */
    long recalledAt;

    /** Whether the worker will tell when it has the first item, and has not yet. */
    boolean onItsWay;

    /** Whether it is large, and the worker may not have read all of it yet, as far as is known. */
    boolean unread;

    /** Whether all of it has left, as far as is known; matters only as long as it is on its way. */
    boolean sent;

    /** Items whose ending was decided here, before the worker's answer: cancelled, or timed out. */
    @Nullable
    BitSet settled;

    Batch(int id, Chunk chunk) {
        this.id = id;
        this.chunk = chunk;
        this.limit = chunk.count();
        this.nanosPerItem = chunk.job().function().estimate().nanosPerItem();
    }

    Job job() {
        return chunk.job();
    }

    /** Returns the place in the job of an item of this batch. */
    long jobIndex(int index) {
        return chunk.first() + index;
    }

    boolean finished() {
        return done >= limit;
    }

    /** Decides the ending of an item; returns false if it was decided before. */
    boolean settle(int index) {
        BitSet set = makeRoomToSettle();
        if (set.get(index)) {
            return false;
        }
        set.set(index);
        return true;
    }

    /** Takes what memory it needs to {@link #settle} items. */
    BitSet makeRoomToSettle() {
        BitSet set = settled;
        if (set == null) {
            set = new BitSet(chunk.count());
            settled = set;
        }
        return set;
    }

    /** Returns how many of the items that are still here are settled. */
    int settledItems() {
        BitSet set = settled;
        return set == null ? 0 : set.get(done, Math.max(done, limit)).cardinality();
    }

    boolean isSettled(int index) {
        BitSet set = settled;
        return set != null && set.get(index);
    }
}
