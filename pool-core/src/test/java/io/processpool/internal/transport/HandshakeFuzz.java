package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.wire.Message;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/**
 * An acceptor with its loop and socket, kept from one input to the next: so it shows, too, if a connection leaves it in a
 * state in which the following is not served.
 */
final class HandshakeFuzz {

    private static final int LIMIT = 256;
    private static @Nullable HandshakeFuzz shared;

    private final RunningLoop running = new RunningLoop();
    private final Path directory = Files.createTempDirectory("fuzz");
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, HandshakeFuzz::daemon);
    private final BlockingQueue<Message.Hello> asked = new LinkedBlockingQueue<>();
    private final String endpoint;

    private HandshakeFuzz() throws Exception {
        timer.setRemoveOnCancelPolicy(true);
        File socket = directory.resolve("s").toFile();
        directory.toFile().deleteOnExit();
        socket.deleteOnExit(); // which goes first: the last that was registered
        ServerSocketChannel server = Endpoint.listen(socket.toPath());
        endpoint = Endpoint.describe(server);
        running.on(() -> new Acceptor(server, running.loop(), this::admit, timer).start());
    }

    private static Thread daemon(Runnable action) {
        Thread thread = new Thread(action, "fuzz-timer");
        thread.setDaemon(true);
        return thread;
    }

    /** Knows nobody. */
    private @Nullable ChannelListener admit(Message.Hello hello, SocketConnection connection) {
        asked.add(hello);
        return null;
    }

    static synchronized void run(byte[] input) throws Exception {
        HandshakeFuzz environment = shared;
        if (environment == null) {
            environment = new HandshakeFuzz();
            shared = environment;
        }
        environment.say(input);
    }

    /** Ends what is kept. */
    static synchronized void release() throws Exception {
        HandshakeFuzz environment = shared;
        shared = null;
        if (environment != null) {
            environment.running.close();
            environment.timer.shutdownNow();
            Files.deleteIfExists(environment.directory.resolve("s"));
            Files.deleteIfExists(environment.directory);
        }
    }

    private void say(byte[] input) throws Exception {
        assertThat(asked).isEmpty();
        int cut = input.length == 0 ? 0 : (input[input.length - 1] & 0xFF) % input.length;
        try (SocketChannel socket = Endpoint.connect(endpoint)) {
            try {
                send(socket, ByteBuffer.wrap(input, 0, cut));
                send(socket, ByteBuffer.wrap(input, cut, input.length - cut));
                socket.shutdownOutput();
            } catch (IOException e) {
                // it has heard enough
            }
            awaitEnd(socket);
        }
        String heard = TransportFuzz.heard(LIMIT, input, Math.max(1, input.length), false);
        Message.Hello hello = asked.poll();
        assertThat(hello != null)
                .as("whether the gate was asked, of: %s", heard)
                .isEqualTo(heard.startsWith("Hello"));
        assertThat(asked).as("asked for what follows the first").isEmpty();
    }

    private static void send(SocketChannel socket, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    /** Nothing is said to a stranger but the end. */
    private static void awaitEnd(SocketChannel socket) {
        try {
            assertThat(socket.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        } catch (IOException e) {
            assertThat(Arrays.asList(e.getStackTrace())).isNotEmpty(); // reset, which is an end as well
        }
    }
}
