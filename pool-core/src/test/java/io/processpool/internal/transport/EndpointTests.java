package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EndpointTests {

    @TempDir
    private Path directory;

    @Test
    void listen_ordinaryPath_isAUnixSocketThere() throws IOException {
        Path path = directory.resolve("s");
        try (ServerSocketChannel server = Endpoint.listen(path)) {
            assertThat(server.getLocalAddress()).isEqualTo(UnixDomainSocketAddress.of(path));
            assertThat(Endpoint.describe(server)).isEqualTo("unix:" + path);
            assertThat(Files.exists(path)).isTrue();
            assertTalks(server);
        }
    }

    @Test
    void listen_pathTooLongForASocket_isALoopbackPort() throws IOException {
        try (ServerSocketChannel server = Endpoint.listen(directory.resolve("s".repeat(200)))) {
            assertLoopback(server);
            assertTalks(server);
        }
    }

    @Test
    void listen_pathThatIsTaken_isALoopbackPort() throws IOException {
        Path taken = Files.createFile(directory.resolve("taken"));
        try (ServerSocketChannel server = Endpoint.listen(taken)) {
            assertLoopback(server);
        }
    }

    @Test
    void listen_directoryIsMissing_isALoopbackPort() throws IOException {
        try (ServerSocketChannel server =
                Endpoint.listen(directory.resolve("missing").resolve("s"))) {
            assertLoopback(server);
        }
    }

    @Test
    void listenOnLoopback_twice_takesTwoPorts() throws IOException {
        try (ServerSocketChannel one = Endpoint.listenOnLoopback();
                ServerSocketChannel other = Endpoint.listenOnLoopback()) {
            assertLoopback(one);
            assertLoopback(other);
            assertThat(Endpoint.describe(one)).isNotEqualTo(Endpoint.describe(other));
            assertTalks(one);
            assertTalks(other);
        }
    }

    @Test
    void connect_toAPort_sendsSmallMessagesAtOnce() throws IOException {
        try (ServerSocketChannel server = Endpoint.listenOnLoopback();
                SocketChannel client = Endpoint.connect(Endpoint.describe(server))) {
            assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
            assertThat(((InetSocketAddress) client.getRemoteAddress())
                            .getAddress()
                            .isLoopbackAddress())
                    .isTrue();
        }
    }

    @Test
    void connect_nobodyListens_fails() throws IOException {
        String port;
        try (ServerSocketChannel server = Endpoint.listenOnLoopback()) {
            port = Endpoint.describe(server);
        }
        String path = "unix:" + directory.resolve("nobody");

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> Endpoint.connect(path));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> Endpoint.connect(port));
    }

    private static void assertLoopback(ServerSocketChannel server) throws IOException {
        InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
        assertThat(address.getAddress().isLoopbackAddress()).isTrue();
        assertThat(Endpoint.describe(server)).isEqualTo("tcp:" + address.getPort());
    }

    private static void assertTalks(ServerSocketChannel server) throws IOException {
        try (SocketChannel client = Endpoint.connect(Endpoint.describe(server));
                SocketChannel accepted = server.accept()) {
            client.write(ByteBuffer.wrap(new byte[] {42}));
            ByteBuffer received = ByteBuffer.allocate(1);
            accepted.read(received);
            assertThat(received.get(0)).isEqualTo((byte) 42);
        }
    }
}
