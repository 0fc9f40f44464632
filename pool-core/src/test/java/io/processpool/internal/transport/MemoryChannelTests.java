package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.SampleMessages;
import io.processpool.internal.wire.SampleMessages.Sample;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MemoryChannelTests {

    private final MemoryChannel[] ends = MemoryChannel.pair();
    private final RecordingListener one = new RecordingListener();
    private final RecordingListener other = new RecordingListener();

    @AfterEach
    void close() {
        ends[0].close();
    }

    private void start() {
        ends[0].start(one, "test-memory-0");
        ends[1].start(other, "test-memory-1");
    }

    @Test
    void send_everyMessage_arrivesAsItIs() throws Exception {
        start();
        for (Sample sample : SampleMessages.all()) {
            ends[0].send(sample.message());
        }

        for (Sample sample : SampleMessages.all()) {
            Message message = other.next();
            assertThat(message).hasSameClassAs(sample.message());
            assertThat(Messages.body(message).toArray()).isEqualTo(sample.bytes());
        }
        assertThat(one.rest()).isEmpty();
    }

    /** A worker sends the array that its task has returned, not a copy; here the other side is in the same process. */
    @Test
    void send_largeArray_isNotSharedWithTheOtherSide() throws Exception {
        start();
        byte[] array = new byte[1 << 17];
        ends[0].send(new Message.Results(Bytes.of(array)));
        array[5] = 1;

        Bytes arrived = ((Message.Results) other.next()).records();
        assertThat(arrived.toArray()).isEqualTo(new byte[1 << 17]);
        for (Bytes slice = arrived; slice != null; slice = slice.next()) {
            assertThat(slice.buffer().array()).isNotSameAs(array);
        }
    }

    @Test
    void enqueue_alone_arrivesToo() throws Exception {
        start();

        ends[1].enqueue(new Message.Ping(1));

        assertThat(one.next()).isEqualTo(new Message.Ping(1));
        assertThat(ends[1].flush()).isTrue();
        ends[1].awaitDrained();
    }

    @Test
    void send_beforeTheOtherSideListens_arrives() throws Exception {
        ends[0].send(new Message.Ping(1));
        start();

        assertThat(other.next()).isEqualTo(new Message.Ping(1));
    }

    @Test
    void send_byManyThreads_keepsTheOrderOfEach() throws Exception {
        start();
        int senders = 8;
        int each = 2000;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                for (int j = 0; j < each; j++) {
                    ends[0].send(new Message.Cancel(number, j));
                }
            });
            threads.add(thread);
            thread.start();
        }

        int[] next = new int[senders];
        for (int i = 0; i < senders * each; i++) {
            Message.Cancel cancel = (Message.Cancel) other.next();
            assertThat(cancel.index()).isEqualTo(next[cancel.batch()]++);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void close_fromEitherSide_isHeardOnBothOnceBehindWhatWasSent(int side) throws Exception {
        start();
        ends[0].send(new Message.Ping(1));
        ends[1].send(new Message.Ping(2));

        ends[side].close();
        ends[0].close();
        ends[1].close();

        assertThat(one.next()).isEqualTo(new Message.Ping(2));
        assertThat(other.next()).isEqualTo(new Message.Ping(1));
        assertThat(one.awaitClosed()).isNull();
        assertThat(other.awaitClosed()).isNull();
        one.assertHeardOfOneEnd();
        other.assertHeardOfOneEnd();
    }

    @Test
    void close_beforeTheStart_isHeardAtTheStart() throws Exception {
        ends[1].close();
        start();

        assertThat(one.awaitClosed()).isNull();
        assertThat(other.awaitClosed()).isNull();
    }

    @Test
    void send_afterTheEnd_doesNothing() throws Exception {
        start();
        ends[1].close();
        other.awaitClosed();

        assertThatCode(() -> ends[0].send(new Message.Ping(1))).doesNotThrowAnyException();
        one.awaitClosed();
        assertThat(other.rest()).isEmpty();
    }

    @Test
    void listener_refusesAMessage_closesBothSides() throws Exception {
        ProtocolException refusal = new ProtocolException("no");
        RecordingListener strict = new RecordingListener(message -> {
            throw refusal;
        });
        ends[0].start(one, "test-memory-0");
        ends[1].start(strict, "test-memory-1");

        ends[0].send(new Message.Retire());
        ends[0].send(new Message.Retire());

        assertThat(strict.awaitClosed()).isSameAs(refusal);
        assertThat(one.awaitClosed()).isNull();
        assertThat(strict.rest()).isEmpty();
        strict.assertHeardOfOneEnd();
    }

    /** As {@link SocketConnection} does: the pool must hear of the end whatever a listener throws. */
    @Test
    void listener_throwsAnError_closesBothSides() throws Exception {
        LinkageError failure = new NoClassDefFoundError("a jar is gone");
        RecordingListener failing = new RecordingListener(message -> {
            throw failure;
        });
        ends[0].start(one, "test-memory-0");
        ends[1].start(failing, "test-memory-1");

        ends[0].send(new Message.Retire());

        assertThat(one.awaitClosed()).isNull();
        assertThat(failing.awaitClosed()).isSameAs(failure);
    }

    @Test
    void listener_answers_neverBlocks() throws Exception {
        RecordingListener echo =
                new RecordingListener(message -> ends[1].send(new Message.Pong(((Message.Ping) message).nonce())));
        ends[0].start(one, "test-memory-0");
        ends[1].start(echo, "test-memory-1");

        for (int i = 0; i < 1000; i++) {
            ends[0].send(new Message.Ping(i));
        }

        for (int i = 0; i < 1000; i++) {
            assertThat(one.next()).isEqualTo(new Message.Pong(i));
        }
    }

    @Test
    void send_largeMessage_isDeliveredAsAnotherObject() throws Exception {
        start();
        Message.Results sent = new Message.Results(Bytes.of(new byte[1 << 20]));

        ends[0].send(sent);

        Message received = other.next();
        assertThat(received).isNotSameAs(sent);
        assertThat(((Message.Results) received).records().length()).isEqualTo(1 << 20);
    }
}
