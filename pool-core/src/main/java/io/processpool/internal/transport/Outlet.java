package io.processpool.internal.transport;

import java.io.IOException;

/** The way that bytes leave by. For one thread at a time, the present flusher of the connection. */
interface Outlet {

    /** How long a sender looks for room again before it leaves the rest to the loop. */
    long SPIN_NANOS = Runtime.getRuntime().availableProcessors() > 1 ? 50_000 : 0;

    /** How long it does so in all, before it lets others have a turn: the other side may make room a byte at a time. */
    long PATIENCE_NANOS = 8 * SPIN_NANOS;

    /** What became of an attempt to write. */
    enum Progress {
        /** Nothing is left. */
        DONE,
        /** The other side has to make room; the loop hears of it and has to write again. */
        FULL,
        /** The share is used up. */
        SHARE_USED,
        /** A {@link io.processpool.internal.wire.Message.Switch} has left; what follows goes the other way. */
        SWITCHED
    }

    /**
     * Writes what is in the outbox.
     *
     * @param share about how many bytes it may write at the most
     */
    Progress write(Outbox outbox, long share) throws IOException;
}
