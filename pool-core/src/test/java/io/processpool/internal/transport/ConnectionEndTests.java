package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.testing.Scarcity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However a connection ends, both sides hear of it, once. */
@Timeout(60)
class ConnectionEndTests extends SocketConnectionFixture {

    private void endLoops() throws InterruptedException {
        here.stop();
        there.stop();
    }

    @Test
    void close_fromThisSide_isHeardOnBothOnce() throws Exception {
        RecordingListener other = new RecordingListener();
        openThere(other);
        SocketConnection connection = open();

        connection.close();
        connection.close();

        assertThat(heard.awaitClosed()).isNull();
        assertThat(other.awaitClosed()).isNull();
        endLoops();
        heard.assertHeardOfOneEnd();
        other.assertHeardOfOneEnd();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void close_fromBothSidesAndSeveralThreadsAtOnce_isHeardOnBothOnce(int round) throws Exception {
        RecordingListener other = new RecordingListener();
        SocketConnection connectionThere = openThere(other);
        SocketConnection connection = open();
        CyclicBarrier together = new CyclicBarrier(4);
        for (SocketConnection end : List.of(connection, connectionThere)) {
            for (int i = 0; i < 2; i++) {
                start("closer", () -> {
                    together.await();
                    end.send(new Message.Ping(round));
                    end.close();
                });
            }
        }

        heard.awaitClosed();
        other.awaitClosed();
        joinThreads();
        endLoops();
        heard.assertHeardOfOneEnd();
        other.assertHeardOfOneEnd();
    }

    @Test
    void close_byTheListenerItself_isHeardOnce() throws Exception {
        SocketConnection[] connection = new SocketConnection[1];
        RecordingListener listener = new RecordingListener(message -> connection[0].close());
        connection[0] = here.connect(hereSocket, listener);
        SocketConnection other = openThere(new RecordingListener());

        other.send(new Message.Retire());

        assertThat(listener.awaitClosed()).isNull();
        endLoops();
        listener.assertHeardOfOneEnd();
    }

    @Test
    void loopCloses_channelIsOpen_isHeardOnce() throws Exception {
        open();

        here.stop();

        assertThat(heard.awaitClosed()).isInstanceOf(IOException.class);
        heard.assertHeardOfOneEnd();
        assertThat(hereSocket.isOpen()).isFalse();
        assertThat(thereSocket.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void otherSideDies_inTheMiddleOfAFrame_deliversOnlyWhatIsWhole() throws Exception {
        open();
        thereSocket.write(bytes("5050012700000008" + "0000000000000007" + "50500127000000080000"));
        thereSocket.close();

        assertThat(heard.next()).isEqualTo(new Message.Ping(7));
        heard.awaitClosed();
        assertThat(heard.rest()).isEmpty();
    }

    @Test
    void send_afterTheEnd_doesNothing() throws Exception {
        SocketConnection connection = open();
        connection.close();
        heard.awaitClosed();

        assertThatCode(() -> connection.send(new Message.Ping(1))).doesNotThrowAnyException();
        assertThat(connection.flush()).isFalse();
    }

    @Test
    void send_otherSideIsGone_closesTheChannelOnce() throws Exception {
        SocketConnection connection = open();
        thereSocket.close();

        for (int i = 0; i < 100; i++) {
            connection.send(new Message.Results(Bytes.of(new byte[10_000])));
        }

        heard.awaitClosed();
        endLoops();
        heard.assertHeardOfOneEnd();
    }

    /** What it has said before it went must not get lost, whoever notices first that it has gone. */
    @Test
    void send_otherSideIsGone_hearsWhatItHadSent() throws Exception {
        SocketConnection[] connection = new SocketConnection[1];
        RecordingListener listener = new RecordingListener(message -> {
            if (message.equals(new Message.Ping(1))) {
                leaveWith("5050012700000008" + "0000000000000007");
                connection[0].send(new Message.Ping(2)); // fails, before the loop looks at the socket again
            }
        });
        connection[0] = here.connect(hereSocket, listener);

        thereSocket.write(bytes("5050012700000008" + "0000000000000001"));

        assertThat(listener.next(2)).containsExactly(new Message.Ping(1), new Message.Ping(7));
        listener.awaitClosed();
        endLoops();
        listener.assertHeardOfOneEnd();
    }

    private void leaveWith(String lastWords) {
        try {
            thereSocket.write(bytes(lastWords));
            thereSocket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "474554202f20485454502f312e310d0a", // GET / HTTP/1.1
                "5050022700000008", // another version
                "50500127ffffffff", // longer than anything
                "5050012708000001", // a byte longer than allowed
                "5050010000000000", // type 0
                "5050012800000001ff", // a dump request that is too short
                "505001250000000301027f", // a cancel with a byte too many
            })
    void read_nonsense_closesTheChannel(String nonsense) throws Exception {
        open();

        thereSocket.write(bytes(nonsense));
        thereSocket.shutdownOutput();

        assertThat(heard.awaitClosed()).isInstanceOf(ProtocolException.class);
        assertThat(heard.rest()).isEmpty();
    }

    @Test
    void read_moreThanAStrangerMaySay_closesTheChannel() throws Exception {
        here.connectStranger(hereSocket, heard, 100);
        SocketConnection other = openThere(new RecordingListener());

        other.send(new Message.Results(Bytes.of(new byte[100])));
        heard.next();
        other.send(new Message.Results(Bytes.of(new byte[101])));

        assertThat(heard.awaitClosed())
                .isInstanceOf(ProtocolException.class)
                .hasMessage("frame of 101 bytes, allowed are 100");
    }

    @Test
    void trust_aStrangerWhoIsKnownNow_mayGoOn() throws Exception {
        SocketConnection connection = here.connectStranger(hereSocket, heard, 100);
        SocketConnection other = openThere(new RecordingListener());
        other.send(new Message.Results(Bytes.of(new byte[100])));
        heard.next();

        here.on(connection::trust);
        other.send(new Message.Results(Bytes.of(new byte[1 << 20])));

        assertThat(((Message.Results) heard.next()).records().length()).isEqualTo(1 << 20);
    }

    @Test
    void listener_refusesAMessage_closesTheChannelWithItsReason() throws Exception {
        ProtocolException refusal = new ProtocolException("not now");
        RecordingListener listener = new RecordingListener(message -> {
            if (message instanceof Message.Retire) {
                throw refusal;
            }
        });
        here.connect(hereSocket, listener);
        RecordingListener other = new RecordingListener();
        SocketConnection otherConnection = openThere(other);

        otherConnection.enqueue(new Message.Ping(1));
        otherConnection.enqueue(new Message.Retire());
        otherConnection.enqueue(new Message.Ping(2));
        otherConnection.flush();

        assertThat(listener.awaitClosed()).isSameAs(refusal);
        other.awaitClosed();
        endLoops();
        listener.assertHeardOfOneEnd();
        assertThat(listener.rest()).containsExactly(new Message.Ping(1));
    }

    @Test
    void listener_throwsSomethingElse_closesThatChannelAndNoOther() throws Exception {
        RuntimeException failure = new IllegalStateException("a bug");
        RecordingListener failing = new RecordingListener(message -> {
            throw failure;
        });
        here.connect(hereSocket, failing);
        SocketConnection other = openThere(new RecordingListener());
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path path = directory.resolve("second");
            server.bind(UnixDomainSocketAddress.of(path));
            RecordingListener healthy = new RecordingListener();
            SocketChannel client = Endpoint.connect("unix:" + path);
            here.connect(server.accept(), healthy);
            SocketConnection second = there.connect(client, new RecordingListener());

            other.send(new Message.Ping(1));
            assertThat(failing.awaitClosed()).isSameAs(failure);

            second.send(new Message.Ping(2));
            assertThat(healthy.next()).isEqualTo(new Message.Ping(2));
        }
    }

    static List<Throwable> failuresToWrite() {
        return List.of(
                new StackOverflowError(), new OutOfMemoryError("no room for a frame"), new IOException("broken pipe"));
    }

    /** What came after the torn message would pass for its rest; or a message would be missing, and nobody would know. */
    @ParameterizedTest
    @MethodSource("failuresToWrite")
    void send_failsWhileAFlushIsAskedFor_nothingLeavesAnyMore(Throwable failure) throws Exception {
        RecordingListener other = new RecordingListener();
        openThere(other);
        SocketConnection connection = open();
        AtomicInteger writes = new AtomicInteger();
        BreakingOutlet.replace(connection, whole -> (outbox, share) -> {
            if (writes.incrementAndGet() > 1) {
                return whole.write(outbox, share);
            }
            connection.flush(); // as the loop does when the socket has room
            if (failure instanceof IOException e) {
                throw e;
            }
            throw (Error) failure;
        });

        here.on(() -> connection.send(new Message.Ping(1))); // on the loop, which cannot end the connection meanwhile

        assertThat(heard.awaitClosed()).isSameAs(failure);
        other.awaitClosed();
        assertThat(other.rest()).isEmpty();
        assertThat(writes).hasValue(1);
    }

    /** A flusher that does not say that it is done would be the last; and who would end the connection? */
    @ParameterizedTest
    @MethodSource("failuresToWrite")
    void send_failsAndThereIsNoMemoryToTell_theNextTells(Throwable failure) throws Exception {
        SocketConnection connection = open();
        BreakingOutlet.replace(connection, whole -> (outbox, share) -> {
            if (failure instanceof IOException e) {
                throw e;
            }
            throw (Error) failure;
        });
        AtomicReference<Scarcity> memory = new AtomicReference<>();
        here.on(() -> memory.set(ScarceCommands.install(here.loop())));
        memory.get().refuse(1);
        connection.send(new Message.Ping(1));
        assertThat(heard.isClosed()).isFalse();

        connection.send(new Message.Ping(2));

        assertThat(heard.awaitClosed()).isSameAs(failure);
        await().until(connection::isOver);
    }
}
