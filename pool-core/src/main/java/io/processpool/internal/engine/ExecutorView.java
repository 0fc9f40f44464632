package io.processpool.internal.engine;

import io.processpool.PoolClosedException;
import io.processpool.PoolSaturatedException;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import io.processpool.TaskCallable;
import io.processpool.TaskFuture;
import io.processpool.TaskSerializationException;
import io.processpool.internal.Checks;
import io.processpool.internal.scheduler.FunctionWrapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pool as an {@link java.util.concurrent.ExecutorService}. What is submitted must be serializable. */
final class ExecutorView extends AbstractExecutorService {

    private static final Logger LOG = LoggerFactory.getLogger(ExecutorView.class);

    private final ProcessPool pool;
    private final PoolEngine engine;

    /**
     * The future that a thread has made last. {@link ExecutorCompletionService} has one made, wraps it in a command of
     * its own that cannot be looked into, and executes that.
     */
    private final ThreadLocal<@Nullable ViewFuture<?>> justMade = new ThreadLocal<>();

    ExecutorView(ProcessPool pool, PoolEngine engine) {
        this.pool = pool;
        this.engine = engine;
    }

    /** A callable of the user on its way to a worker. */
    private record ViewTask<T>(Callable<T> task) implements TaskCallable<T>, FunctionWrapper {
        @Override
        public T call() throws Exception {
            return task.call();
        }

        @Override
        public Object wrapped() {
            return task;
        }
    }

    /** A runnable of the user on its way to a worker, with the result that it is to have. */
    private record ViewAction<T extends @Nullable Object>(Runnable task, T result)
            implements TaskCallable<T>, FunctionWrapper {
        @Override
        public T call() {
            task.run();
            return result;
        }

        @Override
        public Object wrapped() {
            return task;
        }
    }

    @Override
    @SuppressWarnings("NullAway") // a runnable has no result
    public void execute(Runnable command) {
        ViewFuture<?> made = made(Checks.notNull("command", command));
        if (made != null) {
            made.submit();
            if (command != made) {
                made.whenComplete((result, failure) -> command.run()); // finds it ended, and tells of that
            }
            return;
        }
        TaskFuture<?> future = submitTask(new ViewAction<>(Checks.notNull("command", command), null));
        if (future.ready()) {
            requireEncoded(future);
        }
        future.whenComplete((result, failure) -> {
            if (failure != null) {
                LOG.warn("a command given to execute() failed, and nobody else will hear of it", failure);
            }
        });
    }

    /** Returns the future that a command stands for, or null if it is a command like any other. */
    private @Nullable ViewFuture<?> made(Runnable command) {
        if (command instanceof ViewFuture<?> future) {
            return future;
        }
        if (command.getClass().getEnclosingClass() != ExecutorCompletionService.class) {
            return null;
        }
        ViewFuture<?> future = justMade.get();
        justMade.remove();
        return future;
    }

    /** Throws if a command could not even be sent. */
    private static void requireEncoded(TaskFuture<?> future) {
        try {
            future.get(Duration.ZERO);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TaskSerializationException unsent) {
                throw unsent;
            }
        } catch (TimeoutException e) {
            throw new AssertionError("a future that was ready is not any more", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Future<?> submit(Runnable task) {
        return submit(task, null);
    }

    @Override
    @SuppressWarnings("NullAway") // a runnable has no result
    public <T> Future<T> submit(Runnable task, @Nullable T result) {
        return submitTask(new ViewAction<>(Checks.notNull("task", task), result));
    }

    @Override
    public <T> Future<T> submit(Callable<T> task) {
        return submitCallable(Checks.notNull("task", task));
    }

    private <T> TaskFuture<T> submitCallable(Callable<T> task) {
        return submitTask(new ViewTask<>(task));
    }

    /** Refuses in the words that the callers of executors expect. */
    private <T extends @Nullable Object> TaskFuture<T> submitTask(TaskCallable<T> task) {
        try {
            return pool.applyAsync(task);
        } catch (PoolClosedException | PoolSaturatedException e) {
            throw new RejectedExecutionException(e.getMessage(), e);
        }
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Callable<T> callable) {
        return make(new ViewTask<>(callable));
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Runnable runnable, T value) {
        return make(new ViewAction<>(runnable, value));
    }

    private <T> ViewFuture<T> make(TaskCallable<T> task) {
        ViewFuture<T> future = new ViewFuture<>(() -> submitTask(task));
        justMade.set(future);
        return future;
    }

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks) throws InterruptedException {
        return invokeAll(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException {
        long deadline = System.nanoTime() + Math.min(unit.toNanos(timeout), Long.MAX_VALUE / 2);
        List<Future<T>> futures = new ArrayList<>(tasks.size());
        boolean complete = false;
        try {
            for (Callable<T> task : tasks) {
                futures.add(submitCallable(task));
            }
            for (Future<T> future : futures) {
                awaitEnd(future, deadline - System.nanoTime());
            }
            complete = true;
        } catch (TimeoutException e) {
            complete = false; // those that have not ended are cancelled, as the interface says
        } finally {
            if (!complete) {
                cancelAll(futures);
            }
        }
        return futures;
    }

    /** Cancels what was submitted last first: else what is queued might begin when what runs has been stopped. */
    static void cancelAll(List<? extends Future<?>> futures) {
        for (int i = futures.size() - 1; i >= 0; i--) {
            futures.get(i).cancel(true);
        }
    }

    private static void awaitEnd(Future<?> future, long nanos) throws InterruptedException, TimeoutException {
        try {
            future.get(nanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException | CancellationException e) {
            return; // an end as good as any other
        }
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks) throws InterruptedException, ExecutionException {
        try {
            return invokeAny(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("waited for ever and timed out", e);
        }
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return new FirstSuccess<T>()
                .of(tasks.stream().map(this::<T>submitCallable).toList(), unit.toNanos(timeout));
    }

    @Override
    public void shutdown() {
        pool.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        pool.terminate();
        return List.of(); // what was submitted is in pieces; its futures tell that it was given up
    }

    @Override
    public boolean isShutdown() {
        return pool.snapshot().state() != PoolState.RUNNING;
    }

    @Override
    public boolean isTerminated() {
        return pool.snapshot().state() == PoolState.TERMINATED;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return engine.awaitTermination(Duration.ofNanos(unit.toNanos(timeout)));
    }
}
