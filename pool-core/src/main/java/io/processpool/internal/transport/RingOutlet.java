package io.processpool.internal.transport;

import io.processpool.internal.wire.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes to a ring in shared memory, and wakes the other side if it sleeps. */
final class RingOutlet implements Outlet {

    private final RingWriter ring;
    private final Bell bell;

    RingOutlet(RingWriter ring, Bell bell) {
        this.ring = ring;
        this.bell = bell;
    }

    @Override
    public Progress write(Outbox outbox, long share) throws IOException {
        long written = 0;
        long patience = PATIENCE_NANOS;
        while (written < share) {
            ByteBuffer room = ring.room();
            if (!room.hasRemaining()) {
                long before = System.nanoTime();
                if (!awaitRoom()) {
                    return Progress.FULL;
                }
                patience -= System.nanoTime() - before;
                if (patience < 0) {
                    return Progress.SHARE_USED;
                }
                continue;
            }
            int before = room.position();
            outbox.fill(room);
            int filled = room.position() - before;
            if (filled == 0) {
                return Progress.DONE;
            }
            ring.publish();
            outbox.sent();
            if (ring.mustRing(outbox.takeUrgent())) {
                bell.ring();
            }
            written += filled;
        }
        return Progress.SHARE_USED;
    }

    /**
     * The reader is most often taking bytes out at this moment, on another core: then it is quicker to look again for a
     * moment than to be woken. Returns whether there is room.
     */
    private boolean awaitRoom() throws ProtocolException {
        if (ring.mustRing(true)) {
            bell.ring(); // whatever the reader is busy with, it has to make room
        }
        long until = System.nanoTime() + SPIN_NANOS;
        while (System.nanoTime() - until < 0) {
            if (ring.hasRoom()) {
                return true;
            }
            Thread.onSpinWait();
        }
        return !ring.askForRoom();
    }
}
