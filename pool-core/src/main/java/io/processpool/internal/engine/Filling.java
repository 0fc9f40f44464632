package io.processpool.internal.engine;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.scheduler.Chunk;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The items of a map that are encoded and have not been sent. The feeding thread adds them, without a lock as long as there is
 * room; that thread and others take them, under one.
 */
final class Filling {

    private static final int FIRST_BYTES = 1024;
    private static final int FIRST_ITEMS = 64;

    /** The most bytes that stand before an item. */
    private static final int LENGTH_BYTES = 5;

    /** Whose items they are. */
    interface Owner {
        /** Makes a chunk of items, which end at these places, and counts them as pulled; or throws, and does not count them. */
        Chunk chunk(int count, Bytes items, int[] ends);
    }

    private final Owner owner;

    /** Guards what is taken, and the change of the arrays. Taken before no other lock but the mutex of the map. */
    private final ReentrantLock lock = new ReentrantLock();

    // The feeding thread writes them; under the lock, if it replaces them.
    private byte[] bytes = new byte[FIRST_BYTES];
    private int[] ends = new int[FIRST_ITEMS];
    private int length;

    /** How many items are in the arrays, in full. By the feeding thread. */
    private volatile int added;

    /** How many of them were taken. Guarded by the lock, and read without it. */
    private volatile int taken;

    Filling(Owner owner) {
        this.owner = owner;
    }

    /** Whether all that was added is taken and counted as pulled; sometimes false though it is, while the feeder takes. */
    boolean isEmpty() {
        return added == taken;
    }

    /** Appends an item with its length before it; returns how many bytes are here. By the feeding thread. */
    int add(BytesOut item) {
        int itemLength = (int) item.length();
        int at = added;
        if (bytes.length - length < itemLength + LENGTH_BYTES || at == ends.length) {
            grow(itemLength + LENGTH_BYTES);
        }
        int to = BytesOut.putVarLong(bytes, length, itemLength);
        item.moveTo(bytes, to);
        length = to + itemLength;
        ends[at] = length;
        added = at + 1;
        return length;
    }

    /**
     * Appends an item with its length before it if it is a number, a truth value or null; returns how many bytes are here, or -1
     * if it is something else. By the feeding thread.
     */
    int addScalar(@Nullable Object item) {
        int at = added;
        if (bytes.length - length <= ValueCodec.MAX_SCALAR || at == ends.length) {
            grow(1 + ValueCodec.MAX_SCALAR);
        }
        int end = ValueCodec.encodeScalar(item, bytes, length + 1);
        if (end < 0) {
            return -1;
        }
        bytes[length] = (byte) (end - length - 1);
        length = end;
        ends[at] = end;
        added = at + 1;
        return end;
    }

    private void grow(int room) {
        lock.lock();
        try {
            if (bytes.length - length < room) {
                bytes = Arrays.copyOf(bytes, Math.max(length + room, 2 * bytes.length));
            }
            if (added == ends.length) {
                ends = Arrays.copyOf(ends, 2 * ends.length);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes what there is; returns null if there is nothing. By the feeding thread.
     *
     * <p>There may be no memory left. So what is needed afterwards is made first: items that are counted as pulled must not get
     * lost, since their map would wait for them.
     */
    @Nullable
    Chunk take() {
        lock.lock();
        try {
            int bytesUsed = Math.max(FIRST_BYTES, length);
            byte[] nextBytes = new byte[bytesUsed + bytesUsed / 8];
            int[] nextEnds = new int[Math.max(FIRST_ITEMS, added)];
            Chunk chunk = takeUpTo(added);
            bytes = nextBytes;
            ends = nextEnds;
            length = 0;
            added = 0;
            taken = 0;
            return chunk;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what there is, which is not counted as pulled. By the feeding thread, which adds nothing more. */
    void discard() {
        lock.lock();
        try {
            taken = added;
        } finally {
            lock.unlock();
        }
    }

    /** Takes what there is at this moment; returns null if there is nothing. By any other thread. */
    @Nullable
    Chunk takeMeanwhile() {
        lock.lock();
        try {
            return takeUpTo(added);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Chunk takeUpTo(int end) {
        int from = taken;
        int count = end - from;
        if (count == 0) {
            return null;
        }
        int start = from == 0 ? 0 : ends[from - 1];
        int[] itemEnds = Arrays.copyOfRange(ends, from, end);
        for (int i = 0; start > 0 && i < count; i++) {
            itemEnds[i] -= start;
        }
        Bytes items = Bytes.of(bytes, start, itemEnds[count - 1]);
        Chunk chunk = owner.chunk(count, items, itemEnds);
        taken = end;
        return chunk;
    }
}
