package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.EOFException;
import java.io.IOException;

/**
 * The end of one item, as it stands in a {@link Message.Results} and in the {@link FlightRecorder}.
 *
 * <pre>
 *   batch varint | index varint | status byte | nanos varint | length varint | payload
 * </pre>
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

    /** Reads the next record. */
    public static ResultRecord read(BytesIn in) throws IOException {
        ResultCursor cursor = new ResultCursor(in);
        if (!cursor.next()) {
            throw new EOFException("no record");
        }
        return new ResultRecord(cursor.batch(), cursor.index(), cursor.status(), cursor.nanos(), cursor.payload());
    }
}
