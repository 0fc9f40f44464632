package io.processpool.internal.bytes;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over a {@link Bytes}: an {@link InputStream} with the readers that match {@link BytesOut}. Every length is
 * checked against what remains before anything is allocated. Not safe for use by several threads.
 */
public final class BytesIn extends InputStream {

    /** What lies behind the current slice. */
    private @Nullable Bytes rest;

    private byte[] array;
    private int position;
    private int end;

    BytesIn(Bytes bytes) {
        this.array = bytes.array();
        this.position = bytes.offset();
        this.end = position + bytes.count();
        this.rest = bytes.next();
    }

    /** Returns how many bytes are left. */
    public long remaining() {
        Bytes behind = rest;
        return end - position + (behind == null ? 0 : behind.length());
    }

    /**
     * Returns how many of the next bytes lie in one {@link #array}, from {@link #position} on; 0 only at the end.
     *
     * <p>For bulk readers, which take bytes straight from the array and then {@link #advance}.
     */
    public int contiguous() {
        return position == end && !nextSlice() ? 0 : end - position;
    }

    /** Returns the array that holds the {@link #contiguous} bytes. It must not be written to. */
    public byte[] array() {
        return array;
    }

    /**
     * Returns all that is left as an array, without copying it if it is one: then the caller shares that with whoever else
     * reads these bytes.
     */
    public byte[] readRest() throws IOException {
        int count = contiguous();
        long left = remaining();
        if (left > Integer.MAX_VALUE - 8) {
            throw new IOException(left + " bytes are too many for an array");
        }
        byte[] whole;
        if (count == left && position == 0 && count == array.length) {
            whole = array;
            position = end;
        } else {
            whole = new byte[(int) left];
            readFully(whole, 0, whole.length);
        }
        return whole;
    }

    /** Returns where in the {@link #array} the next byte is. */
    public int position() {
        return position;
    }

    /** Moves behind bytes that were taken straight from the {@link #array}, at most {@link #contiguous} of them. */
    public void advance(int count) {
        position += count;
    }

    /** Cuts off a part of what is left as a sequence of its own, and moves behind it. */
    public Bytes readBytes(long length) throws IOException {
        require(length);
        if (length <= end - position) {
            Bytes part = Bytes.of(array, position, (int) length);
            position += (int) length;
            return part;
        }
        Bytes here = Bytes.of(array, position, end - position);
        Bytes behind = rest;
        Bytes all = behind == null ? here : Bytes.concat(List.of(here, behind));
        skipFully(length);
        return all.slice(0, length);
    }

    private void skipFully(long count) {
        long left = count;
        while (left > 0 && (position < end || nextSlice())) {
            int step = (int) Math.min(left, end - position);
            position += step;
            left -= step;
        }
    }

    /** Moves on to the next slice that is not empty; returns whether there is one. */
    private boolean nextSlice() {
        while (position == end) {
            Bytes next = rest;
            if (next == null) {
                return false;
            }
            array = next.array();
            position = next.offset();
            end = position + next.count();
            rest = next.next();
        }
        return true;
    }

    private void require(long count) throws EOFException {
        if (count < 0 || count > remaining()) {
            throw new EOFException("need " + count + " bytes, have " + remaining());
        }
    }

    @Override
    public int read() {
        if (position == end && !nextSlice()) {
            return -1;
        }
        return array[position++] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int count) {
        if (count == 0) {
            return 0;
        }
        if (position == end && !nextSlice()) {
            return -1;
        }
        int step = Math.min(count, end - position);
        System.arraycopy(array, position, target, offset, step);
        position += step;
        return step;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, remaining());
    }

    /** Reads one byte. */
    public byte readByte() throws IOException {
        int value = read();
        if (value < 0) {
            throw new EOFException("need 1 byte, have 0");
        }
        return (byte) value;
    }

    /** Fills an array. */
    public void readFully(byte[] target, int offset, int count) throws IOException {
        require(count);
        int done = 0;
        while (done < count) {
            done += read(target, offset + done, count - done);
        }
    }

    /** Reads four bytes. */
    public int readInt() throws IOException {
        if (end - position >= 4) {
            int value = BigEndian.getInt(array, position);
            position += 4;
            return value;
        }
        byte[] four = new byte[4];
        readFully(four, 0, 4);
        return BigEndian.getInt(four, 0);
    }

    /** Reads eight bytes. */
    public long readLong() throws IOException {
        if (end - position >= 8) {
            long value = BigEndian.getLong(array, position);
            position += 8;
            return value;
        }
        byte[] eight = new byte[8];
        readFully(eight, 0, 8);
        return BigEndian.getLong(eight, 0);
    }

    /** Reads what {@link BytesOut#writeVarLong} wrote. */
    public long readVarLong() throws IOException {
        // Nearly all numbers lie in one segment: take them straight from its array.
        int at = position;
        long value = 0;
        for (int shift = 0; shift < 64 && at < end; shift += 7) {
            byte b = array[at++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                position = at;
                return value;
            }
        }
        return readVarLongByByte();
    }

    private long readVarLongByByte() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = readByte();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IOException("malformed number: more than ten bytes");
    }

    /** Reads a number that must fit a non-negative int. */
    public int readVarInt() throws IOException {
        long value = readVarLong();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IOException("number out of range: " + value);
        }
        return (int) value;
    }

    /** Reads what {@link BytesOut#writeString} wrote. */
    public String readString() throws IOException {
        int length = readVarInt();
        require(length);
        if (length <= end - position) {
            String value = new String(array, position, length, StandardCharsets.UTF_8);
            position += length;
            return value;
        }
        byte[] utf8 = new byte[length];
        readFully(utf8, 0, length);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
