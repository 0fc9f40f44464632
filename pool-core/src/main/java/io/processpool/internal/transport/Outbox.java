package io.processpool.internal.transport;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a connection that are on their way out. Any thread puts one in line; one at a time, the present
 * flusher, takes them out as bytes.
 */
final class Outbox {

    private static final int LARGE = 1 << 16;

    private final ConcurrentLinkedQueue<Message> line = new ConcurrentLinkedQueue<>();

    /** How many messages are in line, or taken out and not yet {@linkplain #sent() sent}. */
    private final AtomicInteger unsent = new AtomicInteger();

    private final ReentrantLock drainLock = new ReentrantLock();
    private final Condition drainedOrClosed = drainLock.newCondition();
    private volatile boolean someoneAwaitsDrain;
    private volatile boolean closed;

    // The present flusher's alone, handed from one to the next by the connection.
    private @Nullable Outgoing current;
    private int taken;
    private boolean urgent;

    void add(Message message) {
        unsent.incrementAndGet();
        try {
            line.add(message);
        } catch (OutOfMemoryError e) { // else whoever awaits that all is sent would wait for it
            gone(1);
            throw e;
        }
    }

    /** Whether all messages are sent. */
    boolean isEmpty() {
        return unsent.get() == 0;
    }

    /**
     * Copies as many bytes as fit. Stops after a {@link Message.Switch}, since what follows goes another way.
     *
     * @return whether it has stopped after a switch
     */
    boolean fill(ByteBuffer target) {
        while (target.hasRemaining()) {
            Outgoing message = current;
            if (message == null) {
                Message next = line.poll();
                if (next == null) {
                    return false;
                }
                message = new Outgoing(next);
                current = message;
            }
            urgent |= message.urgent;
            if (message.copyTo(target)) {
                current = null;
                taken++;
                if (message.isSwitch) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Tells whether one of the messages that were copied since the last call is urgent. */
    boolean takeUrgent() {
        boolean was = urgent;
        urgent = false;
        return was;
    }

    /** What was taken out so far has left. */
    void sent() {
        int count = taken;
        taken = 0;
        gone(count);
    }

    private void gone(int count) {
        if (unsent.addAndGet(-count) == 0 && someoneAwaitsDrain) {
            signalDrained();
        }
    }

    /** Nothing leaves any more, so nobody need wait for that. */
    void close() {
        closed = true;
        signalDrained();
    }

    private void signalDrained() {
        drainLock.lock();
        try {
            drainedOrClosed.signalAll();
        } finally {
            drainLock.unlock();
        }
    }

    /** Waits until all is sent, or the outbox is closed; returns whether all is sent. */
    boolean awaitDrained() {
        drainLock.lock();
        try {
            someoneAwaitsDrain = true;
            while (unsent.get() > 0) { // not looked at twice: others may add something meanwhile
                if (closed) {
                    return false;
                }
                drainedOrClosed.awaitUninterruptibly();
            }
            return true;
        } finally {
            drainLock.unlock();
        }
    }

    /** A message on its way out, cut into frames. */
    private static final class Outgoing {
        private final int type;
        private final boolean urgent;
        private final boolean isSwitch;
        private final byte[] header = new byte[Frame.HEADER];
        private int headerLeft;
        private long frameLeft;
        private long bodyLeft;
        private Bytes slice;
        private ByteBuffer source;

        Outgoing(Message message) {
            Bytes body = Messages.body(message);
            this.type = Messages.type(message);
            this.urgent = !message.canWait();
            this.isSwitch = message instanceof Message.Switch;
            this.bodyLeft = body.length();
            this.slice = body;
            this.source = body.buffer();
            nextFrame();
        }

        /** A large array gets a frame of its own, so that the other side has it in one piece. */
        private void nextFrame() {
            advance();
            long span = source.remaining();
            Bytes next = slice.next();
            while (span < LARGE && next != null && next.buffer().remaining() < LARGE) {
                span += next.buffer().remaining();
                next = next.next();
            }
            frameLeft = Math.min(span, Frame.MAX_BODY);
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

        private void advance() {
            while (!source.hasRemaining() && slice.next() != null) {
                slice = slice.next();
                source = slice.buffer();
            }
        }

        private void copyBody(ByteBuffer target) {
            advance();
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
