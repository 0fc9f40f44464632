package io.processpool;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

/**
 * The handle of a submitted task: Python's {@code AsyncResult} as a {@link Future} and a {@link CompletionStage}.
 *
 * <p>A future is safe for use by any number of threads. It always ends: with the result, with the failure of the
 * task, of its worker or of the pool, or cancelled. The result is decoded once, in the first thread that asks for it,
 * and every later call returns the same object. Dependent stages ({@code thenApply}, {@code whenComplete} …) run on
 * the pool's callback executor, never on a thread that the pool needs to make progress, so a callback may block and
 * may call any method of the pool. One that is added when the task has ended runs at once, in the adding thread, as
 * {@link java.util.concurrent.CompletableFuture} does it.
 *
 * @param <R> the type of the result
 */
public interface TaskFuture<R> extends Future<R>, CompletionStage<R> {

    /**
     * Returns the number of this task, unique within its pool.
     *
     * @return the id, as it stands in log lines, snapshots and exceptions
     */
    long id();

    /**
     * Tells whether the task has ended, in whatever way (Python: {@code AsyncResult.ready()}).
     *
     * @return true once {@link #get()} would not block
     */
    boolean ready();

    /**
     * Tells whether the task has ended with a result (Python: {@code AsyncResult.successful()}).
     *
     * @return true if the task returned a value, false if it failed or was cancelled
     * @throws IllegalStateException if the task has not ended yet
     */
    boolean successful();

    /**
     * Waits for the result.
     *
     * @return the result
     * @throws ExecutionException if the task did not return a value; the cause is the {@link ProcessPoolException}
     * @throws CancellationException if the task was cancelled
     * @throws InterruptedException if the waiting thread was interrupted; the task goes on
     */
    @Override
    R get() throws InterruptedException, ExecutionException;

    /**
     * Waits for the result, at most for the given time (Python: {@code AsyncResult.get(timeout)}).
     *
     * @param timeout how long to wait; zero or less does not wait
     * @return the result
     * @throws TimeoutException if the task has not ended in time; it goes on, and may be waited for again
     * @throws ExecutionException if the task did not return a value; the cause is the {@link ProcessPoolException}
     * @throws CancellationException if the task was cancelled
     * @throws InterruptedException if the waiting thread was interrupted; the task goes on
     */
    R get(Duration timeout) throws InterruptedException, ExecutionException, TimeoutException;

    /**
     * Cancels the task. One that has not started never starts. One that runs is, with {@code true}, interrupted; if it
     * has not ended after the pool's {@code cancelGrace}, its worker is killed together with its child processes and
     * replaced. With {@code false} a running task is left alone and its result thrown away; its time-out still holds, so
     * that a task that never ends does not keep its worker. If it turns out to be in the way, {@code cancel(true)} still
     * stops it, though this future was cancelled before and so returns false.
     *
     * @param mayInterruptIfRunning whether to stop a task that already runs
     * @return false if the task had ended or was cancelled before, true otherwise
     */
    @Override
    boolean cancel(boolean mayInterruptIfRunning);
}
