package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A message of any size leaves the loop's thread time for the other connections. */
@Timeout(60)
class FairWritingTests extends SocketConnectionFixture {

    private static final int HUGE = 64 << 20;
    private static final long SHARE = 4 << 20;
    private static final long BUFFER = 1 << 17;

    private final AtomicLong arrived = new AtomicLong();

    /** The other side reads as fast as it can, so that the socket is hardly ever full. */
    private void readAllThere() {
        start("reader", () -> {
            ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
            try {
                int count = thereSocket.read(target);
                while (count >= 0) {
                    arrived.addAndGet(count);
                    target.clear();
                    count = thereSocket.read(target);
                }
            } catch (ClosedChannelException e) {
                // the test has ended
            }
        });
    }

    private static Message huge() {
        return new Message.Results(Bytes.of(new byte[HUGE]));
    }

    @RepeatedTest(5) // a reader that falls behind ends a write as well
    void flush_hugeMessageOnTheLoopsThread_returnsAfterItsShare() throws Exception {
        readAllThere();
        SocketConnection sender = open();
        AtomicLong arrivedAtReturn = new AtomicLong();

        here.on(() -> {
            sender.enqueue(huge());
            assertThat(sender.flush()).isFalse();
            arrivedAtReturn.set(arrived.get());
        });

        assertThat(arrivedAtReturn.get()).isLessThanOrEqualTo(SHARE + BUFFER);
        await().untilAsserted(() -> assertThat(arrived).hasValue(Frame.HEADER + HUGE));
        assertThat(sender.flush()).isTrue();
        sender.close();
    }

    @Test
    void onMessage_hugeMessageLeavesOnAnotherConnection_doesNotWaitForItsEnd() throws Exception {
        readAllThere();
        SocketConnection sender = open();
        AtomicLong arrivedWhenHeard = new AtomicLong();
        RecordingListener other = new RecordingListener(message -> arrivedWhenHeard.set(arrived.get()));
        try (ServerSocketChannel server = Endpoint.listen(directory.resolve("other"));
                SocketChannel client = Endpoint.connect(Endpoint.describe(server))) {
            here.connect(server.accept(), other);

            here.on(() -> {
                client.write(bytes("5050012700000008" + "0000000000000007"));
                sender.enqueue(huge());
                sender.flush();
            });

            other.next();
            assertThat(arrivedWhenHeard.get()).isLessThanOrEqualTo(2 * (SHARE + BUFFER));
        }
        sender.awaitDrained();
        sender.close();
    }

    @Test
    void flush_hugeMessageInManyShares_arrivesAsItWas() throws Exception {
        SocketConnection sender = open();
        RecordingListener reader = new RecordingListener();
        openThere(reader);
        byte[] content = random(HUGE / 2, 7);

        here.on(() -> {
            sender.send(new Message.Results(Bytes.of(content)));
            sender.send(new Message.Ping(1));
        });

        assertThat(((Message.Results) reader.next()).records().toArray()).isEqualTo(content);
        assertThat(reader.next()).isEqualTo(new Message.Ping(1));
    }
}
