package io.processpool.internal.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** Writes to a socket that never blocks. Small messages that have gathered leave together. */
final class SocketOutlet implements Outlet {

    private static final int BUFFER = 1 << 17;

    private final SocketChannel socket;
    private final SelectionKey key;
    /** Made for the first message: to those who connect and are nobody, nothing is ever written. */
    private @Nullable ByteBuffer buffer;

    private boolean writeInterest;
    private boolean switching;

    SocketOutlet(SocketChannel socket, SelectionKey key) {
        this.socket = socket;
        this.key = key;
    }

    @Override
    public Progress write(Outbox outbox, long share) throws IOException {
        ByteBuffer bytes = buffer;
        if (bytes == null) {
            bytes = ByteBuffer.allocateDirect(BUFFER).flip();
            buffer = bytes;
        }
        long written = 0;
        while (true) {
            if (!switching) {
                bytes.compact();
                switching = outbox.fill(bytes);
                bytes.flip();
            }
            int filled = bytes.remaining();
            if (filled == 0) {
                writeInterest(false);
                return switching ? Progress.SWITCHED : Progress.DONE;
            }
            if (written >= share) {
                writeInterest(true); // the loop calls again, after the others
                return Progress.SHARE_USED;
            }
            if (!writeOrSpin(bytes)) {
                writeInterest(true);
                return Progress.FULL;
            }
            written += filled;
            outbox.sent();
        }
    }

    /**
     * Writes the buffer. A full socket is most often being read at this moment by the other side, on another core: then
     * it is quicker to try again for a moment than to be woken when it is almost empty.
     */
    private boolean writeOrSpin(ByteBuffer bytes) throws IOException {
        socket.write(bytes);
        if (!bytes.hasRemaining()) {
            return true;
        }
        long until = System.nanoTime() + SPIN_NANOS;
        while (System.nanoTime() - until < 0) {
            Thread.onSpinWait();
            if (socket.write(bytes) > 0) {
                until = System.nanoTime() + SPIN_NANOS;
            }
            if (!bytes.hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    private void writeInterest(boolean wanted) {
        if (writeInterest != wanted) {
            writeInterest = wanted;
            key.interestOps(wanted ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            key.selector().wakeup();
        }
    }
}
