package io.processpool.testing;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A timer whose time passes only when a test says so, and whose tasks run in the thread of the test. Other threads may
 * schedule and cancel.
 */
public final class ManualTimer extends AbstractExecutorService implements ScheduledExecutorService {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    // All guarded by this.
    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>();
    private long now;
    private long lastNumber;
    private boolean shutdown;

    private LongConsumer clock = passed -> {};

    private final Scarcity memory = new Scarcity();

    /** Tells somebody how many nanoseconds have passed, whenever some have. */
    public void onTimePassed(LongConsumer newClock) {
        clock = newClock;
    }

    /** Returns what it takes to set the timer. */
    public Scarcity memory() {
        return memory;
    }

    /** Lets time pass, and runs what falls due meanwhile, in order. */
    public void advance(Duration duration) {
        long until;
        synchronized (this) {
            until = now + duration.toNanos();
        }
        Task<?> due = nextDue(until);
        while (due != null) {
            pass(due.due);
            due.runNow();
            due = nextDue(until);
        }
        pass(until);
    }

    private synchronized @Nullable Task<?> nextDue(long until) {
        Task<?> first = tasks.peek();
        return first == null || first.due > until ? null : tasks.poll();
    }

    private void pass(long to) {
        long passed;
        synchronized (this) {
            passed = Math.max(0, to - now);
            now += passed;
        }
        clock.accept(passed);
    }

    /** Returns after how long each of the tasks that wait falls due, the first first. */
    public synchronized List<Duration> pending() {
        List<Task<?>> all = new ArrayList<>(tasks);
        all.sort(Comparator.naturalOrder());
        return all.stream().map(task -> Duration.ofNanos(task.due - now)).toList();
    }

    /** Waits until other threads have scheduled so many tasks, or cancelled all but so many. */
    public synchronized void awaitPending(int count) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (tasks.size() != count) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("expected " + count + " tasks to wait for the timer: " + tasks.size());
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        memory.take();
        return add(new Task<>(command, null), unit.toNanos(delay));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return add(new Task<>(callable), unit.toNanos(delay));
    }

    @CanIgnoreReturnValue
    private synchronized <V> Task<V> add(Task<V> task, long delay) {
        if (shutdown) {
            throw new RejectedExecutionException("the timer was shut down");
        }
        task.due = now + Math.max(0, delay);
        task.number = ++lastNumber;
        tasks.add(task);
        notifyAll();
        return task;
    }

    private synchronized void remove(Task<?> task) {
        tasks.remove(task);
        notifyAll();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initial, long period, TimeUnit unit) {
        throw new UnsupportedOperationException("nobody has needed this yet");
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initial, long delay, TimeUnit unit) {
        Task<?> task = new Task<>(command, null);
        task.period = unit.toNanos(delay);
        return add(task, unit.toNanos(initial));
    }

    @Override
    public void execute(Runnable command) {
        add(new Task<>(command, null), 0);
    }

    @Override
    public synchronized void shutdown() {
        shutdown = true;
    }

    @Override
    public synchronized List<Runnable> shutdownNow() {
        shutdown = true;
        List<Runnable> left = new ArrayList<>(tasks);
        tasks.clear();
        return left;
    }

    @Override
    public synchronized boolean isShutdown() {
        return shutdown;
    }

    @Override
    public synchronized boolean isTerminated() {
        return shutdown && tasks.isEmpty();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }

    private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {

        private long due;
        private long number;

        /** After how long it falls due again; 0 if it does not. */
        private long period;

        Task(Runnable command, V value) {
            super(command, value);
        }

        Task(Callable<V> callable) {
            super(callable);
        }

        void runNow() {
            if (period > 0 && runAndReset()) {
                add(this, period);
                return;
            }
            run(); // does nothing if it has failed just now
            if (isCancelled()) {
                return;
            }
            try {
                get();
            } catch (ExecutionException e) {
                throw new AssertionError("a task of the timer failed", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            remove(this);
            return super.cancel(mayInterruptIfRunning);
        }

        @Override
        public boolean isPeriodic() {
            return period > 0;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            synchronized (ManualTimer.this) {
                return unit.convert(due - now, TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public int compareTo(Delayed other) {
            Task<?> task = (Task<?>) other;
            return due != task.due ? Long.compare(due, task.due) : Long.compare(number, task.number);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
