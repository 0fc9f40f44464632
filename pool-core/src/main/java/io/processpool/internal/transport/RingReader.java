package io.processpool.internal.transport;

import io.processpool.internal.wire.ProtocolException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The end of a ring where bytes come out. Reading is for one thread at a time; {@link #isEmpty} and the states are for
 * any. What the other side has written to the shared memory is not believed before it is checked.
 *
 * <p>The state tells the writer whether it has to ring:
 *
 * <pre>
 *   ASLEEP   the reader waits for the bell
 *   AWAKE    a thread looks all the time
 *   BUSY     a thread will look when it has done what it does; only what is urgent rings
 * </pre>
 *
 * Each change has a number of its own, so that the writer rings once for each sleep. The numbers go on when the memory
 * gets another reader: of what a thread of the former still writes, nothing can be taken for the latter's.
 */
final class RingReader {

    private static final int ASLEEP = 0;
    private static final int AWAKE = 1;
    private static final int BUSY = 2;
    private static final int STATE_BITS = 2;

    /** The writer gets room back in pieces of this size, so that it goes on while the reader does. */
    private static final int PIECE = RingMemory.CAPACITY / 8;

    private static final int MASK = RingMemory.CAPACITY - 1;

    private final ByteBuffer control;
    private final ByteBuffer bytes;
    private final int controlAt;
    private final int dataAt;
    private final AtomicInteger changes;

    private volatile long read;
    private int bytesFrom;

    /** What the writer waits for and was rung for. */
    private int rungFor;

    RingReader(ByteBuffer map, int controlAt, int dataAt, AtomicInteger changes) {
        this.control = map;
        this.bytes = map.duplicate();
        this.controlAt = controlAt;
        this.dataAt = dataAt;
        this.changes = changes;
    }

    /** Whether a reader in this state has to be woken. */
    static boolean needsBell(int word, boolean urgent) {
        int state = word & ((1 << STATE_BITS) - 1);
        return state == ASLEEP || (state == BUSY && urgent);
    }

    void asleep() {
        become(ASLEEP);
    }

    void awake() {
        become(AWAKE);
    }

    void busy() {
        become(BUSY);
    }

    private void become(int state) {
        control.putInt(controlAt + RingMemory.READER, changes.incrementAndGet() << STATE_BITS | state);
        VarHandle.fullFence(); // before the caller looks once more, see RingWriter.mustRing
    }

    /** Whether there is nothing to read; also if what there is makes no sense, which reading will tell. */
    boolean isEmpty() {
        return control.getLong(controlAt + RingMemory.WRITTEN) == read;
    }

    /** Returns some of the next bytes; none if it is empty. */
    ByteBuffer bytes() throws ProtocolException {
        long written = control.getLong(controlAt + RingMemory.WRITTEN);
        VarHandle.acquireFence();
        long count = written - read;
        if (count < 0 || count > RingMemory.CAPACITY) {
            throw new ProtocolException(
                    "the other side says that it has written " + written + " bytes, of which " + read + " were read");
        }
        int at = (int) read & MASK;
        bytesFrom = dataAt + at;
        bytes.limit(bytesFrom + (int) Math.min(Math.min(count, PIECE), RingMemory.CAPACITY - at))
                .position(bytesFrom);
        return bytes;
    }

    /** Gives back the room of what was read of the {@linkplain #bytes() bytes}. */
    void taken() {
        long now = read + (bytes.position() - bytesFrom);
        VarHandle.releaseFence();
        control.putLong(controlAt + RingMemory.READ, now);
        read = now;
    }

    /** Tells whether the writer waits for room, there is a good deal of it, and it has to be woken. */
    boolean mustRing() {
        VarHandle.fullFence(); // what was taken must be seen by a writer that begins to wait now, or its wish here
        if (control.getLong(controlAt + RingMemory.WRITTEN) - read > RingMemory.CAPACITY / 2) {
            return false; // soon
        }
        int wish = control.getInt(controlAt + RingMemory.WRITER);
        if (wish == 0 || wish == rungFor) {
            return false;
        }
        rungFor = wish;
        return true;
    }
}
