package io.processpool.internal.transport;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Channel} over a socket that never blocks: whoever sends writes what the socket takes, and the loop writes the
 * rest when there is room again. Small messages that gather meanwhile leave together.
 *
 * <p>Being non-blocking also means that an interrupt of a sending thread cannot close the socket, as it would close a
 * blocking one.
 */
public final class SocketConnection implements Channel, IoLoop.Handler {

    private static final int WRITE_BUFFER = 1 << 17;
    private static final int SEND_BUFFER = 1 << 20;

    /** How much the loop's thread writes to one socket before it serves the others. */
    private static final long LOOP_SHARE = 1 << 22;

    /** How long a sender tries a full socket again before it leaves the rest to the loop. */
    private static final long SPIN_NANOS = Runtime.getRuntime().availableProcessors() > 1 ? 50_000 : 0;

    private final SocketChannel socket;
    private final IoLoop loop;
    private final ChannelListener listener;
    private final FrameReader reader;
    private final ConcurrentLinkedQueue<Message> line = new ConcurrentLinkedQueue<>();

    /** How many flushes were asked for since the present flusher last looked; whoever raises it from 0 flushes. */
    private final AtomicInteger flushes = new AtomicInteger();

    private final AtomicBoolean closed = new AtomicBoolean();
    private final ReentrantLock drainLock = new ReentrantLock();
    private final Condition drainedOrClosed = drainLock.newCondition();

    /** How many messages are in line or in the buffer and not yet wholly written to the socket. */
    private final AtomicInteger unsent = new AtomicInteger();

    private volatile boolean someoneAwaitsDrain;
    private volatile @Nullable SelectionKey key;

    // The present flusher's alone, handed from one to the next through `flushes`.
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(WRITE_BUFFER).flip();
    private @Nullable OutboundMessage current;
    private int completedInBuffer;
    private boolean writeInterest;

    /** Makes a connection to somebody who is known; it starts to work with {@link #start()}. */
    public SocketConnection(SocketChannel socket, IoLoop loop, ChannelListener listener) {
        this(socket, loop, listener, 0);
        trust();
    }

    /** Makes a connection to a stranger, who may send so many bytes until he is known. */
    SocketConnection(SocketChannel socket, IoLoop loop, ChannelListener listener, int limit) {
        this.socket = socket;
        this.loop = loop;
        this.listener = listener;
        this.reader = new FrameReader(listener, limit);
    }

    /** Registers with the loop; only on the loop's thread or before the loop runs. */
    public void start() throws IOException {
        socket.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER); // as far as the system allows
        key = loop.register(socket, SelectionKey.OP_READ, this);
    }

    /** Lifts the limit on messages once the other side is known; only on the loop's thread. */
    public void trust() {
        reader.trust();
    }

    @Override
    public void enqueue(Message message) {
        unsent.incrementAndGet();
        line.add(message);
    }

    @Override
    public boolean flush() {
        if (flushes.getAndIncrement() == 0) {
            long share = loop.isCurrentThread() ? LOOP_SHARE : Long.MAX_VALUE;
            int seen = 1;
            do {
                try {
                    share -= write(share);
                } catch (Throwable e) { // whatever it is, the channel is of no use any more, and must not seem to be
                    fail(e);
                }
                seen = flushes.addAndGet(-seen);
            } while (seen != 0);
        }
        return unsent.get() == 0;
    }

    /**
     * Writes until nothing is left, the socket is full, or the share is used up; in the last two cases the loop calls
     * again. Returns how much of the share it used.
     */
    private long write(long share) throws IOException {
        SelectionKey registration = key;
        if (closed.get() || registration == null) {
            return 0;
        }
        long written = 0;
        while (true) {
            fill();
            int filled = buffer.remaining();
            if (filled == 0) {
                writeInterest(registration, false);
                return written;
            }
            if (written >= share || !writeOrSpin()) {
                writeInterest(registration, true);
                return written;
            }
            written += filled;
            int completed = completedInBuffer;
            completedInBuffer = 0;
            if (unsent.addAndGet(-completed) == 0 && someoneAwaitsDrain) {
                signalDrained();
            }
        }
    }

    /**
     * Writes the buffer. A full socket is most often being read at this moment by the other side, on another core: then
     * it is quicker to try again for a moment than to be woken when it is almost empty.
     */
    private boolean writeOrSpin() throws IOException {
        socket.write(buffer);
        if (!buffer.hasRemaining()) {
            return true;
        }
        long until = System.nanoTime() + SPIN_NANOS;
        while (System.nanoTime() - until < 0) {
            Thread.onSpinWait();
            if (socket.write(buffer) > 0) {
                until = System.nanoTime() + SPIN_NANOS;
            }
            if (!buffer.hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    private void fill() {
        buffer.compact();
        while (buffer.hasRemaining()) {
            if (current == null) {
                Message next = line.poll();
                if (next == null) {
                    break;
                }
                current = new OutboundMessage(Messages.type(next), Messages.body(next));
            }
            if (current.copyTo(buffer)) {
                current = null;
                completedInBuffer++;
            }
        }
        buffer.flip();
    }

    private void writeInterest(SelectionKey registration, boolean wanted) {
        if (writeInterest != wanted) {
            writeInterest = wanted;
            registration.interestOps(wanted ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            registration.selector().wakeup();
        }
    }

    private void signalDrained() {
        drainLock.lock();
        try {
            drainedOrClosed.signalAll();
        } finally {
            drainLock.unlock();
        }
    }

    @Override
    public void awaitDrained() {
        drainLock.lock();
        try {
            someoneAwaitsDrain = true;
            while (unsent.get() > 0 && !closed.get()) {
                drainedOrClosed.awaitUninterruptibly();
            }
        } finally {
            drainLock.unlock();
        }
    }

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
        ByteBuffer shared = loop.readBuffer();
        shared.clear();
        int count = socket.read(shared);
        if (count < 0) {
            end(null);
            return;
        }
        shared.flip();
        reader.read(shared);
    }

    @Override
    public void onFailure(Throwable cause) {
        end(cause);
    }

    @Override
    public void close() {
        loop.execute(() -> end(null));
    }

    private void fail(Throwable cause) {
        loop.execute(() -> end(cause));
    }

    /** Closes the socket and tells the listener; on the loop's thread. */
    private void end(@Nullable Throwable cause) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            socket.close();
        } catch (IOException e) {
            if (cause != null) {
                cause.addSuppressed(e);
            }
        }
        signalDrained();
        listener.onClosed(cause);
    }

    /** A message on its way out, cut into frames. */
    private static final class OutboundMessage {
        private final int type;
        private final byte[] header = new byte[Frame.HEADER];
        private int headerLeft;
        private long frameLeft;
        private long bodyLeft;
        private Bytes slice;
        private ByteBuffer source;

        OutboundMessage(int type, Bytes body) {
            this.type = type;
            this.bodyLeft = body.length();
            this.slice = body;
            this.source = body.buffer();
            nextFrame();
        }

        private void nextFrame() {
            frameLeft = Math.min(bodyLeft, Frame.MAX_BODY);
            headerLeft = Frame.HEADER;
            Frame.putHeader(header, 0, type, bodyLeft > frameLeft, (int) frameLeft);
        }

        /** Copies as much as fits; returns whether that was the rest. */
        boolean copyTo(ByteBuffer target) {
            while (target.hasRemaining()) {
                if (headerLeft > 0) {
                    int step = Math.min(headerLeft, target.remaining());
                    target.put(header, Frame.HEADER - headerLeft, step);
                    headerLeft -= step;
                } else if (frameLeft > 0) {
                    copyBody(target);
                } else if (bodyLeft > 0) {
                    nextFrame();
                } else {
                    return true;
                }
            }
            return headerLeft == 0 && frameLeft == 0 && bodyLeft == 0;
        }

        private void copyBody(ByteBuffer target) {
            while (!source.hasRemaining()) {
                slice = Objects.requireNonNull(slice.next(), "the body is shorter than its length");
                source = slice.buffer();
            }
            int step = (int) Math.min(Math.min(frameLeft, source.remaining()), target.remaining());
            int limit = source.limit();
            source.limit(source.position() + step);
            target.put(source);
            source.limit(limit);
            frameLeft -= step;
            bodyLeft -= step;
        }
    }
}
