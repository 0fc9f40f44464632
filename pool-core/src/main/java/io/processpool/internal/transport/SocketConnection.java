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
import java.util.function.Consumer;
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

    /** How much is heard from the ring in a turn: at its end the ring has held no more. */
    private static final int TURN = RingMemory.CAPACITY;

    /** How many turns a thread goes on for the sake of others that have asked for it, before it lets the loop do so. */
    private static final int MAX_TURNS = 8;

    /** How often what a socket still holds is read after its other side has gone. */
    private static final int LAST_READS = 16;

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

    /** Whether nothing that follows would make sense. */
    private volatile boolean deaf;

    /** The present reader's, handed on through {@code reads}: whether the listener knows of the end. */
    private volatile boolean endTold;

    /**
     * The end of a connection.
     *
     * @param cause why, or null if it was just closed
     * @param hearRest whether what the other side has put into shared memory before is still heard
     */
    private record End(@Nullable Throwable cause, boolean hearRest) {}

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
        shared = memory.poolEnd(this);
        send(new Message.SharedMemory(memory.file().toString()));
    }

    /** Whether the connection has ended, and no thread is left that could touch the shared memory. */
    boolean isOver() {
        return endTold && reads.get() == 0 && flushes.get() == 0;
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
                } catch (IOException e) {
                    broken(e);
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
            if (ring != null) {
                bell.ring(); // in case that it was not allowed before, see strike()
            }
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

    /** Returns whether there was something, which may also be the end. */
    private boolean readAvailable() throws ProtocolException {
        ByteBuffer bytes = loop.readBuffer();
        bytes.clear();
        try {
            int count = socket.read(bytes);
            if (count <= 0) {
                if (count < 0) {
                    end(new End(null, true));
                }
                return count < 0;
            }
        } catch (IOException e) {
            end(new End(e, true));
            return true;
        }
        bytes.flip();
        while (!switched && bytes.hasRemaining()) {
            reader.readOne(bytes);
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
        if (ring == null && rings != null) {
            ring = rings.in();
            loop.lookout().add(this);
        }
        if (hear()) {
            loop.execute(this::rung); // after the others
        } else if (!loop.lookout().isTaken()) {
            sleep();
        }
        if (!outbox.isEmpty()) {
            flush();
        }
    }

    // ---- shared memory, for any thread ----------------------------------------------------------------------------

    /** The calling thread will look all the time: nobody need ring. */
    void awake() {
        say(RingReader::awake);
    }

    /** The calling thread will look after a while: only what cannot wait rings. */
    void busy() {
        say(RingReader::busy);
    }

    /** Nobody looks: the other side has to ring. */
    void sleep() {
        say(RingReader::asleep);
        catchUp(); // with what has come before the other side knew
    }

    private void say(Consumer<RingReader> state) {
        RingReader incoming = ring;
        if (incoming != null) {
            try {
                state.accept(incoming);
            } catch (InternalError e) {
                cutShort(e);
            }
        }
    }

    private boolean hasSomething() {
        RingReader incoming = ring;
        try {
            return incoming != null && !deaf && !incoming.isEmpty();
        } catch (InternalError e) {
            cutShort(e);
            return false;
        }
    }

    /** The file has got shorter under the map: the worker's doing, and no reason to leave the others alone. */
    private void cutShort(InternalError fault) {
        deaf = true;
        fail(fault);
    }

    /** Hears what has come; the rest of what is too much for one thread at once the loop hears. */
    void catchUp() {
        if (hasSomething() && hear()) {
            loop.execute(this::rung);
        }
    }

    /** Hears some of what has come; returns whether something has. The caller looks again, or {@link #sleep}s. */
    boolean look() {
        if (!hasSomething()) {
            return false;
        }
        hear();
        return true;
    }

    /**
     * Hears what there is to hear, unless another thread does: then that one looks once more. The other side may go on for
     * ever, or ring for ever, but this does not.
     *
     * @return whether there may be more, which it is for the caller to see to
     */
    private boolean hear() {
        if (reads.getAndIncrement() != 0) {
            return false;
        }
        int seen = 1;
        for (int turn = 1; ; turn++) {
            boolean more = hearTurn();
            seen = reads.addAndGet(-seen);
            if (seen == 0) {
                return more;
            }
            if (turn >= MAX_TURNS && end == null && reads.compareAndSet(seen, 0)) {
                return true;
            }
        }
    }

    /** Hears one turn, and tells of the end if there is one; returns whether there may be more. Does not throw. */
    private boolean hearTurn() {
        End ending = end;
        RingReader incoming = ring;
        boolean more = false;
        if (incoming != null && !deaf && (ending == null || ending.hearRest())) {
            try {
                more = readRing(incoming);
            } catch (Throwable e) { // of whatever kind
                deaf = true;
                if (ending == null) {
                    fail(e);
                } else {
                    ending = new End(e, false);
                }
            }
        }
        if (ending == null || endTold) {
            return more && ending == null;
        }
        Throwable cause = ending.cause();
        deaf = true;
        endTold = true;
        IoLoop.guarded(() -> listener.onClosed(cause));
        return false;
    }

    /** Reads a turn; returns whether it was used up. */
    private boolean readRing(RingReader incoming) throws ProtocolException {
        int heard = 0;
        long patience = Outlet.PATIENCE_NANOS;
        ByteBuffer bytes = incoming.bytes();
        while (bytes.hasRemaining()) {
            if (heard >= TURN) {
                return true;
            }
            heard += bytes.remaining();
            reader.read(bytes);
            incoming.taken();
            if (incoming.mustRing()) {
                strike();
            }
            bytes = incoming.bytes();
            if (!bytes.hasRemaining() && patience > 0 && reader.isAmidMessage()) {
                long before = System.nanoTime();
                bytes = awaitRest(incoming);
                patience -= System.nanoTime() - before;
            }
        }
        return false;
    }

    /**
     * Rings, unless this side still sends frames through the socket, which a stroke would tear apart. Then it rings when it
     * has switched.
     */
    private void strike() {
        if (outlet instanceof RingOutlet) {
            bell.ring();
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
            } catch (ProtocolException | RuntimeException e) {
                why = e;
            }
            end(new End(why, why == cause));
        });
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
