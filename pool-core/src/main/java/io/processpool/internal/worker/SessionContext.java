package io.processpool.internal.worker;

import io.processpool.WorkerContext;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The {@link WorkerContext} of one worker; it follows the runner from item to item. */
public final class SessionContext implements WorkerContext {

    private static final long PROGRESS_INTERVAL_NANOS = 100_000_000;

    private final Message.Welcome welcome;
    private final Channel channel;
    private final ConcurrentMap<String, Object> state = new ConcurrentHashMap<>();

    private volatile int batch;
    private volatile int index;
    private volatile boolean cancelled;
    private volatile Map<String, String> headers = Map.of();

    // Guarded by this: the progress of the running item.
    private boolean running;
    private boolean unsent;
    private long done;
    private long total;
    private long sentAt;

    SessionContext(Message.Welcome welcome, Channel channel) {
        this.welcome = welcome;
        this.channel = channel;
    }

    /** An item begins. */
    void begin(int newBatch, int newIndex, Map<String, String> newHeaders) {
        batch = newBatch;
        index = newIndex;
        if (headers != newHeaders) {
            headers = newHeaders;
        }
        cancelled = false;
        synchronized (this) {
            running = true;
            unsent = false;
            sentAt = System.nanoTime() - PROGRESS_INTERVAL_NANOS;
        }
    }

    /** The item has ended; its last progress is sent if it was not. */
    void end() {
        if (!headers.isEmpty()) {
            headers = Map.of();
        }
        synchronized (this) {
            running = false;
            if (unsent) {
                sendProgress();
            }
        }
    }

    /** The pool does not want the item any more. */
    void cancel(int ofBatch, int ofIndex) {
        if (batch == ofBatch && index == ofIndex) {
            cancelled = true;
        }
    }

    @Override
    public int workerId() {
        return welcome.worker();
    }

    @Override
    public int generation() {
        return welcome.generation();
    }

    @Override
    public String poolName() {
        return welcome.poolName();
    }

    @Override
    public ConcurrentMap<String, Object> state() {
        return state;
    }

    @Override
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    @Override
    public void progress(long unitsDone, long unitsTotal) {
        synchronized (this) {
            if (!running) {
                return;
            }
            done = unitsDone;
            total = unitsTotal;
            unsent = true;
            if (System.nanoTime() - sentAt >= PROGRESS_INTERVAL_NANOS) {
                sendProgress();
            }
        }
    }

    private void sendProgress() {
        unsent = false;
        sentAt = System.nanoTime();
        channel.send(new Message.Progress(batch, index, done, total));
    }
}
