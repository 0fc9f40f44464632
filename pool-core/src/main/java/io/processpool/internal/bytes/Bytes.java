package io.processpool.internal.bytes;

import java.util.List;

/**
 * An immutable sequence of bytes, made of slices of arrays; almost always just one.
 *
 * <p>The arrays are shared, not copied: whoever hands one in must not change it afterwards.
 */
public final class Bytes {

    /** The empty sequence. */
    public static final Bytes EMPTY = of(new byte[0]);

    /** One contiguous part. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Segment(byte[] array, int offset, int length) {}

    private final Segment[] segments;
    private final long length;

    private Bytes(Segment[] segments, long length) {
        this.segments = segments;
        this.length = length;
    }

    static Bytes ofSegments(List<Segment> segments) {
        long length = 0;
        for (Segment segment : segments) {
            length += segment.length();
        }
        return new Bytes(segments.toArray(new Segment[0]), length);
    }

    /** Wraps a whole array. */
    public static Bytes of(byte[] array) {
        return of(array, 0, array.length);
    }

    /** Wraps a part of an array. */
    public static Bytes of(byte[] array, int offset, int length) {
        return new Bytes(new Segment[] {new Segment(array, offset, length)}, length);
    }

    /** Joins sequences without copying them. */
    public static Bytes concat(List<Bytes> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        int count = 0;
        long length = 0;
        for (Bytes part : parts) {
            count += part.segments.length;
            length += part.length;
        }
        Segment[] all = new Segment[count];
        int to = 0;
        for (Bytes part : parts) {
            System.arraycopy(part.segments, 0, all, to, part.segments.length);
            to += part.segments.length;
        }
        return new Bytes(all, length);
    }

    /** Returns the number of bytes. */
    public long length() {
        return length;
    }

    /** Opens a cursor at the start. */
    public BytesIn open() {
        return new BytesIn(this, length);
    }

    /** Returns a part, without copying. */
    public Bytes slice(long from, long sliceLength) {
        if (from < 0 || sliceLength < 0 || sliceLength > length - from) {
            throw new IndexOutOfBoundsException("from=" + from + ", length=" + sliceLength + ", of=" + length);
        }
        if (from == 0 && sliceLength == length) {
            return this;
        }
        if (segments.length == 1) {
            return of(segments[0].array(), segments[0].offset() + (int) from, (int) sliceLength);
        }
        List<Segment> parts = new java.util.ArrayList<>();
        long skip = from;
        long left = sliceLength;
        for (Segment segment : segments) {
            if (skip >= segment.length()) {
                skip -= segment.length();
                continue;
            }
            int take = (int) Math.min(left, segment.length() - skip);
            if (take > 0) {
                parts.add(new Segment(segment.array(), segment.offset() + (int) skip, take));
            }
            skip = 0;
            left -= take;
        }
        return ofSegments(parts);
    }

    /** Copies all bytes into a new array; only for sequences below 2 GiB. */
    public byte[] toArray() {
        byte[] copy = new byte[Math.toIntExact(length)];
        int to = 0;
        for (Segment segment : segments) {
            System.arraycopy(segment.array(), segment.offset(), copy, to, segment.length());
            to += segment.length();
        }
        return copy;
    }

    /** Returns how many contiguous parts there are. */
    public int segmentCount() {
        return segments.length;
    }

    /** Wraps a part as a read-only view for I/O. */
    public java.nio.ByteBuffer segment(int index) {
        Segment segment = segments[index];
        return java.nio.ByteBuffer.wrap(segment.array(), segment.offset(), segment.length());
    }

    Segment segmentAt(int index) {
        return segments[index];
    }

    @Override
    public String toString() {
        return "Bytes[" + length + "]";
    }
}
