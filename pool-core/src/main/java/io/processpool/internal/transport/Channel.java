package io.processpool.internal.transport;

import io.processpool.internal.wire.Message;

/**
 * One end of a private, ordered, reliable connection that carries messages in both directions. Safe for use by any
 * number of threads; no method blocks.
 */
public interface Channel {

    /**
     * Puts a message in line to be sent. Does no I/O, so it may be called with a lock held; what is put in line under a
     * lock leaves in that order.
     */
    void enqueue(Message message);

    /**
     * Sends what is in line, as far as the other side takes it now; the rest follows by itself.
     *
     * @return true if nothing is left in line
     */
    boolean flush();

    /**
     * Waits until nothing is left in line, or the channel is closed.
     *
     * @return false if the channel is closed, and something is left that will never be sent
     */
    boolean awaitDrained();

    /** Closes the channel. The listener of either side hears of it, once. Idempotent. */
    void close();

    /** Puts a message in line and sends what is in line. */
    default void send(Message message) {
        enqueue(message);
        flush();
    }
}
