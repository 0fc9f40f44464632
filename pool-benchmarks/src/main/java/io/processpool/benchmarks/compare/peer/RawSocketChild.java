package io.processpool.benchmarks.compare.peer;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The other end of {@link RawSocketPeer}: reads a length and so many bytes, sends both back, until the channel ends. */
final class RawSocketChild {

    private RawSocketChild() {}

    /** Serves the socket that is named. */
    public static void main(String[] args) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(args[0]));
            ByteBuffer buffer = ByteBuffer.allocateDirect(Integer.BYTES + 64);
            while (true) {
                buffer = echo(channel, buffer);
            }
        } catch (EOFException e) {
            // The parent has ended.
        }
    }

    private static ByteBuffer echo(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        while (buffer.position() < Integer.BYTES) {
            if (channel.read(buffer) < 0) {
                throw new EOFException();
            }
        }
        int length = Integer.BYTES + buffer.getInt(0);
        ByteBuffer whole = buffer;
        if (length > buffer.capacity()) {
            whole = ByteBuffer.allocateDirect(length);
            whole.put(buffer.flip());
        }
        Frames.fill(channel, whole.limit(length));
        Frames.write(channel, whole.flip());
        return whole;
    }
}
