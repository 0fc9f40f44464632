package io.processpool.benchmarks.compare.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** A peer whose API is an {@link ExecutorService}. */
abstract class ExecutorPeer implements Peer {

    private static final long CLOSE_SECONDS = 10;

    private final ExecutorService executor;
    private final byte[] payload = new byte[Work.ECHO_BYTES];

    ExecutorPeer(ExecutorService executor) {
        this.executor = executor;
    }

    /** Starts another one, for {@link Work#START}; closes it untimed. */
    abstract ExecutorService fresh() throws Exception;

    @Override
    public final long nanos(Work work, int count) throws Exception {
        return switch (work) {
            case SUBMIT, MAP -> submitAll(work, count, Tasks::squareOf);
            case UNORDERED, UNORDERED_64 -> unordered(work, count);
            case TRIP -> trips(count);
            case ECHO -> echoes(count);
            case MILLISECOND, MIXED -> {
                int[] micros = Work.micros(work, count);
                yield submitAll(work, count, i -> Tasks.spinFor(micros[i]));
            }
            case START -> start();
            case FIRST_START -> throw new IllegalArgumentException("No such work: " + work);
        };
    }

    private long submitAll(Work work, int count, IntFunction<Callable<Integer>> task) throws Exception {
        List<Future<Integer>> futures = new ArrayList<>(count);
        List<Integer> results = new ArrayList<>(count);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            futures.add(executor.submit(task.apply(i)));
        }
        for (Future<Integer> future : futures) {
            results.add(future.get());
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(results.get(count - 1).equals(task.apply(count - 1).call()), work);
        return nanos;
    }

    private long unordered(Work work, int count) throws Exception {
        ExecutorCompletionService<Integer> completion = new ExecutorCompletionService<>(executor);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            completion.submit(Tasks.squareOf(i));
        }
        int found = 0;
        for (int i = 0; i < count; i++) {
            completion.take().get();
            found++;
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(found == count, work);
        return nanos;
    }

    private long trips(int count) throws Exception {
        long start = System.nanoTime();
        int last = 0;
        for (int i = 0; i < count; i++) {
            last = executor.submit(Tasks.squareOf(i)).get();
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(last == Tasks.square(count - 1), Work.TRIP);
        return nanos;
    }

    private long echoes(int count) throws Exception {
        long start = System.nanoTime();
        byte[] last = payload;
        for (int i = 0; i < count; i++) {
            last = executor.submit(Tasks.echoOf(payload)).get();
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(last.length == payload.length, Work.ECHO);
        return nanos;
    }

    private long start() throws Exception {
        long start = System.nanoTime();
        ExecutorService fresh = fresh();
        try {
            int nine = fresh.submit(Tasks.squareOf(3)).get();
            long nanos = System.nanoTime() - start;
            Tasks.check(nine == 9, Work.START);
            return nanos;
        } finally {
            end(fresh);
        }
    }

    static void end(ExecutorService executor) {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end(executor);
    }
}
