package io.processpool.internal.transport;

import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Channel} over a socket that never blocks: whoever sends writes what the socket takes, and the loop writes the
 * rest when there is room again. Small messages that gather meanwhile leave together.
 *
 * <p>Being non-blocking also means that an interrupt of a sending thread cannot close the socket, as it would close a
 * blocking one.
 *
 * <p>The two sides may agree to leave the socket for shared memory, which spares them most calls of the system:
 *
 * <pre>
 *   pool                                 worker
 *     | -- SharedMemory(file) ------------&gt; |   maps the file; if it cannot, all stays as it is
 *     | &lt;------------------------ Switch -- |   what follows comes through the ring to the pool
 *     | -- Switch ------------------------&gt; |   what follows comes through the ring to the worker
 * </pre>
 *
 * From a switch on, a byte on the socket is a {@link Bell}, and its end is still that of the connection: what the ring
 * holds is heard before it.
 */
public final class SocketConnection implements Channel, IoLoop.Handler {

    private static final int SEND_BUFFER = 1 << 20;

    /** How much the loop's thread writes to one socket before it serves the others. */
    private static final long LOOP_SHARE = 1 << 22;

    /** How often what a socket still holds is read after its other side has gone. */
    private static final int LAST_READS = 16;

    private final SocketChannel socket;
    private final IoLoop loop;
    private final ChannelListener listener;
    private final FrameReader reader;
    private final RingInlet inlet;
    private final Outbox outbox = new Outbox();
    private final Bell bell;

    /** How many flushes were asked for since the present flusher last looked; whoever raises it from 0 flushes. */
    private final AtomicInteger flushes = new AtomicInteger();

    private final AtomicBoolean closed = new AtomicBoolean();

    /** The present flusher's, handed from one to the next through {@code flushes}. */
    private volatile @Nullable Outlet outlet;

    /**
     * Why a write has failed, most likely in the middle of a message; or null. What comes after it must not leave: it would pass
     * for the rest. The present flusher's, as the outlet.
     */
    private @Nullable Throwable torn;

    /** Whether the loop knows of that, which ends the connection then. The present flusher's as well. */
    private boolean tornTold;

    /** This side's end of shared memory that was offered. */
    private volatile @Nullable RingEnd shared;

    /** Whether it is the other side that may offer shared memory. */
    private final boolean mayJoin;

    /** Only the loop's thread: whether the other side has switched. */
    private boolean switched;

    /** Only the loop's thread: why bytes were lost, so that what follows would make no sense; null if none were. */
    private @Nullable Throwable misread;

    /** Makes a connection to the pool; it starts to work with {@link #start()}. */
    public SocketConnection(SocketChannel socket, IoLoop loop, ChannelListener listener) {
        this(socket, loop, listener, 0, true);
        trust();
    }

    /** Makes a connection to a worker that is known, and whom shared memory can be offered. */
    public static SocketConnection toWorker(SocketChannel socket, IoLoop loop, ChannelListener listener) {
        SocketConnection connection = new SocketConnection(socket, loop, listener, 0, false);
        connection.trust();
        return connection;
    }

    /** Makes a connection to a stranger, who may send so many bytes until he is known. */
    SocketConnection(SocketChannel socket, IoLoop loop, ChannelListener listener, int limit) {
        this(socket, loop, listener, limit, false);
    }

    private SocketConnection(SocketChannel socket, IoLoop loop, ChannelListener listener, int limit, boolean mayJoin) {
        this.socket = socket;
        this.loop = loop;
        this.listener = listener;
        this.reader = new FrameReader(this::received, limit);
        this.inlet = new RingInlet(reader, listener, new Ears());
        this.bell = new Bell(socket);
        this.mayJoin = mayJoin;
    }

    /** Registers with the loop; only on the loop's thread or before the loop runs. */
    public void start() throws IOException {
        socket.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER); // as far as the system allows
        outlet = new SocketOutlet(socket, loop.register(socket, SelectionKey.OP_READ, this));
    }

    /** Lifts the limit on messages once the other side is known; only on the loop's thread. */
    public void trust() {
        trust(Frame.MAX_MESSAGE);
    }

    /** Sets another limit on messages once the other side is known; only on the loop's thread. */
    void trust(long limit) {
        reader.trust(limit);
    }

    /** Offers shared memory to the other side, which may take it. Nobody else uses it until both sides have ended. */
    public void offer(SharedMemory memory) {
        shared = memory.poolEnd(this);
        send(new Message.SharedMemory(memory.file().toString()));
    }

    /** Whether the connection has ended, and no thread is left that could touch the shared memory. */
    boolean isOver() {
        return inlet.isOver() && flushes.get() == 0;
    }

    // ---- sending --------------------------------------------------------------------------------------------------

    @Override
    public void enqueue(Message message) {
        outbox.add(message);
    }

    @Override
    public boolean flush() {
        if (flushes.getAndIncrement() == 0) {
            long share = loop.isCurrentThread() ? LOOP_SHARE : Long.MAX_VALUE;
            int seen = 1;
            do {
                writeSafely(share);
                seen = flushes.addAndGet(-seen);
            } while (seen != 0);
        }
        return outbox.isEmpty();
    }

    /** Never throws: as long as this thread is the flusher nobody else is, and nothing would leave any more. */
    private void writeSafely(long share) {
        if (torn == null) {
            try {
                write(share);
            } catch (Throwable e) { // whatever it is, the channel is of no use any more, and must not seem to be
                torn = e; // the loop, which ends it, may be asking for a flush at this moment
            }
        }
        Throwable why = torn;
        if (why != null && !tornTold) {
            try {
                tellTorn(why);
                tornTold = true;
            } catch (Throwable e) { // there is no memory even for that
                return; // the next who flushes tells it; there are heartbeats at least
            }
        }
    }

    private void tellTorn(Throwable why) {
        if (why instanceof IOException e) {
            broken(e);
        } else {
            fail(why);
        }
    }

    private void write(long share) throws IOException {
        Outlet out = outlet;
        if (closed.get() || out == null) {
            return;
        }
        Outlet.Progress progress = out.write(outbox, share);
        RingEnd rings = shared;
        if (progress == Outlet.Progress.SWITCHED && rings != null) {
            out = new RingOutlet(rings.out(), bell);
            outlet = out;
            if (inlet.isOpen()) {
                bell.ring(); // in case that it was not allowed before, see Ears.strike()
            }
            progress = out.write(outbox, share);
        }
        if (progress == Outlet.Progress.SHARE_USED && out instanceof RingOutlet) {
            loop.execute(this::flush); // after the others
        }
    }

    @Override
    public boolean awaitDrained() {
        return outbox.awaitDrained();
    }

    // ---- receiving ------------------------------------------------------------------------------------------------

    @Override
    public void onReady(SelectionKey ready) throws IOException {
        if (ready.isWritable()) {
            flush();
        }
        if (!closed.get() && ready.isReadable()) {
            readAvailable();
        }
    }

    /** Returns whether there was something, which may also be the end. */
    private boolean readAvailable() throws ProtocolException {
        if (misread != null) {
            end(new RingInlet.End(misread, false)); // it should have been told by now, but there was no memory for that
            return true;
        }
        ByteBuffer bytes = loop.readBuffer();
        bytes.clear();
        try {
            int count = socket.read(bytes);
            if (count <= 0) {
                if (count < 0) {
                    end(new RingInlet.End(null, true));
                }
                return count < 0;
            }
        } catch (IOException e) {
            end(new RingInlet.End(e, true));
            return true;
        }
        bytes.flip();
        try {
            while (!switched && bytes.hasRemaining()) {
                reader.readOne(bytes);
            }
        } catch (Throwable e) {
            misread = e;
            throw e;
        }
        if (switched) {
            rung();
        }
        return true;
    }

    /** A message has arrived; those about the transport itself end here. */
    private void received(Message message) throws ProtocolException {
        if (message instanceof Message.SharedMemory offer) {
            join(offer);
        } else if (message instanceof Message.Switch) {
            if (shared == null || switched) {
                throw new ProtocolException("switches to shared memory that was not offered");
            }
            switched = true;
            if (!mayJoin) {
                send(message);
            }
        } else {
            listener.onMessage(message);
        }
    }

    private void join(Message.SharedMemory offer) throws ProtocolException {
        if (!mayJoin || shared != null) {
            throw new ProtocolException("shared memory is not for this side to offer");
        }
        try {
            shared = RingMemory.open(Path.of(offer.file())).workerEnd();
        } catch (IOException | RuntimeException e) {
            return; // a confined worker does not see the file: all goes on through the socket
        }
        send(new Message.Switch());
    }

    /** The bell has rung: there is something in the ring, or room in the other, or the other side has switched. */
    private void rung() {
        if (closed.get()) {
            return; // all is heard
        }
        RingEnd rings = shared;
        if (!inlet.isOpen() && rings != null) {
            inlet.open(rings.in());
            loop.lookout().add(inlet);
        }
        if (inlet.hear()) {
            loop.execute(this::rung); // after the others
        } else if (!loop.lookout().isTaken()) {
            inlet.sleep();
        }
        if (!outbox.isEmpty()) {
            flush();
        }
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    @Override
    public void onFailure(Throwable cause) {
        end(new RingInlet.End(cause, false));
    }

    @Override
    public void close() {
        loop.execute(() -> end(new RingInlet.End(null, false)));
    }

    private void fail(Throwable cause) {
        loop.execute(() -> end(new RingInlet.End(cause, false)));
    }

    /** What cannot be written shows that the other side is gone. What it has sent before is still heard. */
    private void broken(IOException cause) {
        if (cause instanceof ProtocolException) {
            fail(cause);
            return;
        }
        loop.execute(() -> {
            Throwable why = cause;
            try {
                for (int i = 0; i < LAST_READS && !closed.get() && readAvailable(); i++) {
                    continue;
                }
            } catch (Throwable e) { // of whatever kind: the end must be told
                why = e;
            }
            end(new RingInlet.End(why, why == cause));
        });
    }

    /** Closes the socket and tells the listener, after all that is still to be heard; on the loop's thread. */
    private void end(RingInlet.End ending) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            close(socket, ending.cause());
            outbox.close();
            loop.lookout().remove(inlet);
        } finally {
            inlet.end(ending); // there may be no memory for the rest, but the end must be told
        }
    }

    private static void close(SocketChannel socket, @Nullable Throwable cause) {
        try {
            socket.close();
        } catch (IOException e) {
            if (cause != null) {
                cause.addSuppressed(e);
            }
        }
    }

    /** What the inlet wants of the connection. */
    private final class Ears implements RingInlet.Owner {

        @Override
        public void hearLater() {
            loop.execute(SocketConnection.this::rung);
        }

        /**
         * Rings, unless this side still sends frames through the socket, which a stroke would tear apart. Then it rings when
         * it has switched.
         */
        @Override
        public void strike() {
            if (outlet instanceof RingOutlet) {
                bell.ring();
            }
        }

        @Override
        public void fail(Throwable cause) {
            SocketConnection.this.fail(cause);
        }
    }
}
