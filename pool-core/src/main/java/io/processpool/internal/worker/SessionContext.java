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
    private final RunningItem running;
    private final ConcurrentMap<String, Object> state = new ConcurrentHashMap<>();

    private volatile boolean cancelled;
    private volatile Map<String, String> headers = Map.of();

    // Guarded by this: the progress of the item that reported last.
    private long reporter = RunningItem.NONE;
    private long done;
    private long total;
    private long sentAt;

    /** Whether that item has reported something that was not sent; written under the monitor. */
    private volatile boolean unsent;

    SessionContext(Message.Welcome welcome, Channel channel, RunningItem running) {
        this.welcome = welcome;
        this.channel = channel;
        this.running = running;
    }

    /** An item begins, with these headers. Called before it is the one that runs. */
    void begin(Map<String, String> newHeaders) {
        if (headers != newHeaders) {
            headers = newHeaders;
        }
        if (cancelled) {
            cancelled = false;
        }
    }

    /** The item has ended; its last progress is sent if it was not. Called when it is no longer the one that runs. */
    void end() {
        if (!headers.isEmpty()) {
            headers = Map.of();
        }
        if (unsent) {
            synchronized (this) {
                sendProgress();
            }
        }
    }

    /** The pool does not want the item any more. */
    void cancel(int batch, int index) {
        if (running.is(batch, index)) {
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
            long item = running.current();
            if (item == RunningItem.NONE) {
                return;
            }
            if (item != reporter) {
                reporter = item;
                sentAt = System.nanoTime() - PROGRESS_INTERVAL_NANOS;
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
        channel.send(new Message.Progress((int) (reporter >>> 32), (int) reporter, done, total));
    }
}
