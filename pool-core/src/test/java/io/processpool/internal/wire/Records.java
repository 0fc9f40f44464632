package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;

/** Writes result records as a worker does. */
public final class Records {

    private Records() {}

    /** Appends a whole record. */
    public static void write(BytesOut out, int batch, int index, ItemStatus status, long nanos, Bytes payload) {
        ResultRecord.writeHead(out, batch, index, status, nanos, payload.length());
        out.write(payload);
    }

    /** Returns the bytes of one record. */
    public static Bytes of(int batch, int index, ItemStatus status, long nanos, Bytes payload) {
        BytesOut out = new BytesOut();
        write(out, batch, index, status, nanos, payload);
        return out.take();
    }
}
