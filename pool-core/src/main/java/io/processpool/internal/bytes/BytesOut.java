package io.processpool.internal.bytes;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A growing sequence of bytes: an {@link OutputStream} into memory that does not end at 2 GiB. Numbers are big-endian.
 * Not safe for use by several threads.
 */
public final class BytesOut extends OutputStream {

    /** An array grows up to this size; what follows goes to a further segment. */
    private static final int MAX_SEGMENT = 1 << 26;

    /** What is so large is kept beside the array, not copied into it. */
    private static final int LARGE = 1 << 16;

    private final List<Bytes> full = new ArrayList<>(0);
    private final boolean sharing;
    private long fullLength;
    private byte[] array;
    private int position;

    /** Makes an empty one with room for some small values. */
    public BytesOut() {
        this(64);
    }

    /** Makes an empty one with the given room. */
    public BytesOut(int capacity) {
        this(capacity, false);
    }

    private BytesOut(int capacity, boolean sharing) {
        this.array = new byte[capacity];
        this.sharing = sharing;
    }

    /**
     * Makes an empty one that keeps large arrays themselves, not copies of them: what it has {@linkplain #take() given} must
     * be done with before anybody changes one of them.
     */
    public static BytesOut sharing(int capacity) {
        return new BytesOut(capacity, true);
    }

    /** Returns the number of bytes written. */
    public long length() {
        return fullLength + position;
    }

    /** Forgets what was written after the given length; only valid for a length that was seen before. */
    public void truncate(long length) {
        while (length < fullLength) {
            Bytes last = full.remove(full.size() - 1);
            fullLength -= last.count();
            // Nothing was written to the array of another, so no length that was seen before lies within it.
            array = length > fullLength ? last.array() : new byte[64];
        }
        position = (int) (length - fullLength);
    }

    /** Returns all that was written, without copying, and starts anew. */
    public Bytes take() {
        Bytes bytes;
        if (full.isEmpty()) {
            bytes = Bytes.of(array, 0, position);
        } else {
            full.add(Bytes.of(array, 0, position));
            bytes = Bytes.concat(full);
            full.clear();
        }
        fullLength = 0;
        array = new byte[64];
        position = 0;
        return bytes;
    }

    /** Appends all that was written to another, and starts anew; keeps its room. */
    public void moveTo(BytesOut target) {
        for (Bytes slice : full) {
            target.write(slice);
        }
        target.write(array, 0, position);
        full.clear();
        fullLength = 0;
        position = 0;
    }

    /** Copies all that was written to an array, and starts anew; keeps its room. */
    public void moveTo(byte[] target, int at) {
        int to = at;
        for (Bytes slice : full) {
            System.arraycopy(slice.array(), slice.offset(), target, to, slice.count());
            to += slice.count();
        }
        System.arraycopy(array, 0, target, to, position);
        full.clear();
        fullLength = 0;
        position = 0;
    }

    /** Makes sure that the next {@code count} bytes go to one array, and returns it; see {@link #advance}. */
    public byte[] reserve(int count) {
        if (array.length - position < count) {
            grow(count);
        }
        return array;
    }

    /** Returns where in the array that {@link #reserve} returned the next byte goes. */
    public int position() {
        return position;
    }

    /** Takes bytes that were put directly into the reserved room as written. */
    public void advance(int count) {
        position += count;
    }

    private void grow(int count) {
        long needed = (long) position + count;
        if (needed > MAX_SEGMENT && position > 0) {
            full.add(Bytes.of(array, 0, position));
            fullLength += position;
            position = 0;
            array = new byte[Math.max(count, 1 << 16)];
            return;
        }
        int capacity = (int) Math.max(needed, Math.min(MAX_SEGMENT, array.length * 2L));
        byte[] larger = new byte[capacity];
        System.arraycopy(array, 0, larger, 0, position);
        array = larger;
    }

    @Override
    public void write(int b) {
        reserve(1)[position++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        byte[] target = reserve(count);
        System.arraycopy(source, offset, target, position, count);
        position += count;
    }

    /** Appends a sequence; what is large of it is not copied. */
    public void write(Bytes bytes) {
        for (Bytes slice = bytes; slice != null; slice = slice.next()) {
            if (slice.count() >= LARGE) {
                keep(Bytes.of(slice.array(), slice.offset(), slice.count()));
            } else {
                write(slice.array(), slice.offset(), slice.count());
            }
        }
    }

    /** Appends a whole array. A large one stays in one piece, so that the reader can have it without copying it again. */
    public void writeArray(byte[] source) {
        if (source.length >= LARGE) {
            keep(Bytes.of(sharing ? source : source.clone()));
        } else {
            write(source, 0, source.length);
        }
    }

    private void keep(Bytes slice) {
        if (position > 0) {
            full.add(Bytes.of(array, 0, position));
            fullLength += position;
            position = 0;
            array = new byte[64];
        }
        full.add(slice);
        fullLength += slice.count();
    }

    /** Appends four bytes. */
    public void writeInt(int value) {
        byte[] target = reserve(4);
        BigEndian.putInt(target, position, value);
        position += 4;
    }

    /** Appends eight bytes. */
    public void writeLong(long value) {
        byte[] target = reserve(8);
        BigEndian.putLong(target, position, value);
        position += 8;
    }

    /** Appends one to ten bytes: seven bits each, the lowest first. Small non-negative numbers are short. */
    public void writeVarLong(long value) {
        position = putVarLong(reserve(10), position, value);
    }

    /** Puts the same bytes into an array; returns where they end. */
    public static int putVarLong(byte[] target, int from, long value) {
        int at = from;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            target[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[at++] = (byte) rest;
        return at;
    }

    /** Appends a string in UTF-8 with its length before it. */
    public void writeString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        writeVarLong(utf8.length);
        write(utf8, 0, utf8.length);
    }
}
