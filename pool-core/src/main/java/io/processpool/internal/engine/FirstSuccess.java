package io.processpool.internal.engine;

import io.processpool.TaskFuture;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Waits for the first of several tasks that succeeds, and cancels the others. */
final class FirstSuccess<T> {

    T of(List<TaskFuture<T>> futures, long timeoutNanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (futures.isEmpty()) {
            throw new IllegalArgumentException("tasks must not be empty: tasks=0");
        }
        CompletableFuture<T> winner = new CompletableFuture<>();
        AtomicInteger left = new AtomicInteger(futures.size());
        for (TaskFuture<T> future : futures) {
            future.whenComplete((value, failure) -> {
                if (failure == null) {
                    winner.complete(value);
                } else if (left.decrementAndGet() == 0) {
                    winner.completeExceptionally(failure);
                }
            });
        }
        try {
            return winner.get(timeoutNanos, TimeUnit.NANOSECONDS);
        } finally {
            ExecutorView.cancelAll(futures);
        }
    }
}
