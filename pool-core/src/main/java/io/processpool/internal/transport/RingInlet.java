package io.processpool.internal.transport;

import io.processpool.internal.wire.ProtocolException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection hears the other side: the ring, once there is one, and the end of the connection, of which the
 * listener is told after all that is still to be heard. Any thread may hear, one at a time does; for whoever comes
 * meanwhile, that one looks once more.
 */
final class RingInlet {

    /** How much is heard from the ring in a turn: at its end the ring has held no more. */
    private static final int TURN = RingMemory.CAPACITY;

    /** How many turns a thread goes on for the sake of others that have asked for it, before it lets the loop do so. */
    private static final int MAX_TURNS = 8;

    /** The connection. */
    interface Owner {
        /** Makes the loop's thread hear, after it has served the others. */
        void hearLater();

        /** Wakes the other side, which waits for room, as soon as that is possible. */
        void strike();

        /** Ends the connection: nothing that follows would make sense. */
        void fail(Throwable cause);
    }

    /**
     * The end of a connection.
     *
     * @param cause why, or null if it was just closed
     * @param hearRest whether what the other side has put into the ring before is still heard
     */
    record End(@Nullable Throwable cause, boolean hearRest) {}

    private final FrameReader reader;
    private final ChannelListener listener;
    private final Owner owner;

    /** How often somebody wanted to hear since the present reader last looked; whoever raises it from 0 reads. */
    private final AtomicInteger reads = new AtomicInteger();

    /** Where bytes come from, once the other side has switched. */
    private volatile @Nullable RingReader ring;

    /** How the connection has ended, or null as long as it has not. */
    private volatile @Nullable End end;

    /** Whether nothing that follows would make sense. */
    private volatile boolean deaf;

    /** The present reader's, handed on through {@code reads}: whether the listener knows of the end. */
    private volatile boolean endTold;

    RingInlet(FrameReader reader, ChannelListener listener, Owner owner) {
        this.reader = reader;
        this.listener = listener;
        this.owner = owner;
    }

    /** The other side has switched to the ring. */
    void open(RingReader incoming) {
        ring = incoming;
    }

    /** Whether the other side has switched to the ring. */
    boolean isOpen() {
        return ring != null;
    }

    /** The connection has ended; tells the listener, or lets the thread do so that hears at this moment. */
    void end(End ending) {
        end = ending;
        hear();
    }

    /** Whether the listener knows of the end, and no thread is left that could touch the ring. */
    boolean isOver() {
        return endTold && reads.get() == 0;
    }

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
        owner.fail(fault);
    }

    /** Hears what has come; the rest of what is too much for one thread at once the loop hears. */
    void catchUp() {
        if (hasSomething() && hear()) {
            owner.hearLater();
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
    boolean hear() {
        if (reads.getAndIncrement() != 0) {
            return false;
        }
        int seen = 1;
        for (int turn = 1; ; turn++) {
            boolean more = hearTurnSafely();
            seen = reads.addAndGet(-seen);
            if (seen == 0) {
                return more;
            }
            if (turn >= MAX_TURNS && end == null && reads.compareAndSet(seen, 0)) {
                return true;
            }
        }
    }

    /** There may be no memory even to say so; whoever ends the connection must be able to come in. */
    private boolean hearTurnSafely() {
        try {
            return hearTurn();
        } catch (Throwable e) {
            deaf = true;
            return false;
        }
    }

    /** Hears one turn, and tells of the end if there is one; returns whether there may be more. */
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
                    owner.fail(e);
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
                owner.strike();
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

    /** The other side is most often writing at this moment: then it is quicker to look again than to be woken. */
    private static ByteBuffer awaitRest(RingReader incoming) throws ProtocolException {
        long until = System.nanoTime() + Outlet.SPIN_NANOS;
        while (incoming.isEmpty() && System.nanoTime() - until < 0) {
            Thread.onSpinWait();
        }
        return incoming.bytes();
    }
}
