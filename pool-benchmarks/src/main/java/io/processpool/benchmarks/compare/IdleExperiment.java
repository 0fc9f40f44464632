package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import io.processpool.benchmarks.compare.peer.Work;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What workers cost that have nothing to do: all peers have run a few tasks, then they are watched at the same time. */
final class IdleExperiment implements Experiment {

    private static final int TASKS = 1_000;
    private static final long SETTLE_MILLIS = 3_000;

    private static final Row CPU = new Row("idle worker", Unit.PERCENT_OF_CPU, Target.atMost(0.1, Unit.PERCENT_OF_CPU));
    private static final Row WAKE_UPS = new Row("idle worker", Unit.WAKE_UPS);
    private static final Row MEMORY =
            new Row("idle worker, resident", Unit.MEGABYTES, Target.atMost(60, Unit.MEGABYTES));

    @Override
    public String id() {
        return "idle";
    }

    @Override
    public List<Result> run(Session session, Scale scale) throws Exception {
        // Peers that have worked hard since would show the memory that they needed then.
        Session fresh = new Session(session.present());
        try (fresh) {
            Map<Contestant, List<Long>> pids = new EnumMap<>(Contestant.class);
            for (Contestant contestant : fresh.present()) {
                List<Long> workers = fresh.use(contestant, peer -> {
                    peer.nanos(contestant.works().contains(Work.SUBMIT) ? Work.SUBMIT : Work.TRIP, TASKS);
                    return peer.workerPids();
                });
                if (workers != null && !workers.isEmpty()) {
                    pids.put(contestant, workers);
                }
            }
            Thread.sleep(SETTLE_MILLIS);
            return watch(pids, scale, fresh.takeFailures());
        }
    }

    private static List<Result> watch(Map<Contestant, List<Long>> pids, Scale scale, String failures)
            throws InterruptedException {
        Map<Long, ProcessUse> before = use(pids);
        long start = System.nanoTime();
        Thread.sleep(scale.idle().toMillis());
        Map<Long, ProcessUse> after = use(pids);
        double seconds = (System.nanoTime() - start) / 1e9;
        String note = "watched for " + Math.round(seconds) + " s" + (failures.isEmpty() ? "" : "; " + failures);
        return List.of(
                result(CPU, pids, pid -> use(after, pid).minus(use(before, pid)).cpuNanos() / 1e7 / seconds, note),
                result(
                        WAKE_UPS,
                        pids,
                        pid -> use(after, pid).minus(use(before, pid)).wakeUps() / seconds,
                        note),
                result(MEMORY, pids, pid -> use(after, pid).residentBytes() / (double) (1 << 20), note));
    }

    private static ProcessUse use(Map<Long, ProcessUse> uses, long pid) {
        return uses.getOrDefault(pid, ProcessUse.NONE);
    }

    private static Map<Long, ProcessUse> use(Map<Contestant, List<Long>> pids) {
        Map<Long, ProcessUse> uses = new HashMap<>();
        pids.values().forEach(list -> list.forEach(pid -> uses.put(pid, ProcessUse.of(pid))));
        return uses;
    }

    private static Result result(Row row, Map<Contestant, List<Long>> pids, ToDoubleFunction<Long> value, String note) {
        Map<Contestant, Figure> figures = new EnumMap<>(Contestant.class);
        pids.forEach((contestant, list) -> {
            List<Double> values = new ArrayList<>();
            list.forEach(pid -> values.add(value.applyAsDouble(pid)));
            figures.put(contestant, Figure.of(values));
        });
        return new Result(row, figures, note);
    }
}
