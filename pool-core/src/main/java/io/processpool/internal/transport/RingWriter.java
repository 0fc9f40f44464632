package io.processpool.internal.transport;

import io.processpool.internal.wire.ProtocolException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The end of a ring where bytes go in. For one thread at a time; what the other side has written to the shared memory is
 * not believed before it is checked.
 */
final class RingWriter {

    private static final int MASK = RingMemory.CAPACITY - 1;

    private final ByteBuffer control;
    private final ByteBuffer room;
    private final int controlAt;
    private final int dataAt;

    private long written;
    private long read;
    private int roomFrom;
    private int waits;

    /** The state of the reader for which the bell was rung last; no state at first. */
    private int rungFor = -1;

    RingWriter(ByteBuffer map, int controlAt, int dataAt) {
        this.control = map;
        this.room = map.duplicate();
        this.controlAt = controlAt;
        this.dataAt = dataAt;
    }

    /** Returns where the next bytes go, up to the end of the ring; empty if it is full. */
    ByteBuffer room() throws ProtocolException {
        if (written - read == RingMemory.CAPACITY) {
            refresh();
        }
        int at = (int) written & MASK;
        int free = RingMemory.CAPACITY - (int) (written - read);
        roomFrom = dataAt + at;
        room.limit(roomFrom + Math.min(free, RingMemory.CAPACITY - at)).position(roomFrom);
        return room;
    }

    private void refresh() throws ProtocolException {
        long now = control.getLong(controlAt + RingMemory.READ);
        VarHandle.acquireFence();
        if (now < read || now > written) {
            throw new ProtocolException("the other side says that it has read " + now + " of " + written + " bytes");
        }
        read = now;
    }

    /** Hands over what was put into the {@linkplain #room() room}. */
    void publish() {
        written += room.position() - roomFrom;
        VarHandle.releaseFence();
        control.putLong(controlAt + RingMemory.WRITTEN, written);
    }

    /**
     * Tells whether the reader has to be woken: it sleeps and nobody has rung since it fell asleep. Also if it is busy and
     * would look later, but it is urgent.
     */
    boolean mustRing(boolean urgent) {
        VarHandle.fullFence(); // what was published must be seen by a reader that falls asleep now, or its sleep here
        int state = control.getInt(controlAt + RingMemory.READER);
        if (state == rungFor || !RingReader.needsBell(state, urgent)) {
            return false;
        }
        rungFor = state;
        return true;
    }

    /** Tells whether there is room now. */
    boolean hasRoom() throws ProtocolException {
        refresh();
        return written - read < RingMemory.CAPACITY;
    }

    /** Asks the reader to ring when there is room. Returns false if there is some already; then it will not. */
    boolean askForRoom() throws ProtocolException {
        waits = waits == Integer.MAX_VALUE ? 1 : waits + 1;
        control.putInt(controlAt + RingMemory.WRITER, waits);
        VarHandle.fullFence();
        if (!hasRoom()) {
            return true;
        }
        waitNoMore();
        return false;
    }

    /** Room is not waited for any more. */
    void waitNoMore() {
        control.putInt(controlAt + RingMemory.WRITER, 0);
    }
}
