package io.processpool.spring;

import io.processpool.PoolClosedException;
import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;

/**
 * Hands tasks to a pool of processes. They must be serializable, such as a lambda that is cast to
 * {@code Callable<T> & Serializable}; what {@code @Async} makes is not.
 */
final class PoolTaskExecutor implements AsyncTaskExecutor {

    private final Supplier<ProcessPool> pool;

    /** Takes a supplier, since there are those who collect all executors, and that should not make a pool. */
    PoolTaskExecutor(Supplier<ProcessPool> pool) {
        this.pool = pool;
    }

    @Override
    public void execute(Runnable task) {
        hand(executor -> {
            executor.execute(task);
            return task;
        });
    }

    @Override
    public Future<?> submit(Runnable task) {
        return this.<Future<?>>hand(executor -> executor.submit(task));
    }

    @Override
    public <T extends @Nullable Object> Future<T> submit(Callable<T> task) {
        return hand(executor -> executor.submit(task));
    }

    @Override
    public CompletableFuture<Void> submitCompletable(Runnable task) {
        return completable(submit(task)).thenApply(nothing -> null);
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submitCompletable(Callable<T> task) {
        return completable(submit(task));
    }

    /** Refuses in the words that the callers of Spring's executors expect. */
    private <R> R hand(Function<ExecutorService, R> how) {
        try {
            return how.apply(pool.get().asExecutorService());
        } catch (RejectedExecutionException | PoolClosedException e) {
            throw new TaskRejectedException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The futures of a pool are stages as well. */
    private static <T extends @Nullable Object> CompletableFuture<T> completable(Future<T> future) {
        return ((TaskFuture<T>) future).toCompletableFuture();
    }
}
