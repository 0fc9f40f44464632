package io.processpool.internal.engine;

import io.processpool.ProcessPoolException;
import io.processpool.TaskFuture;
import io.processpool.internal.Checks;
import io.processpool.internal.Nanos;
import io.processpool.internal.transport.Lookout;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The handle of a job. It ends with a {@link Settled}, whose value is decoded by the first thread that wants it; only
 * if there are dependent stages, the callback executor does that.
 */
final class DefaultTaskFuture<R> extends StageView<R> implements TaskFuture<R> {

    /** The end of a job, whose value is not decoded before somebody asks for it. */
    abstract static class Settled<R> {

        /** Not a monitor: whoever decodes may be a virtual thread. Guards the fields below, for one decoding. */
        private final ReentrantLock once = new ReentrantLock();

        private boolean decoded;
        private @Nullable R value;
        private @Nullable Throwable failure;

        /** Returns the value, or throws what the job ended with; called once. */
        abstract @Nullable R decode() throws Exception;

        private void ensureDecoded() {
            once.lock();
            try {
                if (!decoded) {
                    value = decode();
                }
            } catch (Throwable e) { // of whatever kind: it is this task's, and must reach all who wait for it
                failure = e;
            } finally {
                decoded = true;
                once.unlock();
            }
        }

        @Nullable
        Throwable failure() {
            ensureDecoded();
            return failure;
        }

        @SuppressWarnings("NullAway") // a task may return null
        R value() {
            ensureDecoded();
            return value;
        }
    }

    /** How a task ended that there was no memory to keep the end of. */
    private static final Settled<?> UNKEPT = new Settled<>() {
        @Override
        Object decode() {
            throw new AssertionError("has no value");
        }

        @Override
        Throwable failure() {
            return new OutOfMemoryError("there was no memory to keep how the task had ended");
        }
    };

    /** Looks for messages for a moment, in the thread that is about to wait for one. */
    interface Looking {
        /** Looks until the condition holds, or it does not promise to be soon. */
        void until(BooleanSupplier condition);
    }

    private final long id;
    private final Executor callbacks;
    private final Looking looking;
    private final Consumer<Boolean> canceller;
    private final CompletableFuture<Settled<R>> end = new CompletableFuture<>();
    private @Nullable CompletableFuture<R> stage;

    /** Whether it was cancelled and may run on; two threads may see that at once, which does no harm. */
    private volatile boolean leftAlone;

    /**
     * Makes a handle.
     *
     * @param looking looks for the end
     * @param canceller stops the job after this handle was cancelled; is told whether a running one too
     */
    DefaultTaskFuture(long id, Executor callbacks, Looking looking, Consumer<Boolean> canceller) {
        this.id = id;
        this.callbacks = callbacks;
        this.looking = looking;
        this.canceller = canceller;
    }

    /** Makes a handle of a job that has failed before it began. */
    static <R> DefaultTaskFuture<R> failed(long id, Executor callbacks, ProcessPoolException failure) {
        DefaultTaskFuture<R> future = new DefaultTaskFuture<>(id, callbacks, condition -> {}, interrupt -> {});
        future.settle(failureOf(failure));
        return future;
    }

    /** Returns the end of a job that there was no memory to keep the end of. Takes none itself. */
    @SuppressWarnings("unchecked") // it has no value
    static <R> Settled<R> unkept() {
        return (Settled<R>) UNKEPT;
    }

    private static <R> Settled<R> failureOf(RuntimeException failure) {
        return new Settled<>() {
            @Override
            R decode() {
                throw failure;
            }
        };
    }

    /** Ends the job; only the first call counts. */
    boolean settle(Settled<R> settled) {
        return end.complete(settled);
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean ready() {
        return end.isDone();
    }

    @Override
    public boolean isDone() {
        return end.isDone();
    }

    @Override
    public boolean successful() {
        if (!end.isDone()) {
            throw new IllegalStateException("task " + id + " has not ended yet");
        }
        return end.join().failure() == null;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (!settle(failureOf(new CancellationException("task " + id + " was cancelled")))) {
            if (leftAlone && mayInterruptIfRunning) {
                leftAlone = false;
                canceller.accept(true);
            }
            return false;
        }
        leftAlone = !mayInterruptIfRunning;
        canceller.accept(mayInterruptIfRunning);
        return true;
    }

    @Override
    public boolean isCancelled() {
        return end.isDone() && end.join().failure() instanceof CancellationException;
    }

    @Override
    public R get() throws InterruptedException, ExecutionException {
        look();
        return value(end.get());
    }

    @Override
    public R get(Duration timeout) throws InterruptedException, ExecutionException, TimeoutException {
        Duration limit = Checks.notNull("timeout", timeout);
        long nanos = Nanos.of(limit);
        long deadline = System.nanoTime() + nanos;
        if (nanos > Lookout.LOOK_NANOS) {
            look(() -> end.isDone() || System.nanoTime() - deadline >= 0);
        }
        try {
            return value(end.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw new TimeoutException("task " + id + " has not ended within " + limit);
        }
    }

    @Override
    public R get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        return get(Duration.ofNanos(unit.toNanos(timeout)));
    }

    private void look() {
        look(end::isDone);
    }

    private void look(BooleanSupplier condition) {
        if (!end.isDone() && !Thread.currentThread().isInterrupted()) {
            looking.until(condition);
        }
    }

    private static <R> R value(Settled<R> settled) throws ExecutionException {
        Throwable failure = settled.failure();
        if (failure instanceof CancellationException) {
            throw new CancellationException(failure.getMessage());
        } else if (failure != null) {
            throw new ExecutionException(failure);
        }
        return settled.value();
    }

    /** Waits for the end and returns the value, or throws the bare failure. */
    R await() throws InterruptedException {
        look();
        Settled<R> settled;
        try {
            settled = end.get();
        } catch (ExecutionException e) {
            throw new AssertionError("a job never ends its handle this way", e);
        }
        Throwable failure = settled.failure();
        if (failure != null) {
            throw Sneaky.rethrow(failure);
        }
        return settled.value();
    }

    @Override
    synchronized CompletableFuture<R> stage() {
        CompletableFuture<R> current = stage;
        if (current == null) {
            current = new Derived<>(callbacks);
            stage = current;
            CompletableFuture<R> target = current;
            end.thenAcceptAsync(settled -> complete(target, settled), callbacks).exceptionally(unable -> {
                target.completeExceptionally(unable); // the executor did not take it; nobody else would complete it
                return null;
            });
        }
        return current;
    }

    private static <R> void complete(CompletableFuture<R> target, Settled<R> settled) {
        Throwable failure = settled.failure();
        if (failure != null) {
            target.completeExceptionally(failure);
        } else {
            target.complete(settled.value());
        }
    }

    /** Whoever completes what it returns, or sets a time limit for it, does so for itself alone. */
    @Override
    public CompletableFuture<R> toCompletableFuture() {
        CompletableFuture<R> copy = new Copy();
        stage().whenComplete((value, failure) -> {
            if (failure != null) {
                copy.completeExceptionally(failure);
            } else {
                copy.complete(value);
            }
        });
        return copy;
    }

    /** Cancelling what {@code toCompletableFuture()} returned cancels the task. */
    private final class Copy extends CompletableFuture<R> {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            if (isDone()) {
                return isCancelled();
            }
            boolean cancelled = DefaultTaskFuture.this.cancel(mayInterruptIfRunning);
            return cancelled ? super.cancel(mayInterruptIfRunning) : isCancelled();
        }

        @Override
        public Executor defaultExecutor() {
            return callbacks;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new Derived<>(callbacks);
        }
    }

    /** A stage that hangs on a task: its asynchronous dependents run on the pool's callback executor, too. */
    private static final class Derived<U> extends CompletableFuture<U> {

        private final Executor executor;

        Derived(Executor executor) {
            this.executor = executor;
        }

        @Override
        public Executor defaultExecutor() {
            return executor;
        }

        @Override
        public <V> CompletableFuture<V> newIncompleteFuture() {
            return new Derived<>(executor);
        }
    }

    @Override
    public String toString() {
        return "TaskFuture[" + id + ", " + (!isDone() ? "pending" : successful() ? "succeeded" : "failed") + "]";
    }
}
