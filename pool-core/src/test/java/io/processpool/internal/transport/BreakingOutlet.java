package io.processpool.internal.transport;

import java.io.IOException;
import java.lang.reflect.Field;

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
        try {
            Field field = SocketConnection.class.getDeclaredField("outlet");
            field.setAccessible(true);
            field.set(channel, new BreakingOutlet((Outlet) field.get(channel), fault));
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
