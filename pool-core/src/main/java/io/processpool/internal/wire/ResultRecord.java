package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.EOFException;
import java.io.IOException;

/**
 * The end of one item, or of a run, as it stands in a {@link Message.Results} and in the {@link FlightRecorder}.
 *
 * <pre>
 *   batch varint | index varint | status byte | nanos varint | length varint | payload
 * </pre>
 *
 * A {@linkplain ItemStatus#RUN run} is the end of several items in a row, which have returned scalars. Its index is that of
 * the first, its payload one scalar behind the other. Nanoseconds and length have a fixed number of bytes, eight in all, since
 * they are put in at the end; a length of 0 means all that follows.
 *
 * @param batch the batch
 * @param index the place of the item in the batch
 * @param status how it ended
 * @param nanos how long it took, decoding and encoding included
 * @param payload what belongs to the status
 */
public record ResultRecord(int batch, int index, ItemStatus status, long nanos, Bytes payload) {

    /** Appends all of a record but its payload. */
    public static void writeHead(BytesOut out, int batch, int index, ItemStatus status, long nanos, long length) {
        out.writeVarLong(batch);
        out.writeVarLong(index);
        out.write(status.ordinal());
        out.writeVarLong(nanos);
        out.writeVarLong(length);
    }

    /** How many bytes the nanoseconds and the length of a run have. */
    public static final int RUN_FIELDS = 8;

    private static final int RUN_LENGTH_BITS = 21;
    private static final int RUN_NANOS_BITS = 35;

    /** Appends the beginning of a run that may become longer: neither its time nor its length is known. */
    public static void writeRunHead(BytesOut out, int batch, int index) {
        out.writeVarLong(batch);
        out.writeVarLong(index);
        out.write(ItemStatus.RUN.ordinal());
        out.writeLong(runFields(0, 0));
    }

    /** Returns the bytes of the time and the length of a run, the first one highest. */
    public static long runFields(long nanos, int length) {
        long time = Math.min(nanos, (1L << RUN_NANOS_BITS) - 1);
        return padded(time, RUN_NANOS_BITS / 7) << RUN_LENGTH_BITS / 7 * 8 | padded(length, RUN_LENGTH_BITS / 7);
    }

    /** A varint of so many bytes, though it might do with less. */
    private static long padded(long value, int bytes) {
        long all = 0;
        for (int i = 0; i < bytes; i++) {
            long more = i < bytes - 1 ? 0x80 : 0;
            all = all << 8 | value >>> 7 * i & 0x7F | more;
        }
        return all;
    }

    /** Reads the next record. */
    public static ResultRecord read(BytesIn in) throws IOException {
        ResultCursor cursor = new ResultCursor(in);
        if (!cursor.next()) {
            throw new EOFException("no record");
        }
        return new ResultRecord(cursor.batch(), cursor.index(), cursor.status(), cursor.nanos(), cursor.payload());
    }
}
