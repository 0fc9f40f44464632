package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A connection over a real socket pair inside this process, and a loop with its thread on either side. */
abstract class SocketConnectionFixture {

    /** Messages of many senders have so many different sizes. */
    private static final int SIZES = 900;

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

    /** Starts threads that send all at once, each so many messages in an order of its own. */
    void sendByMany(SocketConnection sender, int senders, int each) {
        CyclicBarrier together = new CyclicBarrier(senders);
        for (int i = 0; i < senders; i++) {
            int number = i;
            start("sender-" + i, () -> {
                together.await();
                for (int j = 0; j < each; j++) {
                    sender.send(new Message.Stack(number, j, Bytes.of(new byte[j % SIZES])));
                }
            });
        }
    }

    /** What many have sent arrives whole, and that of each in its order. */
    static void assertHeardOfMany(RecordingListener listener, int senders, int each) throws InterruptedException {
        int[] next = new int[senders];
        for (int i = 0; i < senders * each; i++) {
            Message.Stack stack = (Message.Stack) listener.next();
            assertThat(stack.index()).isEqualTo(next[stack.batch()]++);
            assertThat(stack.stack().length()).isEqualTo(stack.index() % SIZES);
        }
        assertThat(next).containsOnly(each);
    }

    /** Two sides that send at the same time more than fits in between: neither waits for the other. */
    void assertBothArrive(
            SocketConnection one,
            RecordingListener heardByOne,
            SocketConnection other,
            RecordingListener heardByOther,
            int length)
            throws InterruptedException {
        byte[] east = random(length, 1);
        byte[] west = random(length, 2);
        CyclicBarrier together = new CyclicBarrier(2);
        startSending("east", one, east, together);
        startSending("west", other, west, together);

        assertHeard(heardByOther, east);
        assertHeard(heardByOne, west);
    }

    private void startSending(String name, SocketConnection from, byte[] body, CyclicBarrier together) {
        start(name, () -> {
            together.await();
            from.send(new Message.StartFailed(Bytes.of(body)));
            from.awaitDrained();
        });
    }

    private static void assertHeard(RecordingListener listener, byte[] body) throws InterruptedException {
        Message.StartFailed arrived = (Message.StartFailed) listener.next();
        assertThat(Arrays.equals(arrived.failure().toArray(), body)).isTrue();
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
