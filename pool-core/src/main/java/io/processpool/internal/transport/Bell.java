package io.processpool.internal.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Wakes the other side of a connection through shared memory: a byte on its socket. Any thread may ring. If the socket is
 * full, the other side has enough to wake up for; if it is broken, the loop hears of that.
 */
final class Bell {

    private static final ByteBuffer STROKE = ByteBuffer.allocateDirect(1);

    private final SocketChannel socket;

    Bell(SocketChannel socket) {
        this.socket = socket;
    }

    void ring() {
        try {
            socket.write(STROKE.duplicate());
        } catch (IOException e) {
            return; // what is in shared memory is there, whether the other side can be woken or not
        }
    }
}
