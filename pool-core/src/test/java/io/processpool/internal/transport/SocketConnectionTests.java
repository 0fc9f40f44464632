package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.SampleMessages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent arrives, whole and in order. */
@Timeout(60)
class SocketConnectionTests extends SocketConnectionFixture {

    private static final int MIB = 1 << 20;

    @Test
    void send_everyMessage_arrivesAsItIs() throws Exception {
        SocketConnection sender = openThere(new RecordingListener());
        open();

        for (SampleMessages.Sample sample : SampleMessages.forListeners()) {
            sender.send(sample.message());
        }

        for (SampleMessages.Sample sample : SampleMessages.forListeners()) {
            Message message = heard.next();
            assertThat(message).hasSameClassAs(sample.message());
            assertThat(Messages.body(message).toArray()).isEqualTo(sample.bytes());
        }
    }

    @Test
    void send_anyMessage_isOneFrame() throws Exception {
        SocketConnection sender = open();

        sender.send(new Message.Ping(7));
        sender.send(new Message.Retire());

        ByteBuffer frames = ByteBuffer.allocate(24);
        while (frames.hasRemaining()) {
            assertThat(thereSocket.read(frames)).isPositive();
        }
        assertThat(HexFormat.of().formatHex(frames.array()))
                .isEqualTo("5050012700000008" + "0000000000000007" + "5050012900000000");
    }

    @Test
    void enqueue_withoutFlush_sendsNothing() throws Exception {
        SocketConnection sender = open();
        thereSocket.configureBlocking(false);

        sender.enqueue(new Message.Ping(1));
        assertThat(thereSocket.read(ByteBuffer.allocate(100))).isZero();

        sender.enqueue(new Message.Ping(2));
        assertThat(sender.flush()).isTrue();
        assertThat(thereSocket.read(ByteBuffer.allocate(100))).isEqualTo(32);
    }

    @Test
    void flush_nothingInLine_isTrue() throws Exception {
        assertThat(open().flush()).isTrue();
    }

    @Test
    void send_byManyThreadsToABusyReader_keepsTheOrderOfEach() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        RecordingListener reader = new RecordingListener(message -> busy.await());
        openThere(reader);
        SocketConnection sender = open();
        sendByMany(sender, 16, 2000);
        joinThreads();
        busy.countDown();

        assertHeardOfMany(reader, 16, 2000);
        await().until(sender::flush);
    }

    @Test
    void enqueue_underALock_leavesInThatOrder() throws Exception {
        RecordingListener reader = new RecordingListener();
        openThere(reader);
        SocketConnection sender = open();
        int senders = 8;
        int each = 3000;
        ReentrantLock lock = new ReentrantLock();
        long[] nonce = new long[1];
        for (int i = 0; i < senders; i++) {
            start("sender-" + i, () -> {
                for (int j = 0; j < each; j++) {
                    lock.lock();
                    try {
                        sender.enqueue(new Message.Ping(nonce[0]++));
                    } finally {
                        lock.unlock();
                    }
                    sender.flush();
                }
            });
        }

        for (long expected = 0; expected < (long) senders * each; expected++) {
            assertThat(reader.next()).isEqualTo(new Message.Ping(expected));
        }
    }

    @Test
    void send_64MiBInBothDirectionsAtOnce_arrivesInBoth() throws Exception {
        RecordingListener reader = new RecordingListener();
        SocketConnection other = openThere(reader);

        assertBothArrive(open(), heard, other, reader, 64 * MIB);
    }

    @Test
    void send_bothListenersAnswerAtOnceWithLargeMessages_noneWaitsForTheOther() throws Exception {
        Bytes large = Bytes.of(random(8 * MIB, 3));
        SocketConnection[] ends = new SocketConnection[2];
        RecordingListener one = new RecordingListener(message -> answer(message, ends[0], large));
        RecordingListener other = new RecordingListener(message -> answer(message, ends[1], large));
        ends[0] = here.connect(hereSocket, one);
        ends[1] = openThere(other);

        for (int i = 0; i < 4; i++) {
            ends[0].send(new Message.Ping(i));
            ends[1].send(new Message.Ping(i));
        }

        for (RecordingListener listener : List.of(one, other)) {
            assertThat(listener.next(8).stream().filter(Message.StartFailed.class::isInstance))
                    .hasSize(4)
                    .allSatisfy(message -> assertThat(
                                    ((Message.StartFailed) message).failure().length())
                            .isEqualTo(large.length()));
        }
    }

    private static void answer(Message message, SocketConnection with, Bytes large) {
        if (message instanceof Message.Ping) {
            with.send(new Message.StartFailed(large));
        }
    }

    @Test
    void send_largeBetweenSmall_keepsTheOrder() throws Exception {
        RecordingListener reader = new RecordingListener();
        openThere(reader);
        SocketConnection sender = open();
        for (int i = 0; i < 20; i++) {
            sender.send(new Message.Ping(i));
            sender.send(new Message.Function(i + 1, FunctionKind.CALLABLE, Bytes.of(new byte[i * 100_000])));
        }

        for (int i = 0; i < 20; i++) {
            assertThat(reader.next()).isEqualTo(new Message.Ping(i));
            Message.Function function = (Message.Function) reader.next();
            assertThat(function.id()).isEqualTo(i + 1);
            assertThat(function.function().length()).isEqualTo(i * 100_000L);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_519, 65_520, 65_527, 65_528, 65_529, 65_536, 131_056, 262_144, 262_145})
    void send_bodiesAroundTheSizesOfTheBuffers_arriveWhole(int size) throws Exception {
        RecordingListener reader = new RecordingListener();
        openThere(reader);
        SocketConnection sender = open();
        byte[] body = random(size, size);

        sender.send(new Message.StartFailed(Bytes.of(body)));
        sender.send(new Message.Ping(size));

        assertThat(((Message.StartFailed) reader.next()).failure().toArray()).isEqualTo(body);
        assertThat(reader.next()).isEqualTo(new Message.Ping(size));
    }

    @Test
    void send_bodyOfManySlices_arrivesWhole() throws Exception {
        RecordingListener reader = new RecordingListener();
        openThere(reader);
        SocketConnection sender = open();
        byte[] all = random(300_000, 5);
        List<Bytes> slices = new ArrayList<>();
        slices.add(Bytes.EMPTY);
        for (int from = 0; from < all.length; from += 10_000) {
            slices.add(Bytes.of(all, from, 10_000));
            slices.add(Bytes.of(all, from, 0));
        }

        sender.send(new Message.Results(Bytes.concat(slices)));

        assertThat(((Message.Results) reader.next()).records().toArray()).isEqualTo(all);
    }

    @Test
    void send_byAnInterruptedThread_arrivesAndLeavesTheChannelOpen() throws Exception {
        RecordingListener reader = new RecordingListener();
        openThere(reader);
        SocketConnection sender = open();

        Thread.currentThread().interrupt();
        for (int i = 0; i < 100; i++) {
            sender.send(new Message.StartFailed(Bytes.of(new byte[50_000])));
        }
        boolean stillInterrupted = Thread.interrupted();

        assertThat(stillInterrupted).isTrue();
        assertThat(reader.next(100)).hasSize(100);
        assertThat(hereSocket.isOpen()).isTrue();
        assertThat(heard.isClosed()).isFalse();
    }
}
