package io.processpool.internal.engine;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks that wait for a thread, which knows of the threads that wait for a callback. Each callback that is put in
 * line counts for one of them, so that no two are left to the same idle thread.
 */
final class CallbackLine extends LinkedBlockingQueue<Runnable> {

    private static final long serialVersionUID = 1;

    /** How many more threads wait than callbacks. Taken from before one is added, given back after one was taken out. */
    private final AtomicInteger idle = new AtomicInteger();

    /** Adds a callback if there is an idle thread for it; tells whether there was. */
    boolean offerToIdle(Runnable callback) {
        int before = idle.get();
        while (before > 0 && !idle.compareAndSet(before, before - 1)) {
            before = idle.get();
        }
        return before > 0 && super.offer(callback);
    }

    /** Whether there are callbacks that no thread waits for. */
    boolean isLongerThanIdle() {
        return idle.get() < 0;
    }

    @Override
    public boolean offer(Runnable callback) {
        idle.decrementAndGet();
        return super.offer(callback);
    }

    /** Waits for the next callback. By an idle thread. */
    @Override
    public @Nullable Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
        idle.incrementAndGet();
        Runnable next = null;
        try {
            next = super.poll(timeout, unit);
        } finally {
            if (next == null) {
                idle.decrementAndGet();
            }
        }
        return next != null
                ? next
                : poll(); // looks after it has said that it goes: who adds does it the other way round
    }

    @Override
    public @Nullable Runnable poll() {
        Runnable next = super.poll();
        if (next != null) {
            idle.incrementAndGet();
        }
        return next;
    }

    @Override
    public boolean remove(@Nullable Object callback) {
        boolean removed = super.remove(callback);
        if (removed) {
            idle.incrementAndGet();
        }
        return removed;
    }
}
