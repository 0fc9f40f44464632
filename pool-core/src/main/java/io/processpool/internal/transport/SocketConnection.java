package io.processpool.internal.transport;

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

    private final SocketChannel socket;
    private final IoLoop loop;
    private final ChannelListener listener;
    private final FrameReader reader;
    private final Outbox outbox = new Outbox();
    private final Bell bell;

    /** How many flushes were asked for since the present flusher last looked; whoever raises it from 0 flushes. */
    private final AtomicInteger flushes = new AtomicInteger();

    /** Likewise, who may read from the ring, and tells the listener of the end. */
    private final AtomicInteger reads = new AtomicInteger();

    private final AtomicBoolean closed = new AtomicBoolean();

    /** How the connection has ended, or null as long as it has not. */
    private volatile @Nullable End end;

    /** The present flusher's, handed from one to the next through {@code flushes}. */
    private volatile @Nullable Outlet outlet;

    /** This side's end of shared memory that was offered. */
    private volatile @Nullable RingEnd shared;

    /** Where bytes come from, once the other side has switched. */
    private volatile @Nullable RingReader ring;

    /** Whether it is the other side that may offer shared memory. */
    private final boolean mayJoin;

    /** Only the loop's thread: whether the other side has switched. */
    private boolean switched;

    /** The present reader's, handed on through {@code reads}. */
    private boolean endTold;

    /**
     * The end of a connection.
     *
     * @param cause why, or null if it was just closed
     * @param hearRest whether what the other side has put into shared memory before is still heard
     */
    private record End(@Nullable Throwable cause, boolean hearRest) {}

    /** Makes a connection to somebody who is known; it starts to work with {@link #start()}. */
    public SocketConnection(SocketChannel socket, IoLoop loop, ChannelListener listener) {
        this(socket, loop, listener, 0, true);
        trust();
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
        reader.trust();
    }

    /** Offers shared memory to the other side, which may take it. Nobody else uses it until both sides have ended. */
    public void offer(SharedMemory memory) {
        shared = memory.poolEnd();
        send(new Message.SharedMemory(memory.file().toString()));
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
                try {
                    write(share);
                } catch (Throwable e) { // whatever it is, the channel is of no use any more, and must not seem to be
                    fail(e);
                }
                seen = flushes.addAndGet(-seen);
            } while (seen != 0);
        }
        return outbox.isEmpty();
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
            progress = out.write(outbox, share);
        }
        if (progress == Outlet.Progress.SHARE_USED && out instanceof RingOutlet) {
            loop.execute(this::flush); // after the others
        }
    }

    @Override
    public void awaitDrained() {
        outbox.awaitDrained();
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

    private void readAvailable() throws IOException {
        ByteBuffer bytes = loop.readBuffer();
        bytes.clear();
        try {
            if (socket.read(bytes) < 0) {
                end(new End(null, true));
                return;
            }
        } catch (IOException e) {
            end(new End(e, true));
            return;
        }
        bytes.flip();
        while (!switched && bytes.hasRemaining()) {
            reader.readOne(bytes);
        }
        if (switched) {
            rung();
        }
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
        RingEnd rings = shared;
        if (ring == null && rings != null) {
            ring = rings.in();
            loop.lookout().add(this);
        }
        hear();
        if (!loop.lookout().isTaken()) {
            sleep();
        }
        if (!outbox.isEmpty()) {
            flush();
        }
    }

    // ---- shared memory, for any thread ----------------------------------------------------------------------------

    /** The calling thread will look all the time: nobody need ring. */
    void awake() {
        RingReader incoming = ring;
        if (incoming != null) {
            incoming.awake();
        }
    }

    /** The calling thread will look after a while: only what cannot wait rings. */
    void busy() {
        RingReader incoming = ring;
        if (incoming != null) {
            incoming.busy();
        }
    }

    /** Nobody looks: the other side has to ring. */
    void sleep() {
        RingReader incoming = ring;
        if (incoming != null) {
            incoming.asleep();
            look(); // what has come before the other side knew
        }
    }

    /** Hears what has come; returns whether something has. */
    boolean look() {
        RingReader incoming = ring;
        if (incoming == null || incoming.isEmpty()) {
            return false;
        }
        hear();
        return true;
    }

    /** Hears what there is to hear, unless another thread does: then that one looks once more. */
    private void hear() {
        if (reads.getAndIncrement() == 0) {
            int seen = 1;
            do {
                hearAll();
                seen = reads.addAndGet(-seen);
            } while (seen != 0);
        }
    }

    private void hearAll() {
        End ending = end;
        RingReader incoming = ring;
        if (incoming != null && !endTold && (ending == null || ending.hearRest())) {
            try {
                readRing(incoming);
            } catch (Throwable e) { // of whatever kind: nothing that follows would make sense
                if (ending == null) {
                    fail(e);
                } else {
                    ending = new End(e, false);
                }
            }
        }
        if (ending != null && !endTold) {
            endTold = true;
            listener.onClosed(ending.cause());
        }
    }

    private void readRing(RingReader incoming) throws ProtocolException {
        ByteBuffer bytes = incoming.bytes();
        while (bytes.hasRemaining()) {
            reader.read(bytes);
            incoming.taken();
            if (incoming.mustRing()) {
                bell.ring();
            }
            bytes = incoming.bytes();
            if (!bytes.hasRemaining() && reader.isAmidMessage()) {
                bytes = awaitRest(incoming);
            }
        }
    }

    /** The other side is most often writing at this moment: then it is quicker to look again than to be woken. */
    private static ByteBuffer awaitRest(RingReader incoming) throws ProtocolException {
        long until = System.nanoTime() + Outlet.SPIN_NANOS;
        while (incoming.isEmpty() && System.nanoTime() - until < 0) {
            Thread.onSpinWait();
        }
        return incoming.bytes();
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    @Override
    public void onFailure(Throwable cause) {
        end(new End(cause, false));
    }

    @Override
    public void close() {
        loop.execute(() -> end(new End(null, false)));
    }

    private void fail(Throwable cause) {
        loop.execute(() -> end(new End(cause, false)));
    }

    /** Closes the socket and tells the listener, after all that is still to be heard; on the loop's thread. */
    private void end(End ending) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            socket.close();
        } catch (IOException e) {
            if (ending.cause() != null) {
                ending.cause().addSuppressed(e);
            }
        }
        outbox.close();
        loop.lookout().remove(this);
        end = ending;
        hear();
    }
}
