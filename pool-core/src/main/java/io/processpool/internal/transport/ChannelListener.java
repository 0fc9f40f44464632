package io.processpool.internal.transport;

import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import org.jspecify.annotations.Nullable;

/** Hears what comes through a {@link Channel}. All calls for one channel come from one thread; none may block. */
public interface ChannelListener {

    /**
     * A message has arrived.
     *
     * @throws ProtocolException if the message makes no sense here; the channel is then closed
     */
    void onMessage(Message message) throws ProtocolException;

    /**
     * The channel has ended; nothing comes after this.
     *
     * @param cause what went wrong, or null if the other side, or this one, just closed it
     */
    void onClosed(@Nullable Throwable cause);
}
