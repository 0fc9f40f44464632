package io.processpool.internal.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread that waits for many sockets. It reads, it finishes writes that could not be finished at once, and it
 * accepts connections; everything else happens elsewhere. It sleeps while there is nothing to do.
 */
public final class IoLoop implements Runnable {

    /** Something that wants to know when its socket is ready. Called on the loop's thread. */
    interface Handler {
        /** The socket is ready for some of what it registered for. */
        void onReady(SelectionKey key) throws IOException;

        /** The loop is closing, or {@link #onReady} threw. */
        void onFailure(Throwable cause);
    }

    private static final int READ_BUFFER = 1 << 18;

    /** After so many failures in a row, about a quarter of a minute, there is no hope that it is for a moment. */
    private static final int MAX_FAILURES = 150;

    private static final int MAX_PAUSE_MILLIS = 100;

    private final Selector selector;
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER);
    private final Lookout lookout = new Lookout();
    private volatile boolean closed;
    private volatile boolean abandoned;
    private volatile Thread thread = Thread.currentThread();

    /** Opens the loop; someone has to run it. */
    public IoLoop() throws IOException {
        selector = Selector.open();
    }

    /** Returns what lets threads look for messages by themselves. */
    public Lookout lookout() {
        return lookout;
    }

    /** The buffer that sockets read into; only for the loop's thread, only until it returns to the loop. */
    ByteBuffer readBuffer() {
        return readBuffer;
    }

    /** Runs a command on the loop's thread, soon; does nothing once the loop is closed. */
    void execute(Runnable command) {
        commands.add(command);
        if (!isCurrentThread()) {
            selector.wakeup();
        }
    }

    /** Whether the calling thread is the loop's, which others wait for. */
    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Registers a socket; only on the loop's thread or before the loop runs. */
    SelectionKey register(SelectableChannel channel, int interest, Handler handler) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, interest, handler);
    }

    /** Waits and works until {@link #close()}. */
    @Override
    public void run() {
        thread = Thread.currentThread();
        int failures = 0;
        try {
            while (!closed && !abandoned) {
                try {
                    turn();
                    failures = 0;
                } catch (VirtualMachineError e) {
                    if (++failures > MAX_FAILURES) {
                        throw e;
                    }
                    pause(failures);
                }
            }
        } catch (ClosedSelectorException e) {
            // closed from outside, which is a way to end
        } catch (IOException | VirtualMachineError e) {
            failAll(e);
        } finally {
            if (!abandoned) {
                failAll(null);
                closeSelector();
            }
        }
    }

    /**
     * Lets others have a turn after a failure that is nobody's in particular. There may be no memory for a moment, which others
     * give back; or JDK 17 tells of a fault in some connection's shared memory later than it happened. All channels depend on
     * this thread, so it goes on; if that does not help for long, they end, which is better than to be silent.
     */
    private static void pause(int failures) {
        long millis = Math.min(MAX_PAUSE_MILLIS, 1L << Math.min(failures - 1, 10));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private void turn() throws IOException {
        runCommands();
        if (commands.isEmpty()) {
            selector.select();
        } else {
            selector.selectNow(); // a command has left another, for after the sockets
        }
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
            SelectionKey key = ready.next();
            ready.remove();
            handle(key);
        }
    }

    private void runCommands() {
        // Only those that are there now: one may leave another, for after the sockets.
        for (int count = commands.size(); count > 0; count--) {
            Runnable command = commands.poll();
            if (command != null) {
                guarded(command);
            }
        }
    }

    /** One socket, or whoever listens to it, must not end the I/O of all others: not even with an Error. */
    static void guarded(Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            report(e);
        }
    }

    private static void report(Throwable failure) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        } catch (VirtualMachineError e) {
            throw e; // see pause()
        } catch (Throwable e) {
            // the application's handler; it must not end the I/O either
        }
    }

    private static void handle(SelectionKey key) {
        Handler handler = (Handler) key.attachment();
        try {
            if (key.isValid()) {
                handler.onReady(key);
            }
        } catch (Throwable e) {
            guarded(() -> handler.onFailure(e));
        }
    }

    private void failAll(@Nullable Throwable cause) {
        if (!selector.isOpen()) {
            return;
        }
        Throwable reason = cause != null ? cause : new IOException("the pool has closed its channels");
        for (SelectionKey key : List.copyOf(selector.keys())) {
            guarded(() -> ((Handler) key.attachment()).onFailure(reason));
        }
    }

    private void closeSelector() {
        try {
            selector.close();
        } catch (IOException e) {
            throw new IllegalStateException("selector cannot be closed", e);
        }
    }

    /** Ends the loop and leaves its sockets open, for the end of the process to close. Does not wait. */
    public void abandon() {
        abandoned = true;
        selector.wakeup();
    }

    /** Ends the loop and closes all its sockets. Does not wait. */
    public void close() {
        closed = true;
        selector.wakeup();
    }
}
