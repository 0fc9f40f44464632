package io.processpool.benchmarks.compare;

import io.processpool.ProcessPool;
import io.processpool.ResultIterator;
import io.processpool.WorkerSnapshot;
import io.processpool.benchmarks.compare.peer.Contestant;
import io.processpool.benchmarks.compare.peer.Peer;
import io.processpool.benchmarks.compare.peer.Tasks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** A lazy map over very many items: the memory that parent and workers need must not grow with their number. */
final class MemoryExperiment implements Experiment {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int SAMPLES = 10;

    /** By then all that is allocated once has been. */
    private static final int FIRST_SAMPLE = 2;

    private static final double MEGABYTE = 1 << 20;

    /** How many samples at the beginning are compared with how many at the end. */
    private static final int COMPARED = 3;

    private static final double MOST_GROWTH = 1.25;

    @Override
    public String id() {
        return "memory";
    }

    @Override
    public List<Result> run(Session session, Scale scale) throws Exception {
        List<Double> heap = new ArrayList<>();
        List<Double> resident = new ArrayList<>();
        long start = System.nanoTime();
        session.within(LIMIT, () -> {
            sample(scale.items(), heap, resident);
            return scale;
        });
        String note = String.format(
                Locale.ROOT,
                "imap over %,d items in %.1f s, sampled at every tenth, the first left out",
                scale.items(),
                (System.nanoTime() - start) / 1e9);
        return List.of(
                result("long imap: heap of the parent after a collection", heap, note),
                result("long imap: resident memory of the larger worker", resident, note));
    }

    private static Result result(String name, List<Double> samples, String note) {
        double first = Figure.of(samples.subList(0, COMPARED)).median();
        double last = Figure.of(samples.subList(samples.size() - COMPARED, samples.size()))
                .median();
        Row row = new Row(name, Unit.MEGABYTES, Target.atMost(MOST_GROWTH, "at the beginning", last / first));
        return new Result(row, Map.of(Contestant.POOL, Figure.of(samples)), note);
    }

    private static void sample(int items, List<Double> heap, List<Double> resident) {
        try (ProcessPool pool = ProcessPool.create(Peer.WORKERS);
                ResultIterator<Integer> results =
                        pool.imap(Tasks::square, () -> IntStream.range(0, items).iterator())) {
            int step = items / SAMPLES;
            for (int i = 0; i < items; i++) {
                if (!results.next().equals(Tasks.square(i))) {
                    throw new IllegalStateException("A wrong result: index=" + i);
                }
                if (i % step == step - 1 && i / step + 1 >= FIRST_SAMPLE) {
                    heap.add(usedHeap() / MEGABYTE);
                    resident.add(pool.activeChildren().stream()
                                    .mapToLong(WorkerSnapshot::residentBytes)
                                    .max()
                                    .orElseThrow()
                            / MEGABYTE);
                }
            }
        }
    }

    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
