package io.processpool.internal.bytes;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sequence of bytes: a slice of an array, and, if it is longer than an array can be or was joined, further
 * slices behind it.
 *
 * <p>The arrays are shared, not copied: whoever hands one in must not change it afterwards.
 */
public final class Bytes {

    /** The empty sequence. */
    public static final Bytes EMPTY = of(new byte[0]);

    private final byte[] array;
    private final int offset;
    private final int count;
    private final @Nullable Bytes next;
    private final long length;

    private Bytes(byte[] array, int offset, int count, @Nullable Bytes next) {
        this.array = array;
        this.offset = offset;
        this.count = count;
        this.next = next;
        this.length = count + (next == null ? 0 : next.length);
    }

    /** Wraps a whole array. */
    public static Bytes of(byte[] array) {
        return of(array, 0, array.length);
    }

    /** Wraps a part of an array. */
    public static Bytes of(byte[] array, int offset, int count) {
        return new Bytes(array, offset, count, null);
    }

    /** Joins sequences without copying them. */
    public static Bytes concat(List<Bytes> parts) {
        Bytes joined = null;
        for (int i = parts.size() - 1; i >= 0; i--) {
            joined = parts.get(i).before(joined);
        }
        return joined == null ? EMPTY : joined;
    }

    /** Returns this sequence with another behind it. */
    private Bytes before(@Nullable Bytes rest) {
        if (rest == null || rest.length == 0) {
            return this;
        }
        if (next == null) {
            return new Bytes(array, offset, count, rest);
        }
        List<Bytes> slices = new ArrayList<>();
        for (Bytes part = this; part != null; part = part.next) {
            slices.add(of(part.array, part.offset, part.count));
        }
        slices.add(rest);
        return concatSingles(slices);
    }

    /** Joins sequences of which only the last may have more than one slice. */
    private static Bytes concatSingles(List<Bytes> slices) {
        Bytes joined = slices.get(slices.size() - 1);
        for (int i = slices.size() - 2; i >= 0; i--) {
            Bytes slice = slices.get(i);
            joined = new Bytes(slice.array, slice.offset, slice.count, joined);
        }
        return joined;
    }

    /** Returns the number of bytes. */
    public long length() {
        return length;
    }

    /** Opens a cursor at the start. */
    public BytesIn open() {
        return new BytesIn(this);
    }

    /** Returns a part, without copying. */
    public Bytes slice(long from, long sliceLength) {
        if (from < 0 || sliceLength < 0 || sliceLength > length - from) {
            throw new IndexOutOfBoundsException("from=" + from + ", length=" + sliceLength + ", of=" + length);
        }
        Bytes part = this;
        long skip = from;
        while (skip >= part.count && part.next != null) {
            skip -= part.count;
            part = part.next;
        }
        return part.sliceFrom((int) skip, sliceLength);
    }

    /** No recursion: there may be millions of small slices. */
    private Bytes sliceFrom(int from, long sliceLength) {
        int taken = (int) Math.min(sliceLength, count - from);
        if (taken == sliceLength || next == null) {
            return new Bytes(array, offset + from, taken, null);
        }
        List<Bytes> slices = new ArrayList<>();
        slices.add(of(array, offset + from, taken));
        long left = sliceLength - taken;
        for (Bytes part = next; part != null && left > 0; part = part.next) {
            int count = (int) Math.min(left, part.count);
            slices.add(of(part.array, part.offset, count));
            left -= count;
        }
        return concat(slices);
    }

    /** Copies all bytes into a new array; only for sequences below 2 GiB. */
    public byte[] toArray() {
        byte[] copy = new byte[Math.toIntExact(length)];
        int to = 0;
        for (Bytes part = this; part != null; part = part.next) {
            System.arraycopy(part.array, part.offset, copy, to, part.count);
            to += part.count;
        }
        return copy;
    }

    /** Whether at least half of the memory that this keeps is for its own bytes, not for the rest of larger arrays. */
    public boolean isCompact() {
        long kept = 0;
        for (Bytes part = this; part != null; part = part.next) {
            kept += part.array.length;
        }
        return length >= kept / 2;
    }

    /** Returns a sequence with the same bytes that shares no array with this one. */
    public Bytes copy() {
        List<Bytes> copies = new ArrayList<>();
        for (Bytes part = this; part != null; part = part.next) {
            copies.add(of(Arrays.copyOfRange(part.array, part.offset, part.offset + part.count)));
        }
        return concat(copies);
    }

    /** Wraps the first slice as a view for I/O. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(array, offset, count);
    }

    /** Whether this is a wrapper of just this array. */
    public boolean isWhole(byte[] candidate) {
        return array == candidate && count == candidate.length && next == null;
    }

    /** Returns what is behind the first slice, or null. */
    public @Nullable Bytes next() {
        return next;
    }

    byte[] array() {
        return array;
    }

    int offset() {
        return offset;
    }

    /** The length of the first slice. */
    int count() {
        return count;
    }

    @Override
    public String toString() {
        return "Bytes[" + length + "]";
    }
}
