package io.processpool.benchmarks.compare.peer;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/** A Unix domain socket to one other JVM that sends back what it gets: no pool, no tasks, no values. */
final class RawSocketPeer implements Peer {

    private static final int PING_BYTES = 16;

    private final Link link = Link.open();
    private final ByteBuffer ping = ByteBuffer.allocateDirect(Integer.BYTES + PING_BYTES);
    private final ByteBuffer megabyte = ByteBuffer.allocateDirect(Integer.BYTES + Work.ECHO_BYTES);

    RawSocketPeer() throws IOException {}

    @Override
    public long nanos(Work work, int count) throws IOException {
        return switch (work) {
            case TRIP -> echoes(link, ping, count);
            case ECHO -> echoes(link, megabyte, count);
            case START, FIRST_START -> start();
            default -> throw new IllegalArgumentException("No such work: " + work);
        };
    }

    private static long echoes(Link link, ByteBuffer frame, int count) throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            echo(link.channel(), frame);
        }
        return System.nanoTime() - start;
    }

    private static void echo(SocketChannel channel, ByteBuffer frame) throws IOException {
        frame.clear().putInt(0, frame.capacity() - Integer.BYTES);
        Frames.write(channel, frame);
        frame.clear();
        Frames.fill(channel, frame);
    }

    private long start() throws IOException {
        long start = System.nanoTime();
        try (Link fresh = Link.open()) {
            echo(fresh.channel(), ping);
            return System.nanoTime() - start;
        }
    }

    /** Kills a JVM that has been warm for a while; returns the time until the end of its channel is heard. */
    static long kill(long warmMillis) throws IOException, InterruptedException {
        try (Link victim = Link.open()) {
            ByteBuffer frame = ByteBuffer.allocateDirect(Integer.BYTES + PING_BYTES);
            echo(victim.channel(), frame);
            Thread.sleep(warmMillis);
            long start = System.nanoTime();
            victim.process().destroyForcibly();
            if (victim.channel().read(frame.clear()) >= 0) {
                throw new IOException("A dead process has sent something");
            }
            return System.nanoTime() - start;
        }
    }

    @Override
    public List<Long> workerPids() {
        return List.of(link.process().pid());
    }

    @Override
    public void close() {
        link.close();
    }

    /** One child and the channel to it. */
    private record Link(Process process, SocketChannel channel) implements AutoCloseable {

        static Link open() throws IOException {
            try (Scratch socket = Scratch.file("socket");
                    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(socket.path()));
                Process process = ChildJvm.start(
                        RawSocketChild.class, List.of(), socket.path().toString());
                return new Link(process, server.accept());
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                // It is killed anyway.
            }
            process.destroyForcibly();
        }
    }
}
