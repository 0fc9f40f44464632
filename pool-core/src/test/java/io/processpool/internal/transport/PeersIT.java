package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.ChildJvm;
import io.processpool.testing.ManualTimer;
import io.processpool.testing.ShortTempDir;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process of another user comes to the socket of a pool, as if the mode of its directory had not kept it out: the system
 * tells who it is, and what it says is not looked at. Only root can become somebody else.
 */
@EnabledOnOs(OS.LINUX)
class PeersIT {

    private static final List<String> NOBODY = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    private final BlockingQueue<Message.Hello> asked = new LinkedBlockingQueue<>();

    /** The main class of the process: says what its second argument is, and is content with being hung up on. */
    static final class Caller {

        private Caller() {}

        public static void main(String[] args) throws IOException {
            try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(args[0]))) {
                try {
                    socket.write(ByteBuffer.wrap(HexFormat.of().parseHex(args[1])));
                    System.exit(socket.read(ByteBuffer.allocate(1)) == -1 ? 0 : 2);
                } catch (IOException e) {
                    System.exit(0); // hung up on before it has said all
                }
            }
        }
    }

    @BeforeEach
    void letEverybodyIn() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        assumeTrue(ChildJvm.exitCode("setpriv", "--version") == 0, "there is no setpriv");
        open(directory);
        Path at = directory;
        String name = Caller.class.getName().replace('.', '/') + ".class";
        for (Path part : Path.of(name).getParent()) {
            at = Files.createDirectory(at.resolve(part));
            open(at);
        }
        Path copy = directory.resolve(name);
        try (InputStream in =
                Objects.requireNonNull(Caller.class.getClassLoader().getResourceAsStream(name))) {
            Files.copy(in, copy);
        }
        open(copy);
    }

    private static void open(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private @Nullable ChannelListener refuse(Message.Hello hello, Channel channel) {
        asked.add(hello);
        return null;
    }

    /** Has a process of a user come with some token; asserts that it is hung up on. */
    private void call(List<String> as, Path socket) {
        byte[] hello = new byte[Frame.HEADER + Message.Hello.TOKEN];
        Frame.putHeader(hello, 0, 1, false, Message.Hello.TOKEN);
        List<String> command = new ArrayList<>(as);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:-UsePerfData", "-cp", directory.toString(), Caller.class.getName()));
        command.addAll(List.of(socket.toString(), HexFormat.of().formatHex(hello)));
        assertThat(ChildJvm.exitCode(command.toArray(String[]::new)))
                .as("exit code of %s", command)
                .isZero();
    }

    @Test
    void connect_processOfAnotherUser_isRefusedWhateverItSays() throws Exception {
        Path socket = directory.resolve("s");
        RunningLoop running = new RunningLoop();
        try (CapturedLog log = CapturedLog.of(Acceptor.class.getName())) {
            ServerSocketChannel server = Endpoint.listen(socket);
            open(socket);
            running.on(() -> new Acceptor(server, running.loop(), this::refuse, new ManualTimer()).start());

            call(NOBODY, socket);
            assertThat(log.events(Level.WARN, "refused a connection of another user"))
                    .hasSize(1);
            assertThat(asked).as("what those have said who were listened to").isEmpty();

            call(List.of(), socket);
            assertThat(log.events(Level.WARN, "refused a connection of another user"))
                    .hasSize(1);
            assertThat(asked).as("the same user is").hasSize(1);
        } finally {
            running.close();
        }
    }
}
