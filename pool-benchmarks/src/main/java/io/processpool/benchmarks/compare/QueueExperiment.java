package io.processpool.benchmarks.compare;

import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import io.processpool.benchmarks.compare.peer.Contestant;
import io.processpool.benchmarks.compare.peer.Peer;
import io.processpool.benchmarks.compare.peer.Scratch;
import io.processpool.benchmarks.compare.peer.Tasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The cost of a tiny task behind queues of different lengths: both workers are held up until all tasks
 * are in the queue. The cost is the time to submit all plus the time from the moment that the workers are let go until all
 * results are there.
 */
final class QueueExperiment implements Experiment {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int[] LENGTHS = {1_000, 10_000, 100_000};
    private static final double MOST_GROWTH = 1.25;

    @Override
    public String id() {
        return "queue";
    }

    @Override
    public List<Result> run(Session session, Scale scale) throws Exception {
        List<Figure> costs = session.within(LIMIT, () -> costs(scale));
        List<Double> medians = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (int i = 0; i < LENGTHS.length; i++) {
            medians.add(costs.get(i).median());
            notes.add(String.format(
                    Locale.ROOT,
                    "%,d in the queue: %.2f µs",
                    LENGTHS[i],
                    costs.get(i).median()));
        }
        double growth = medians.get(medians.size() - 1) / medians.get(0);
        Row row = new Row(
                String.format(Locale.ROOT, "applyAsync tiny, %,d in the queue", LENGTHS[LENGTHS.length - 1]),
                Unit.MICROSECONDS,
                Target.atMost(MOST_GROWTH, "with the shortest queue", growth));
        return List.of(new Result(row, Map.of(Contestant.POOL, costs.get(costs.size() - 1)), String.join(", ", notes)));
    }

    private static List<Figure> costs(Scale scale) throws Exception {
        int longest = LENGTHS[LENGTHS.length - 1];
        try (Scratch gate = Scratch.file("gate");
                ProcessPool pool = ProcessPool.builder()
                        .workers(Peer.WORKERS)
                        .queueCapacity(longest + Peer.WORKERS)
                        .build()) {
            long start = System.nanoTime();
            while (System.nanoTime() - start < scale.warmUp().toNanos()) {
                submitAll(pool, LENGTHS[1]);
            }
            List<List<Double>> costs = new ArrayList<>();
            for (int i = 0; i < LENGTHS.length; i++) {
                costs.add(new ArrayList<>());
            }
            for (int round = 0; round < scale.rounds(); round++) {
                for (int i = 0; i < LENGTHS.length; i++) {
                    costs.get(i).add(behindGate(pool, LENGTHS[i], gate.path()) / 1e3 / LENGTHS[i]);
                }
            }
            return costs.stream().map(Figure::of).toList();
        }
    }

    private static long behindGate(ProcessPool pool, int length, Path gate) throws Exception {
        System.gc();
        Path closed = Files.createFile(gate);
        List<TaskFuture<Integer>> gates = new ArrayList<>();
        for (int i = 0; i < Peer.WORKERS; i++) {
            gates.add(pool.applyAsync(Tasks::waitWhileExists, closed.toString()));
        }
        List<TaskFuture<Integer>> futures = new ArrayList<>(length);
        long start = System.nanoTime();
        submit(pool, length, futures);
        long submitting = System.nanoTime() - start;
        long opened = System.nanoTime();
        Files.delete(gate);
        for (TaskFuture<Integer> future : futures) {
            future.get();
        }
        long draining = System.nanoTime() - opened;
        for (TaskFuture<Integer> one : gates) {
            one.get();
        }
        return submitting + draining;
    }

    private static void submit(ProcessPool pool, int count, List<TaskFuture<Integer>> futures) {
        for (int i = 0; i < count; i++) {
            futures.add(pool.applyAsync(Tasks::square, i));
        }
    }

    /** Submits tiny tasks and reads their results; returns how long that took, in nanoseconds. */
    static long submitAll(ProcessPool pool, int count) throws Exception {
        List<TaskFuture<Integer>> futures = new ArrayList<>(count);
        long start = System.nanoTime();
        submit(pool, count, futures);
        for (TaskFuture<Integer> future : futures) {
            future.get();
        }
        return System.nanoTime() - start;
    }
}
