package io.processpool.internal.transport;

import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Lets workers in: takes connections of processes of the same user, reads at most one small {@link Message.Hello} from each
 * within a deadline, and hands the connection to whoever the token belongs to. All others are closed and logged.
 */
public final class Acceptor implements IoLoop.Handler {

    /** Knows which tokens are valid. */
    public interface Gate {

        /**
         * Decides whom a connection belongs to. Called on the loop's thread.
         *
         * @return who listens to it from now on, or null to refuse it
         */
        @Nullable
        ChannelListener admit(Message.Hello hello, SocketConnection connection);

        /** Returns how long a message of a worker that was admitted may be. */
        default long messageLimit() {
            return Frame.MAX_MESSAGE;
        }

        /** Tells whether the pool is ending, so that workers which were just about to come in are killed. */
        default boolean closing() {
            return false;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final int HELLO_LIMIT = 256;
    private static final int MAX_STRANGERS = 64;
    private static final int MAX_COMPLAINTS = 100;
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final Duration PAUSE_IF_FULL = Duration.ofMillis(10);

    /**
     * A worker says hello within milliseconds. Whoever connects all the time drives none out before it can; and whoever has been
     * silent for longer keeps none waiting.
     */
    private static final Duration MIN_STAY = Duration.ofMillis(250);

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final ServerSocketChannel server;
    private final IoLoop loop;
    private final Gate gate;
    private final Peers peers;
    private final ScheduledExecutorService timer;

    /** Connections that have not said hello, the oldest first; only the loop's thread. */
    private final Set<Stranger> strangers = new LinkedHashSet<>();

    /** Who connects again and again must not fill the log; only the loop's thread. */
    private int complaints;

    private long complainedAt = System.nanoTime();

    /** Makes an acceptor; {@link #start()} puts it to work. It owns the server socket. */
    public Acceptor(ServerSocketChannel server, IoLoop loop, Gate gate, ScheduledExecutorService timer) {
        this(server, loop, gate, timer, Peers.of(server));
    }

    /** Makes an acceptor of certain users. */
    Acceptor(ServerSocketChannel server, IoLoop loop, Gate gate, ScheduledExecutorService timer, Peers peers) {
        this.peers = peers;
        this.server = server;
        this.loop = loop;
        this.gate = gate;
        this.timer = timer;
    }

    /** Begins to accept; before the loop runs. */
    public void start() throws IOException {
        loop.register(server, SelectionKey.OP_ACCEPT, this);
    }

    /** Begins to accept; while the loop runs. */
    public void startSoon() {
        loop.execute(() -> {
            try {
                start();
            } catch (IOException e) {
                LOG.warn("cannot wait for connections of workers", e);
                onFailure(e);
            }
        });
    }

    /** Accepts no more; while the loop runs. */
    public void stopSoon() {
        loop.execute(() -> onFailure(new IOException("nobody can connect here any more")));
    }

    @Override
    public void onReady(SelectionKey key) throws IOException {
        if (strangers.size() >= MAX_STRANGERS && strangers.iterator().next().isNew()) {
            pause(key, PAUSE_IF_FULL);
            return;
        }
        SocketChannel socket;
        try {
            socket = server.accept();
        } catch (IOException | OutOfMemoryError e) { // there are no descriptors left, most likely
            pause(key, PAUSE); // first: the log may fail as well
            LOG.warn("cannot accept a worker's connection, trying again soon", e);
            return;
        }
        if (socket == null) {
            return;
        }
        try {
            welcome(socket);
        } catch (Throwable e) { // of whatever kind: the next worker must be able to come in
            socket.close();
            complain("cannot take a connection: {}", e.toString());
        }
    }

    private void welcome(SocketChannel socket) throws IOException {
        UserPrincipal other = peers.stranger(socket);
        if (other != null) {
            complain("refused a connection of another user: {}", other);
            socket.close();
            return;
        }
        if (strangers.size() >= MAX_STRANGERS) {
            strangers.iterator().next().makeRoom();
        }
        Stranger stranger = new Stranger();
        SocketConnection connection = new SocketConnection(socket, loop, stranger, HELLO_LIMIT);
        try {
            stranger.connect(connection);
            connection.start();
        } catch (Throwable e) {
            connection.onFailure(e); // this one is broken, or there is not enough for it; the next may do
        }
    }

    /** Warns, but not more than a hundred times in a minute. */
    private void complain(String message, Object argument) {
        long now = System.nanoTime();
        if (now - complainedAt > MINUTE_NANOS) {
            complainedAt = now;
            complaints = 0;
        }
        boolean much = ++complaints > MAX_COMPLAINTS;
        LOG.atLevel(much || gate.closing() ? Level.DEBUG : Level.WARN).log(message, argument);
        if (complaints == MAX_COMPLAINTS) {
            LOG.warn("more connections that are refused within this minute are told of at DEBUG only");
        }
    }

    /** Stops accepting for a moment. */
    private void pause(SelectionKey key, Duration pause) {
        Runnable resume = () -> {
            if (key.isValid()) {
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        };
        try {
            resumeIn(pause, resume);
        } catch (OutOfMemoryError e) {
            return; // better try again at once than never
        }
        key.interestOps(0);
    }

    private void resumeIn(Duration pause, Runnable resume) {
        timer.schedule(
                () -> {
                    try {
                        loop.execute(resume);
                    } catch (OutOfMemoryError e) {
                        resumeIn(pause, resume);
                    }
                },
                pause.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void onFailure(Throwable cause) {
        try {
            server.close();
        } catch (IOException e) {
            LOG.debug("server socket cannot be closed", e);
        }
    }

    /** Listens to a connection until it is known whose it is, then passes everything on. */
    private final class Stranger implements ChannelListener {

        private @Nullable SocketConnection connection;
        private @Nullable ChannelListener owner;
        private @Nullable ScheduledFuture<?> deadline;

        void connect(SocketConnection to) {
            connection = to;
            strangers.add(this);
            deadline = timer.schedule(to::close, DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void onMessage(Message message) throws ProtocolException {
            ChannelListener known = owner;
            SocketConnection current = connection;
            if (known != null || current == null) {
                if (known != null) {
                    known.onMessage(message);
                }
                return;
            }
            if (!(message instanceof Message.Hello hello)) {
                throw new ProtocolException("first message is no hello");
            }
            known = gate.admit(hello, current);
            if (known == null) {
                throw new ProtocolException("unknown token");
            }
            settled();
            owner = known;
            current.trust(gate.messageLimit());
        }

        /** Whether it may not have had the time to say hello. */
        boolean isNew() {
            return deadline != null
                    && DEADLINE.toMillis() - deadline.getDelay(TimeUnit.MILLISECONDS) < MIN_STAY.toMillis();
        }

        /** Others have come meanwhile. */
        void makeRoom() {
            strangers.remove(this);
            if (connection != null) {
                connection.close();
            }
        }

        private void settled() {
            strangers.remove(this);
            if (deadline != null) {
                deadline.cancel(false);
            }
        }

        @Override
        public void onClosed(@Nullable Throwable cause) {
            ChannelListener known = owner;
            if (known != null) {
                known.onClosed(cause);
            } else {
                settled();
                String why = cause == null ? "it hung up, or had to" : cause.toString();
                complain("refused a connection that did not identify itself as a worker: {}", why);
            }
        }
    }
}
