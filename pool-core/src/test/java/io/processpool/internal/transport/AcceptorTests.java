package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.ManualTimer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AcceptorTests {

    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Duration MIN_STAY = Duration.ofMillis(250);
    private static final int MAX_STRANGERS = 64;
    private static final byte[] TOKEN = new byte[Message.Hello.TOKEN];

    static {
        Arrays.fill(TOKEN, (byte) 0x5A);
    }

    @TempDir
    private Path directory;

    private final ManualTimer timer = new ManualTimer();
    private final RecordingListener owner = new RecordingListener();
    private final BlockingQueue<Message.Hello> asked = new LinkedBlockingQueue<>();
    private final CompletableFuture<Channel> admitted = new CompletableFuture<>();
    private final List<SocketChannel> sockets = new ArrayList<>();
    private ServerSocketChannel server;
    private RunningLoop running;

    @BeforeEach
    void start() throws Exception {
        running = new RunningLoop();
        server = accept("s", this::admit);
    }

    @AfterEach
    void stop() throws Exception {
        running.close();
        for (SocketChannel socket : sockets) {
            socket.close();
        }
        assertThat(server.isOpen()).as("the acceptor owns the server").isFalse();
    }

    private ServerSocketChannel accept(String name, Acceptor.Gate gate) throws Exception {
        ServerSocketChannel opened = Endpoint.listen(directory.resolve(name));
        running.on(() -> new Acceptor(opened, running.loop(), gate, timer).start());
        return opened;
    }

    private @Nullable ChannelListener admit(Message.Hello hello, Channel channel) {
        asked.add(hello);
        if (!Arrays.equals(hello.token().toArray(), TOKEN)) {
            return null;
        }
        admitted.complete(channel);
        return owner;
    }

    private Channel admitted() throws Exception {
        return admitted.get(30, TimeUnit.SECONDS);
    }

    private SocketChannel connect() throws IOException {
        return connect(server);
    }

    private SocketChannel connect(ServerSocketChannel to) throws IOException {
        SocketChannel socket = Endpoint.connect(Endpoint.describe(to));
        sockets.add(socket);
        return socket;
    }

    private static void send(SocketChannel socket, Message message) throws IOException {
        byte[] body = Messages.body(message).toArray();
        ByteBuffer frame = ByteBuffer.wrap(frame(Messages.type(message), body));
        while (frame.hasRemaining()) {
            socket.write(frame);
        }
    }

    private static byte[] frame(int type, byte[] body) {
        byte[] frame = new byte[Frame.HEADER + body.length];
        Frame.putHeader(frame, 0, type, false, body.length);
        System.arraycopy(body, 0, frame, Frame.HEADER, body.length);
        return frame;
    }

    private static Message.Hello hello(byte[] token) {
        return new Message.Hello(Bytes.of(token));
    }

    /** Waits for the other side to hang up. */
    private static void assertHungUp(SocketChannel socket) throws IOException {
        int read;
        try {
            read = socket.read(ByteBuffer.allocate(1));
        } catch (IOException e) {
            return; // reset, since the other side had not read everything
        }
        assertThat(read).isEqualTo(-1);
    }

    // ---- who knows the token --------------------------------------------------------------------------------------

    @Test
    void hello_rightToken_handsTheConnectionOver() throws Exception {
        SocketChannel socket = connect();

        send(socket, hello(TOKEN));
        send(socket, new Message.Ready());
        send(socket, new Message.Pong(3));

        assertThat(owner.next(2)).containsExactly(new Message.Ready(), new Message.Pong(3));
        assertThat(asked.take().token().toArray()).isEqualTo(TOKEN);
        admitted().send(new Message.Ping(1));
        ByteBuffer answer = ByteBuffer.allocate(16);
        while (answer.hasRemaining()) {
            assertThat(socket.read(answer)).isPositive();
        }
        socket.close();
        assertThat(owner.awaitClosed()).isNull();
    }

    @Test
    void hello_rightToken_liftsTheLimitAndTheDeadline() throws Exception {
        SocketChannel socket = connect();
        send(socket, hello(TOKEN));
        admitted();
        timer.awaitPending(0);
        timer.advance(DEADLINE.multipliedBy(10));

        send(socket, new Message.Results(Bytes.of(new byte[1 << 20])));

        assertThat(((Message.Results) owner.next()).records().length()).isEqualTo(1 << 20);
        assertThat(owner.isClosed()).isFalse();
    }

    @Test
    void hello_rightTokenByteByByte_isAdmitted() throws Exception {
        SocketChannel socket = connect();

        for (byte b : frame(1, Messages.body(hello(TOKEN)).toArray())) {
            socket.write(ByteBuffer.wrap(new byte[] {b}));
        }

        admitted();
    }

    @Test
    void hello_twice_isTheOwnersBusiness() throws Exception {
        SocketChannel socket = connect();

        send(socket, hello(TOKEN));
        send(socket, hello(TOKEN));

        assertThat(owner.next()).isInstanceOf(Message.Hello.class);
        assertThat(asked).hasSize(1);
    }

    @Test
    void owner_refusesAMessage_hearsTheReason() throws Exception {
        ProtocolException refusal = new ProtocolException("no");
        RecordingListener strict = new RecordingListener(message -> {
            throw refusal;
        });
        SocketChannel socket = connect(accept("t", (hello, channel) -> strict));

        send(socket, hello(TOKEN));
        send(socket, new Message.Ready());

        assertThat(strict.awaitClosed()).isSameAs(refusal);
        assertHungUp(socket);
    }

    // ---- who does not ---------------------------------------------------------------------------------------------

    @Test
    void hello_wrongToken_isRefused() throws Exception {
        SocketChannel socket = connect();
        byte[] wrong = TOKEN.clone();
        wrong[31]++;

        send(socket, hello(wrong));

        assertHungUp(socket);
        assertThat(asked).hasSize(1);
        assertThat(owner.rest()).isEmpty();
        assertThat(owner.isClosed()).isFalse();
        timer.awaitPending(0);
    }

    @Test
    void hello_wrongTokenThenRightOneOnTheSameConnection_isRefused() throws Exception {
        SocketChannel socket = connect();
        byte[] both = new byte[80];
        System.arraycopy(frame(1, Messages.body(hello(new byte[32])).toArray()), 0, both, 0, 40);
        System.arraycopy(frame(1, Messages.body(hello(TOKEN)).toArray()), 0, both, 40, 40);

        socket.write(ByteBuffer.wrap(both));

        assertHungUp(socket);
        assertThat(admitted).isNotDone();
        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void garbage_any_isRefused(int kind) throws Exception {
        SocketChannel socket = connect();

        socket.write(ByteBuffer.wrap(garbage(kind)));

        assertHungUp(socket);
        assertThat(asked).isEmpty();
        timer.awaitPending(0);
    }

    private static byte[] garbage(int kind) {
        byte[] header = new byte[Frame.HEADER];
        switch (kind) {
            case 0 -> {
                return "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            }
            case 1 -> Frame.putHeader(header, 0, 1, false, Frame.MAX_BODY);
            case 2 -> Frame.putHeader(header, 0, 1, false, 257);
            case 3 -> Frame.putHeader(header, 0, 1, false, -1);
            case 4 -> Frame.putHeader(header, 0, 2, false, 0); // ready, without a hello
            case 5 -> Frame.putHeader(header, 0, 1, false, 0); // a hello without a token
            default -> Frame.putHeader(header, 0, 99, false, 0);
        }
        return header;
    }

    /** Otherwise anybody who finds a loopback port could fill the pool's memory until the deadline. */
    @Test
    void hello_splitIntoEndlessFrames_isRefused() throws Exception {
        SocketChannel socket = connect();
        ByteBuffer part = ByteBuffer.allocate(Frame.HEADER + 256);
        Frame.putHeader(part.array(), 0, 1, true, 256);

        for (int i = 0; i < 4096; i++) { // 1 MiB
            try {
                socket.write(part.rewind());
            } catch (IOException e) {
                break; // hung up on already
            }
        }

        timer.awaitPending(0);
        assertHungUp(socket);
    }

    @Test
    void gate_throws_isRefused() throws Exception {
        ServerSocketChannel other = accept("t", (hello, channel) -> {
            throw new IllegalStateException("a bug");
        });
        SocketChannel socket = connect(other);

        send(socket, hello(TOKEN));

        assertHungUp(socket);
        timer.awaitPending(0);
        assertThat(other.isOpen()).isTrue();
    }

    // ---- who says nothing -----------------------------------------------------------------------------------------

    @Test
    void stranger_saysNothing_isHungUpOnAtTheDeadline() throws Exception {
        SocketChannel silent = connect();
        timer.awaitPending(1);
        assertThat(timer.pending()).containsExactly(DEADLINE);

        timer.advance(DEADLINE.minusMillis(1));
        running.on(() -> {});
        silent.configureBlocking(false);
        assertThat(silent.read(ByteBuffer.allocate(1))).as("still there").isZero();
        silent.configureBlocking(true);
        timer.advance(Duration.ofMillis(1));

        assertHungUp(silent);
    }

    @Test
    void stranger_saysHalfAHello_isHungUpOnAtTheDeadline() throws Exception {
        SocketChannel slow = connect();
        slow.write(ByteBuffer.wrap(new byte[] {'P', 'P', 1, 1, 0, 0}));
        timer.awaitPending(1);

        timer.advance(DEADLINE);

        assertHungUp(slow);
    }

    @Test
    void stranger_hangsUp_isForgotten() throws Exception {
        SocketChannel socket = connect();
        timer.awaitPending(1);

        socket.close();

        timer.awaitPending(0);
    }

    // A worker that has just connected when its pool ends is nobody to warn of.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stranger_hangsUp_isAWarningUnlessThePoolCloses(boolean closing) throws Exception {
        ServerSocketChannel other = accept("t", new Acceptor.Gate() {
            @Override
            public @Nullable ChannelListener admit(Message.Hello hello, SocketConnection channel) {
                return null;
            }

            @Override
            public boolean closing() {
                return closing;
            }
        });
        try (CapturedLog log = CapturedLog.of(Acceptor.class.getName())) {
            SocketChannel socket = connect(other);
            timer.awaitPending(1);
            socket.close();
            timer.awaitPending(0);
            running.on(() -> {});

            assertThat(log.events(Level.WARN, "did not identify itself")).hasSize(closing ? 0 : 1);
        }
    }

    @Test
    void strangers_tooMany_theOldestHasToGo() throws Exception {
        for (int i = 0; i < MAX_STRANGERS; i++) {
            connect();
        }
        timer.awaitPending(MAX_STRANGERS);

        SocketChannel worker = connect();

        timer.awaitPending(MAX_STRANGERS + 1);
        timer.advance(MIN_STAY); // nobody has to go before it had time to say hello
        await().until(() -> {
            timer.advance(Duration.ofMillis(10));
            return isHungUp(sockets.get(0));
        });
        timer.awaitPending(MAX_STRANGERS);
        send(worker, hello(TOKEN));
        admitted();
        timer.awaitPending(MAX_STRANGERS - 1);
        connect();
        timer.awaitPending(MAX_STRANGERS);
        connect();
        assertHungUp(sockets.get(1));
        timer.awaitPending(MAX_STRANGERS);
    }

    private static boolean isHungUp(SocketChannel socket) throws IOException {
        socket.configureBlocking(false);
        try {
            return socket.read(ByteBuffer.allocate(1)) < 0;
        } finally {
            socket.configureBlocking(true);
        }
    }

    /** Nobody lets the time pass that a pause would take. */
    @Test
    void strangers_tooManyAndSilentForAWhile_keepNoWorkerWaiting() throws Exception {
        for (int i = 0; i < MAX_STRANGERS; i++) {
            connect();
        }
        timer.awaitPending(MAX_STRANGERS);
        timer.advance(MIN_STAY);

        for (int i = 0; i < MAX_STRANGERS / 2; i++) {
            send(connect(), hello(TOKEN));
            assertThat(asked.poll(30, TimeUnit.SECONDS)).isNotNull();
            assertHungUp(sockets.get(i));
            timer.awaitPending(MAX_STRANGERS - 1);
            connect(); // in place of the one that had to go
            timer.awaitPending(MAX_STRANGERS);
        }
    }

    @Test
    void strangers_tooManyWhileAWorkerHasNotSaidHello_doNotDriveItOut() throws Exception {
        SocketChannel worker = connect();
        for (int i = 0; i < MAX_STRANGERS; i++) {
            connect();
        }
        timer.awaitPending(MAX_STRANGERS + 1);
        timer.advance(MIN_STAY.minusMillis(1));
        running.on(() -> {});
        timer.awaitPending(MAX_STRANGERS + 1);

        send(worker, hello(TOKEN));

        admitted();
    }

    @Test
    void strangers_againAndAgain_doNotFillTheLog() throws Exception {
        try (CapturedLog log = CapturedLog.of(Acceptor.class.getName())) {
            for (int i = 0; i < 300; i++) {
                connect().close();
            }
            timer.awaitPending(0);
            SocketChannel worker = connect();
            send(worker, hello(TOKEN));
            admitted();

            assertThat(log.events(Level.WARN, "did not identify itself")).hasSize(100);
            assertThat(log.events(Level.WARN, "told of at DEBUG only")).hasSize(1);
        }
    }

    @Test
    void strangers_tooManyAndAllPastTheDeadline_leaveRoomForOthers() throws Exception {
        for (int i = 0; i < MAX_STRANGERS; i++) {
            connect();
        }
        timer.awaitPending(MAX_STRANGERS);
        timer.advance(DEADLINE);
        for (SocketChannel socket : sockets) {
            assertHungUp(socket);
        }
        running.on(() -> {});

        send(connect(), hello(TOKEN));

        admitted();
    }

    // ---- trouble --------------------------------------------------------------------------------------------------

    @Test
    void accept_failsForWantOfDescriptors_pausesAndGoesOn() throws Exception {
        FakeServer failing = new FakeServer(() -> {
            throw new IOException("Too many open files");
        });
        try (ServerSocketChannel real = Endpoint.listen(directory.resolve("real"))) {
            Acceptor acceptor = new Acceptor(failing, running.loop(), this::admit, timer);
            SelectionKey[] key = new SelectionKey[1];
            running.on(() -> {
                key[0] = running.loop().register(real, SelectionKey.OP_ACCEPT, acceptor);
                acceptor.onReady(key[0]);
            });
            assertThat(key[0].interestOps()).as("does not spin").isZero();
            assertThat(timer.pending()).containsExactly(Duration.ofMillis(100));
            assertThat(failing.isOpen()).isTrue();

            timer.advance(Duration.ofMillis(100));
            running.on(() -> {});

            assertThat(key[0].interestOps()).isEqualTo(SelectionKey.OP_ACCEPT);
        }
    }

    @Test
    void accept_connectionBreaksAtOnce_refusesThatOneAlone() throws Exception {
        FakeServer fake = new FakeServer(() -> {
            SocketChannel broken = SocketChannel.open();
            broken.close();
            return broken;
        });
        try (ServerSocketChannel real = Endpoint.listen(directory.resolve("real"))) {
            Acceptor acceptor = new Acceptor(fake, running.loop(), this::admit, timer);
            running.on(() -> {
                SelectionKey key = running.loop().register(real, SelectionKey.OP_ACCEPT, acceptor);
                for (int i = 0; i < 2 * MAX_STRANGERS; i++) {
                    acceptor.onReady(key);
                }
            });
            running.on(() -> {});

            assertThat(fake.isOpen()).as("goes on accepting").isTrue();
            timer.awaitPending(0);
        }
    }

    /** Has no memory left the first time. */
    private static final class ScarceTimer extends ScheduledThreadPoolExecutor {

        private final AtomicInteger calls = new AtomicInteger();

        ScarceTimer() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            if (calls.getAndIncrement() == 0) {
                throw new OutOfMemoryError("a test");
            }
            return super.schedule(command, delay, unit);
        }
    }

    @Test
    void accept_noMemoryForAConnection_refusesThatOneAlone() throws Exception {
        ServerSocketChannel opened = Endpoint.listen(directory.resolve("scarce"));
        ScarceTimer scarce = new ScarceTimer();
        try {
            running.on(() -> new Acceptor(opened, running.loop(), this::admit, scarce).start());
            assertHungUp(connect(opened));

            send(connect(opened), hello(TOKEN));

            admitted();
            assertThat(opened.isOpen()).isTrue();
        } finally {
            scarce.shutdownNow();
        }
    }

    /** The loop closes the server when the handler throws. */
    @Test
    void accept_noMemoryToAccept_goesOn() throws Exception {
        FakeServer failing = new FakeServer(() -> {
            throw new OutOfMemoryError("a test");
        });
        ScarceTimer scarce = new ScarceTimer();
        try (ServerSocketChannel real = Endpoint.listen(directory.resolve("real"))) {
            Acceptor acceptor = new Acceptor(failing, running.loop(), this::admit, scarce);
            SelectionKey[] key = new SelectionKey[1];
            running.on(() -> {
                key[0] = running.loop().register(real, SelectionKey.OP_ACCEPT, acceptor);
                acceptor.onReady(key[0]);
            });

            assertThat(key[0].interestOps()).as("no timer to end a pause").isEqualTo(SelectionKey.OP_ACCEPT);
        } finally {
            scarce.shutdownNow();
        }
    }

    @Test
    void loopCloses_withStrangersAndWorkers_endsAll() throws Exception {
        SocketChannel silent = connect();
        SocketChannel worker = connect();
        send(worker, hello(TOKEN));
        admitted();

        running.close();

        assertHungUp(silent);
        assertHungUp(worker);
        assertThat(owner.awaitClosed()).isInstanceOf(IOException.class);
        assertThat(server.isOpen()).isFalse();
    }

    /** Something that may fail. */
    private interface Accept {
        SocketChannel get() throws IOException;
    }

    /** A server socket that accepts what it is told to. */
    private static final class FakeServer extends ServerSocketChannel {

        private final Accept accept;

        FakeServer(Accept accept) {
            super(SelectorProvider.provider());
            this.accept = accept;
        }

        @Override
        public SocketChannel accept() throws IOException {
            return accept.get();
        }

        @Override
        public ServerSocketChannel bind(SocketAddress local, int backlog) {
            return this;
        }

        @Override
        public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
            return this;
        }

        @Override
        public <T> @Nullable T getOption(SocketOption<T> name) {
            return null;
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public ServerSocket socket() {
            throw new UnsupportedOperationException();
        }

        @Override
        public @Nullable SocketAddress getLocalAddress() {
            return null;
        }

        @Override
        protected void implCloseSelectableChannel() {
            // there is nothing to close
        }

        @Override
        protected void implConfigureBlocking(boolean block) {
            // it never blocks
        }
    }

    // ---- whose process --------------------------------------------------------------------------------------------

    @Test
    void connect_ofAnotherUser_isRefusedAndLogged() throws Exception {
        ServerSocketChannel opened = Endpoint.listen(directory.resolve("other"));
        Peers others = Peers.expecting(() -> "somebody else");
        running.on(() -> new Acceptor(opened, running.loop(), this::admit, timer, others).start());
        try (CapturedLog log = CapturedLog.of(Acceptor.class.getName())) {
            SocketChannel socket = connect(opened);

            assertThat(socket.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(log.events(Level.WARN, "refused a connection of another user"))
                    .hasSize(1);
            assertThat(asked).isEmpty();
        }
    }

    @Test
    void connect_ofTheSameUser_isNoStranger() throws Exception {
        SocketChannel socket = connect();

        assertThat(Peers.of(server).stranger(socket)).isNull();
        assertThat(Peers.expecting(() -> "somebody else").stranger(socket)).isNotNull();
    }

    @Test
    void connect_throughAPort_isOfAnybody() throws Exception {
        try (ServerSocketChannel port = Endpoint.listenOnLoopback();
                SocketChannel socket = Endpoint.connect(Endpoint.describe(port))) {
            assertThat(Peers.of(port).stranger(socket)).isNull();
            assertThat(Peers.expecting(() -> "somebody else").stranger(socket)).isNull();
        }
    }
}
