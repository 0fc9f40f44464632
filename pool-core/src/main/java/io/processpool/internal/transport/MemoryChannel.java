package io.processpool.internal.transport;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One end of a channel inside this process: what is sent is written to bytes and read again, so that the two sides share
 * no object. A thread of its own delivers to each listener.
 */
public final class MemoryChannel implements Channel {

    /** What lies in the queue: a message, or the end. */
    private record Letter(int type, @Nullable Bytes body) {}

    private static final Letter END = new Letter(-1, null);

    private final LinkedBlockingQueue<Letter> incoming = new LinkedBlockingQueue<>();
    private volatile @Nullable MemoryChannel peer;
    private volatile boolean closed;

    private MemoryChannel() {}

    /** Makes both ends. */
    public static MemoryChannel[] pair() {
        MemoryChannel one = new MemoryChannel();
        MemoryChannel other = new MemoryChannel();
        one.peer = other;
        other.peer = one;
        return new MemoryChannel[] {one, other};
    }

    /** Starts to deliver what arrives at this end. */
    public void start(ChannelListener listener, String threadName) {
        Thread thread = new Thread(() -> deliver(listener), threadName);
        thread.setDaemon(true);
        thread.start();
    }

    private void deliver(ChannelListener listener) {
        Throwable cause = null;
        try {
            while (true) {
                Letter letter = incoming.take();
                Bytes body = letter.body();
                if (body == null) {
                    break;
                }
                listener.onMessage(Messages.read(letter.type(), body));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) { // of whatever kind: both sides have to hear of the end
            cause = e;
        }
        close();
        listener.onClosed(cause);
    }

    @Override
    public void enqueue(Message message) {
        MemoryChannel other = peer;
        if (!closed && other != null) {
            other.incoming.add(
                    new Letter(Messages.type(message), Messages.body(message).copy()));
        }
    }

    @Override
    public boolean flush() {
        return true;
    }

    @Override
    public boolean awaitDrained() {
        return true; // what is sent has arrived
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        incoming.add(END);
        MemoryChannel other = peer;
        if (other != null) {
            other.close();
        }
    }
}
