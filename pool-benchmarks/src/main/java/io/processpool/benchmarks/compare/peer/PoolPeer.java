package io.processpool.benchmarks.compare.peer;

import io.processpool.ProcessPool;
import io.processpool.ResultIterator;
import io.processpool.TaskFuture;
import io.processpool.WorkerSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Our pool, with nothing set but the number of workers. */
final class PoolPeer implements Peer {

    private final ProcessPool pool = ProcessPool.create(WORKERS);
    private final byte[] payload = new byte[Work.ECHO_BYTES];

    @Override
    public long nanos(Work work, int count) throws Exception {
        return switch (work) {
            case SUBMIT -> submitAll(count);
            case UNORDERED, UNORDERED_64 -> unordered(work, Tasks.numbers(count));
            case MAP -> map(Tasks.numbers(count));
            case TRIP -> trips(count);
            case ECHO -> echoes(count);
            case MILLISECOND, MIXED -> spins(work, count);
            case START -> start(ProcessPool.builder());
            case FIRST_START -> start(ProcessPool.builder().classDataSharing(false));
        };
    }

    private long submitAll(int count) throws Exception {
        List<TaskFuture<Integer>> futures = new ArrayList<>(count);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            futures.add(pool.applyAsync(Tasks::square, i));
        }
        int last = 0;
        for (TaskFuture<Integer> future : futures) {
            last = future.get();
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(last == Tasks.square(count - 1), Work.SUBMIT);
        return nanos;
    }

    private long unordered(Work work, List<Integer> items) {
        long start = System.nanoTime();
        int found = 0;
        try (ResultIterator<Integer> results = pool.imapUnordered(Tasks::square, items)) {
            while (results.hasNext()) {
                results.next();
                found++;
            }
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(found == items.size(), work);
        return nanos;
    }

    private long map(List<Integer> items) {
        long start = System.nanoTime();
        List<Integer> results = pool.map(Tasks::square, items);
        int sum = 0;
        for (Integer result : results) { // in the time that counts, since the list makes its objects only now
            sum += result;
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(sum == items.stream().mapToInt(Tasks::square).sum(), Work.MAP);
        return nanos;
    }

    private long trips(int count) {
        long start = System.nanoTime();
        int last = 0;
        for (int i = 0; i < count; i++) {
            last = pool.apply(Tasks::square, i);
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(last == Tasks.square(count - 1), Work.TRIP);
        return nanos;
    }

    private long echoes(int count) {
        long start = System.nanoTime();
        byte[] last = payload;
        for (int i = 0; i < count; i++) {
            last = pool.apply(Tasks::echo, payload);
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(last.length == payload.length, Work.ECHO);
        return nanos;
    }

    private long spins(Work work, int count) {
        List<Integer> micros = Arrays.stream(Work.micros(work, count)).boxed().toList();
        long start = System.nanoTime();
        int found = 0;
        try (ResultIterator<Integer> results = pool.imapUnordered(Tasks::spin, micros)) {
            while (results.hasNext()) {
                results.next();
                found++;
            }
        }
        long nanos = System.nanoTime() - start;
        Tasks.check(found == count, work);
        return nanos;
    }

    private static long start(ProcessPool.Builder builder) {
        long start = System.nanoTime();
        try (ProcessPool fresh = builder.workers(WORKERS).build()) {
            int nine = fresh.apply(Tasks::square, 3);
            long nanos = System.nanoTime() - start;
            Tasks.check(nine == 9, Work.START);
            return nanos;
        }
    }

    @Override
    public List<Long> workerPids() {
        return pool.activeChildren().stream().map(WorkerSnapshot::pid).toList();
    }

    @Override
    public void close() {
        pool.close();
    }
}
