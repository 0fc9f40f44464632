package io.processpool.internal.transport;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.function.UnaryOperator;

/** Writes the beginning of what a worker sends, and then, with a frame half written, does something that may not end well. */
public final class BreakingOutlet implements Outlet {

    private final Outlet whole;
    private final Runnable fault;
    private boolean broken;

    private BreakingOutlet(Outlet whole, Runnable fault) {
        this.whole = whole;
        this.fault = fault;
    }

    /**
     * Lets a channel commit a fault in the middle of the next frame that neither a ring nor the buffer of a socket can hold.
     *
     * @param fault what happens then, on the thread that writes
     */
    public static void install(Channel channel, Runnable fault) {
        replace(channel, whole -> new BreakingOutlet(whole, fault));
    }

    /** Lets a channel write in another way. */
    static void replace(Channel channel, UnaryOperator<Outlet> other) {
        try {
            Field field = SocketConnection.class.getDeclaredField("outlet");
            field.setAccessible(true);
            field.set(channel, other.apply((Outlet) field.get(channel)));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("how does the channel write?", e);
        }
    }

    @Override
    public Progress write(Outbox outbox, long share) throws IOException {
        Progress progress = whole.write(outbox, 1); // what fits in at once
        if (!outbox.isEmpty() && !broken) {
            broken = true;
            fault.run();
        }
        while (progress == Progress.SHARE_USED) { // the connection cannot know that it is a ring, and go on later
            progress = whole.write(outbox, share);
        }
        return progress;
    }
}
