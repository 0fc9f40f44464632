package io.processpool.benchmarks.compare;

import io.processpool.ProcessPool;
import io.processpool.WorkerState;
import io.processpool.benchmarks.compare.peer.Contestant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The cost of a tiny task in pools of ever more workers; that all of them come up and serve is part of it. */
final class WorkersExperiment implements Experiment {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int TASKS = 20_000;
    private static final int STEP = 4;

    private static final double MOST_GROWTH = 1.25;

    /** From here on, rounds count as no quicker than those before. */
    private static final double SETTLED = 0.9;

    private static final int MOST_WARM_UPS = 20;

    @Override
    public String id() {
        return "workers";
    }

    @Override
    public List<Result> run(Session session, Scale scale) throws Exception {
        List<Double> micros = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (int workers = scale.mostWorkers(); workers >= 2; workers /= STEP) {
            int some = workers;
            double value = session.within(LIMIT, () -> cost(some, scale));
            micros.add(value);
            notes.add(0, String.format(Locale.ROOT, "%d workers: %.2f µs", workers, value));
        }
        double growth = micros.get(0) / micros.get(micros.size() - 1);
        Row row = new Row(
                "applyAsync tiny, " + scale.mostWorkers() + " workers",
                Unit.MICROSECONDS,
                Target.atMost(MOST_GROWTH, "with the fewest workers", growth));
        Figure all = Figure.of(micros);
        Figure most = new Figure(micros.get(0), all.min(), all.max());
        return List.of(new Result(row, Map.of(Contestant.POOL, most), String.join(", ", notes)));
    }

    private static double cost(int workers, Scale scale) throws Exception {
        try (ProcessPool pool = ProcessPool.create(workers)) {
            KillExperiment.await(() -> pool.snapshot().workers().stream()
                            .filter(worker -> worker.state() == WorkerState.IDLE)
                            .count()
                    == workers);
            settle(pool, scale);
            return median(pool, scale.rounds() * 2);
        }
    }

    /** Goes on until it gets no quicker any more: the JIT compiler of each worker that is used wants to see its tasks. */
    private static void settle(ProcessPool pool, Scale scale) throws Exception {
        long start = System.nanoTime();
        long least = scale.warmUp().toNanos();
        double before = Double.MAX_VALUE;
        double now = median(pool, scale.rounds());
        while (System.nanoTime() - start < least
                || (now < SETTLED * before && System.nanoTime() - start < MOST_WARM_UPS * least)) {
            before = now;
            now = median(pool, scale.rounds());
        }
    }

    private static double median(ProcessPool pool, int rounds) throws Exception {
        List<Double> micros = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            micros.add(QueueExperiment.submitAll(pool, TASKS) / 1e3 / TASKS);
        }
        return Figure.of(micros).median();
    }
}
