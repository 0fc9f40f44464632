package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import java.io.IOException;

/** Goes through consecutive {@link ResultRecord}s without making an object of each: there may be millions in a second. */
public final class ResultCursor {

    private final BytesIn in;
    private int batch;
    private int index;
    private ItemStatus status = ItemStatus.SKIPPED;
    private long nanos;
    private long length;

    /** Stands before the first record. */
    public ResultCursor(Bytes records) {
        this(records.open());
    }

    ResultCursor(BytesIn in) {
        this.in = in;
    }

    /** Goes to the next record, if there is one. The payload of the one before must have been read. */
    public boolean next() throws IOException {
        if (in.remaining() == 0) {
            return false;
        }
        batch = in.readVarInt();
        index = in.readVarInt();
        status = ItemStatus.of(in.readByte());
        nanos = in.readVarLong();
        if (nanos < 0) {
            throw new ProtocolException("negative duration of an item: " + nanos);
        }
        length = in.readVarLong();
        if (length < 0) {
            throw new ProtocolException("negative length of a result: " + length);
        }
        if (status == ItemStatus.RUN && length == 0) {
            length = in.remaining();
        }
        return true;
    }

    /** Returns the batch. */
    public int batch() {
        return batch;
    }

    /** Returns the place of the item in the batch; of a run, that of the first. */
    public int index() {
        return index;
    }

    /** Returns how the item ended. */
    public ItemStatus status() {
        return status;
    }

    /** Returns how long it took; of a run, how long all of them took. */
    public long nanos() {
        return nanos;
    }

    /** Returns the length of the payload. */
    public long length() {
        return length;
    }

    /** Returns where the payload begins, to read it from; nothing else of this is read meanwhile. */
    public BytesIn in() {
        return in;
    }

    /** Reads the payload. */
    public Bytes payload() throws IOException {
        return in.readBytes(length);
    }
}
