package io.processpool.internal.transport;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Bytes that a worker puts between its frames: whatever a broken or hostile one may send. */
public final class RawBytes {

    private RawBytes() {}

    /** Sends bytes the way that frames go at present: through the ring, or through the socket. */
    public static void send(Channel channel, byte[] bytes) {
        try {
            Object outlet = field(channel, "outlet");
            if (outlet instanceof RingOutlet) {
                RingWriter ring = (RingWriter) field(outlet, "ring");
                ring.room().put(bytes); // a ring has room for more than any test sends this way
                ring.publish();
                ring.mustRing(true);
                ((Bell) field(channel, "bell")).ring();
            } else {
                sendThroughSocket(channel, bytes);
            }
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException("raw bytes cannot be sent", e);
        }
    }

    /** Sends bytes through the socket, where nothing but the bell is expected once there is a ring. */
    public static void sendThroughSocket(Channel channel, byte[] bytes) {
        try {
            SocketChannel socket = (SocketChannel) field(channel, "socket");
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                socket.write(buffer);
            }
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException("raw bytes cannot be sent", e);
        }
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }
}
