package io.processpool.internal.transport;

import io.processpool.internal.wire.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/** A writer and a reader of a ring whose first bytes are its own; there may be thousands. */
final class Ring {

    /** What one test has: the control words of a ring, and the beginning of its bytes. */
    private static final int PLACE = 512;

    private static final int DATA = 256;

    /** Far more than there are tests at the same time. */
    private static final int PLACES = 1 << 16;

    private static final ByteBuffer MEMORY =
            ByteBuffer.allocateDirect(PLACES * PLACE + RingMemory.CAPACITY).order(ByteOrder.nativeOrder());
    private static final AtomicInteger NEXT = new AtomicInteger();

    final RingWriter writer;
    final RingReader reader;

    Ring() {
        int at = Math.floorMod(NEXT.getAndIncrement(), PLACES) * PLACE;
        for (int i = 0; i < PLACE; i += Long.BYTES) {
            MEMORY.putLong(at + i, 0);
        }
        writer = new RingWriter(map(), at, at + DATA);
        reader = new RingReader(map(), at, at + DATA, new AtomicInteger());
    }

    private static ByteBuffer map() {
        return MEMORY.duplicate().order(ByteOrder.nativeOrder());
    }

    /** Returns where the next bytes go. */
    ByteBuffer room() {
        try {
            return writer.room();
        } catch (ProtocolException e) {
            throw new IllegalStateException(e);
        }
    }

    void write(long value) {
        room().putLong(value);
        writer.publish();
    }

    /** Returns the next bytes. */
    ByteBuffer bytes() {
        try {
            return reader.bytes();
        } catch (ProtocolException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the next number, or 0 if there is none. */
    long read() {
        ByteBuffer bytes = bytes();
        if (!bytes.hasRemaining()) {
            return 0;
        }
        long value = bytes.getLong();
        reader.taken();
        return value;
    }

    /** Tells whether the writer has to wait for room. */
    boolean asksForRoom() {
        try {
            return writer.askForRoom();
        } catch (ProtocolException e) {
            throw new IllegalStateException(e);
        }
    }
}
