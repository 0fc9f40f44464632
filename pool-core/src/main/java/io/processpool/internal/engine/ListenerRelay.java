package io.processpool.internal.engine;

import io.processpool.PoolListener;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the listeners what happens, in order, on one thread of their own that exists only while there is news. */
final class ListenerRelay {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerRelay.class);

    /** If a listener is so far behind, it has stopped listening; the newest events are then dropped. */
    private static final int MAX_BACKLOG = 100_000;

    /** How often the log tells of it at the most. */
    private static final long TELL_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final List<PoolListener> listeners;
    private final List<PoolListener> taskListeners;
    private final ThreadPoolExecutor executor;
    private final Executor housekeeping;
    private final LongSupplier clock;

    /** How many events were dropped, and of how many of them the log tells. */
    private final AtomicLong dropped = new AtomicLong();

    private final AtomicLong droppedAndTold = new AtomicLong();

    /** From when on the log may tell again, by the clock. */
    private final AtomicLong mayTellFrom;

    /**
     * Makes one.
     *
     * @param housekeeping writes to the log, which those who tell of events must not: they hold the pool's lock
     */
    ListenerRelay(String poolName, List<PoolListener> listeners, Executor housekeeping) {
        this(listeners, new NamedThreads(poolName, "listener"), housekeeping, System::nanoTime);
    }

    /** The threads apart, because a system without any more cannot be had on demand. */
    ListenerRelay(List<PoolListener> listeners, ThreadFactory threads, Executor housekeeping, LongSupplier nanoClock) {
        this.housekeeping = housekeeping;
        this.clock = nanoClock;
        this.mayTellFrom = new AtomicLong(nanoClock.getAsLong());
        this.listeners = listeners;
        this.taskListeners =
                listeners.stream().filter(PoolListener::observesTasks).toList();
        this.executor =
                new ThreadPoolExecutor(1, 1, 2, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_BACKLOG), threads);
        executor.allowCoreThreadTimeOut(true);
    }

    /** Whether any listener wants to hear of tasks. */
    boolean observesTasks() {
        return !taskListeners.isEmpty();
    }

    /** Passes an event on to all listeners, later. */
    void tell(Consumer<PoolListener> event) {
        tell(listeners, event);
    }

    /** Passes an event on to the listeners that want to hear of tasks, later. */
    void tellOfTask(Consumer<PoolListener> event) {
        tell(taskListeners, event);
    }

    private void tell(List<PoolListener> audience, Consumer<PoolListener> event) {
        if (audience.isEmpty() || executor.isShutdown()) {
            return;
        }
        if (executor.getQueue().offer(() -> deliver(audience, event))) {
            startThread();
        } else {
            dropped.incrementAndGet();
            tellOfDropped();
        }
    }

    /** Has the log tell what was dropped: at once, and then now and then, since there may be thousands in a second. */
    private void tellOfDropped() {
        long now = clock.getAsLong();
        long from = mayTellFrom.get();
        if (dropped.get() > droppedAndTold.get()
                && now - from >= 0
                && mayTellFrom.compareAndSet(from, now + TELL_PERIOD_NANOS)) {
            housekeeping.execute(this::logDropped);
        }
    }

    private void logDropped() {
        long all = dropped.get();
        long news = all - droppedAndTold.getAndSet(all);
        if (news > 0) {
            LOG.warn("a listener is {} events behind; {} more were dropped", MAX_BACKLOG, news);
        }
    }

    /** Starts the thread if there is none. If the system has no more, the events wait for the next one to come. */
    private void startThread() {
        try {
            executor.prestartCoreThread();
        } catch (OutOfMemoryError e) {
            LOG.debug("no thread to tell listeners, trying again with the next event", e);
        }
    }

    private void deliver(List<PoolListener> audience, Consumer<PoolListener> event) {
        tellAll(audience, event);
        tellOfDropped(); // the last of them, when a while has passed
    }

    private static void tellAll(List<PoolListener> audience, Consumer<PoolListener> event) {
        for (PoolListener listener : audience) {
            try {
                event.accept(listener);
            } catch (Throwable e) { // of whatever kind: it is the user's, and others wait
                LOG.warn("listener {} failed", listener.getClass().getName(), e);
            }
        }
    }

    /** Lets the events that are there arrive, and takes no more. Not with the pool's lock held. */
    void close() {
        executor.shutdown();
        if (!executor.getQueue().isEmpty()) {
            startThread();
        }
        logDropped(); // the last of them: housekeeping has ended
    }
}
