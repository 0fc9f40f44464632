package io.processpool.internal.engine;

import io.processpool.TaskFuture;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A future of the executor view that is made before its task is submitted, as {@code ExecutorCompletionService} wants
 * it. To submit it is to run it; whoever runs it again waits for its end. Safe for use by many threads.
 */
final class ViewFuture<T> extends CompletableFuture<T> implements RunnableFuture<T> {

    private final Supplier<TaskFuture<T>> submission;
    private final AtomicBoolean submitted = new AtomicBoolean();
    private volatile @Nullable TaskFuture<T> task;

    /** Set before this is cancelled, for a task that is submitted at the same time. */
    private volatile boolean interrupt;

    ViewFuture(Supplier<TaskFuture<T>> submission) {
        this.submission = submission;
    }

    /** Submits the task, once; throws if the pool refuses it. One that was cancelled before never runs. */
    void submit() {
        if (isDone() || !submitted.compareAndSet(false, true)) {
            return;
        }
        TaskFuture<T> accepted = submission.get();
        task = accepted;
        if (isCancelled()) {
            accepted.cancel(interrupt);
        }
        accepted.whenComplete((value, failure) -> {
            if (failure != null) {
                completeExceptionally(failure);
            } else {
                complete(value);
            }
        });
    }

    @Override
    public void run() {
        submit();
        try {
            get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | CancellationException e) {
            return; // it is for those who ask for the result
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        interrupt = mayInterruptIfRunning;
        TaskFuture<T> running = task;
        if (running != null && !running.cancel(mayInterruptIfRunning)) {
            return isCancelled();
        }
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        TaskFuture<T> late = task;
        if (running == null && late != null) {
            late.cancel(mayInterruptIfRunning);
        }
        return cancelled;
    }
}
