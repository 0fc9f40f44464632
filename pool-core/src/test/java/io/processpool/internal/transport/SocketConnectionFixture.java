package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A connection over a real socket pair inside this process, and a loop with its thread on either side. */
abstract class SocketConnectionFixture {

    @TempDir
    Path directory;

    RunningLoop here;
    RunningLoop there;
    SocketChannel hereSocket;
    SocketChannel thereSocket;
    final RecordingListener heard = new RecordingListener();
    final List<Thread> threads = new ArrayList<>();

    @BeforeEach
    void connect() throws IOException {
        here = new RunningLoop();
        there = new RunningLoop();
        try (ServerSocketChannel server = Endpoint.listen(directory.resolve("s"))) {
            assertThat(Endpoint.describe(server)).startsWith("unix:");
            thereSocket = Endpoint.connect(Endpoint.describe(server));
            hereSocket = server.accept();
        }
    }

    @AfterEach
    void close() throws Exception {
        hereSocket.close();
        thereSocket.close();
        joinThreads();
        here.close();
        there.close();
    }

    SocketConnection open() throws Exception {
        return here.connect(hereSocket, heard);
    }

    SocketConnection openThere(ChannelListener listener) throws Exception {
        return there.connect(thereSocket, listener);
    }

    Thread start(String name, RunningLoop.Action action) {
        Thread thread = new Thread(
                () -> {
                    try {
                        action.run();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        return thread;
    }

    void joinThreads() throws InterruptedException {
        for (Thread thread : threads) {
            assertEnds(thread);
        }
    }

    static void assertEnds(Thread thread) throws InterruptedException {
        thread.join(50_000);
        assertThat(thread.isAlive()).as(thread.getName() + " is alive").isFalse();
    }

    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static ByteBuffer bytes(String digits) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(digits));
    }
}
