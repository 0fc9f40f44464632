package io.processpool.internal.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * Where workers connect to: a Unix domain socket, or, where there is none, a port of the loopback interface. Its text
 * form, {@code unix:PATH} or {@code tcp:PORT}, travels to the worker.
 */
public final class Endpoint {

    private static final String UNIX = "unix:";
    private static final String TCP = "tcp:";

    private Endpoint() {}

    /** Listens on a Unix domain socket at the path or, if that is not possible, on a free loopback port. */
    public static ServerSocketChannel listen(Path path) throws IOException {
        ServerSocketChannel server = null;
        try {
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            return server.bind(UnixDomainSocketAddress.of(path), 128);
        } catch (UnsupportedOperationException | IOException e) {
            if (server != null) {
                server.close();
            }
            return listenOnLoopback();
        }
    }

    /** Listens on a free port of the loopback interface. */
    static ServerSocketChannel listenOnLoopback() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            return server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    /** Returns the text form of the address that a server listens on. */
    public static String describe(ServerSocketChannel server) throws IOException {
        if (server.getLocalAddress() instanceof UnixDomainSocketAddress unix) {
            return UNIX + unix.getPath();
        }
        return TCP + ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    /** Returns whether the address that a server listens on is a file. */
    public static boolean isFile(ServerSocketChannel server) throws IOException {
        return server.getLocalAddress() instanceof UnixDomainSocketAddress;
    }

    /** Connects to an address in its text form. */
    public static SocketChannel connect(String endpoint) throws IOException {
        if (endpoint.startsWith(UNIX)) {
            return SocketChannel.open(UnixDomainSocketAddress.of(endpoint.substring(UNIX.length())));
        }
        int port = Integer.parseInt(endpoint.substring(TCP.length()));
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
        return channel;
    }
}
