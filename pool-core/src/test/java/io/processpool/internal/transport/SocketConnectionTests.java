package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.SampleMessages;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SocketConnectionTests {

    private static final int MIB = 1 << 20;

    @TempDir
    private Path directory;

    private RunningLoop here;
    private RunningLoop there;
    private SocketChannel hereSocket;
    private SocketChannel thereSocket;
    private final RecordingListener heard = new RecordingListener();
    private final List<Thread> threads = new ArrayList<>();

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

    private SocketConnection open() throws Exception {
        return here.connect(hereSocket, heard);
    }

    private SocketConnection openThere(ChannelListener listener) throws Exception {
        return there.connect(thereSocket, listener);
    }

    private Thread start(String name, RunningLoop.Action action) {
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

    private void joinThreads() throws InterruptedException {
        for (Thread thread : threads) {
            assertEnds(thread);
        }
    }

    private static void assertEnds(Thread thread) throws InterruptedException {
        thread.join(50_000);
        assertThat(thread.isAlive()).as(thread.getName() + " is alive").isFalse();
    }

    // ---- what is sent arrives -------------------------------------------------------------------------------------

    @Test
    void send_everyMessage_arrivesAsItIs() throws Exception {
        SocketConnection sender = openThere(new RecordingListener());
        open();

        for (SampleMessages.Sample sample : SampleMessages.all()) {
            sender.send(sample.message());
        }

        for (SampleMessages.Sample sample : SampleMessages.all()) {
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
        int senders = 16;
        int each = 2000;
        CyclicBarrier together = new CyclicBarrier(senders);
        for (int i = 0; i < senders; i++) {
            int number = i;
            start("sender-" + i, () -> {
                together.await();
                for (int j = 0; j < each; j++) {
                    sender.send(new Message.Stack(number, j, Bytes.of(new byte[j % 300])));
                }
            });
        }
        joinThreads();
        busy.countDown();

        int[] next = new int[senders];
        for (int i = 0; i < senders * each; i++) {
            Message.Stack stack = (Message.Stack) reader.next();
            assertThat(stack.index()).isEqualTo(next[stack.batch()]++);
            assertThat(stack.stack().length()).isEqualTo(stack.index() % 300);
        }
        assertThat(next).containsOnly(each);
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
        byte[] east = random(64 * MIB, 1);
        byte[] west = random(64 * MIB, 2);
        RecordingListener reader = new RecordingListener();
        SocketConnection other = openThere(reader);
        SocketConnection connection = open();
        CyclicBarrier together = new CyclicBarrier(2);
        start("east", () -> {
            together.await();
            connection.send(new Message.StartFailed(Bytes.of(east)));
            connection.awaitDrained();
        });
        start("west", () -> {
            together.await();
            other.send(new Message.StartFailed(Bytes.of(west)));
            other.awaitDrained();
        });

        Message.StartFailed arrivedThere = (Message.StartFailed) reader.next();
        Message.StartFailed arrivedHere = (Message.StartFailed) heard.next();

        assertThat(Arrays.equals(arrivedThere.failure().toArray(), east)).isTrue();
        assertThat(Arrays.equals(arrivedHere.failure().toArray(), west)).isTrue();
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

    // ---- a reader that does not read ------------------------------------------------------------------------------

    /** Sends until the socket takes no more; returns how many messages of 64 KiB that were. */
    private static int fillUp(SocketConnection sender) {
        int sent = 0;
        boolean taken = true;
        while (taken) {
            assertThat(sent).as("messages that the socket took").isLessThan(10_000);
            sender.enqueue(new Message.Stack(1, sent++, Bytes.of(new byte[65_536])));
            taken = sender.flush();
        }
        return sent;
    }

    private Thread awaitDrainedInAThread(SocketConnection sender) {
        Thread drain = start("drain", sender::awaitDrained);
        await().until(() -> drain.getState() == Thread.State.WAITING);
        return drain;
    }

    @Test
    void flush_readerDoesNotRead_returnsFalseAndLosesNothing() throws Exception {
        SocketConnection sender = open();

        int sent = fillUp(sender);
        sender.send(new Message.Ping(99));
        assertThat(sender.flush()).isFalse();

        RecordingListener reader = new RecordingListener();
        openThere(reader);
        for (int i = 0; i < sent; i++) {
            assertThat(((Message.Stack) reader.next()).index()).isEqualTo(i);
        }
        assertThat(reader.next()).isEqualTo(new Message.Ping(99));
        await().until(sender::flush);
    }

    @Test
    void awaitDrained_readerBeginsToRead_returns() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        Thread drain = awaitDrainedInAThread(sender);

        openThere(new RecordingListener());

        assertEnds(drain);
        assertThat(sender.flush()).isTrue();
    }

    @Test
    void awaitDrained_channelIsClosedHere_returns() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        Thread drain = awaitDrainedInAThread(sender);

        sender.close();

        assertEnds(drain);
        heard.awaitClosed();
    }

    @Test
    void awaitDrained_otherSideDies_returns() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        Thread drain = awaitDrainedInAThread(sender);

        thereSocket.close();

        assertEnds(drain);
        heard.awaitClosed();
    }

    @Test
    void awaitDrained_loopIsClosed_returns() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        Thread drain = awaitDrainedInAThread(sender);

        here.stop();

        assertEnds(drain);
        assertThat(heard.awaitClosed()).hasMessage("the pool has closed its channels");
    }

    @Test
    void awaitDrained_interrupted_waitsOnAndKeepsTheInterrupt() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread drain = start("drain", () -> {
            sender.awaitDrained();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        await().until(() -> drain.getState() == Thread.State.WAITING);

        drain.interrupt();
        openThere(new RecordingListener());

        assertEnds(drain);
        assertThat(interrupted).isTrue();
        assertThat(sender.flush()).isTrue();
        assertThat(heard.isClosed()).isFalse();
    }

    @Test
    void awaitDrained_nothingInLineOrClosed_returnsAtOnce() throws Exception {
        SocketConnection sender = open();
        sender.awaitDrained();

        sender.close();
        heard.awaitClosed();
        sender.enqueue(new Message.Ping(1));
        sender.awaitDrained();
    }

    @Test
    void awaitDrained_manyWaiters_allReturn() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        for (int i = 0; i < 8; i++) {
            awaitDrainedInAThread(sender);
        }

        openThere(new RecordingListener());

        joinThreads();
    }

    @Test
    void awaitDrained_afterEachMessageOfManyThreads_neverMissesItsWakeUp() throws Exception {
        openThere(new RecordingListener());
        SocketConnection sender = open();
        for (int i = 0; i < 4; i++) {
            start("sender-" + i, () -> {
                for (int j = 0; j < 500; j++) {
                    sender.send(new Message.Results(Bytes.of(new byte[40_000])));
                    sender.awaitDrained();
                }
            });
        }

        joinThreads();
        assertThat(sender.flush()).isTrue();
    }

    // ---- the end --------------------------------------------------------------------------------------------------

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

    // ---- nonsense -------------------------------------------------------------------------------------------------

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

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer bytes(String digits) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(digits));
    }
}
