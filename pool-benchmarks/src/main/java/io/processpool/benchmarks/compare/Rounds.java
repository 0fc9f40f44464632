package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import io.processpool.benchmarks.compare.peer.Peer;
import io.processpool.benchmarks.compare.peer.Work;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The same work by all peers that can do it: each is warmed up; then they take turns, in each round in another order, and
 * a collection of garbage before each turn spares a peer the garbage of others.
 */
final class Rounds implements Experiment {

    private static final int LEAST_WARM_UPS = 2;
    private static final double NANOS = 1e9;

    /** A calibrated round may be this much longer than the last one was. */
    private static final double GROWTH = 4;

    private final String id;
    private final Row row;
    private final Work work;

    Rounds(String id, Work work, Row row) {
        this.id = id;
        this.work = work;
        this.row = row;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean usesPeers() {
        return true;
    }

    @Override
    public List<Result> run(Session session, Scale scale) {
        Map<Contestant, Integer> counts = new EnumMap<>(Contestant.class);
        for (Contestant contestant : session.present()) {
            if (contestant.works().contains(work)) {
                Integer count = session.use(contestant, peer -> warmUp(peer, scale));
                if (count != null) {
                    counts.put(contestant, count);
                }
            }
        }
        Map<Contestant, List<Double>> values = new EnumMap<>(Contestant.class);
        List<Contestant> order = new ArrayList<>(counts.keySet());
        for (int round = 0; round < scale.rounds(); round++) {
            for (int i = 0; i < order.size(); i++) {
                Contestant contestant = order.get((i + round) % order.size());
                Integer count = counts.get(contestant);
                if (count == null) {
                    continue;
                }
                System.gc();
                Double value = session.use(contestant, peer -> measure(peer, count, scale));
                if (value == null) {
                    // Started anew it would be cold, and few rounds are no figure.
                    counts.remove(contestant);
                    values.remove(contestant);
                } else {
                    values.computeIfAbsent(contestant, key -> new ArrayList<>()).add(value);
                }
            }
        }
        Map<Contestant, Figure> figures = new EnumMap<>(Contestant.class);
        values.forEach((contestant, list) -> figures.put(contestant, Figure.of(list)));
        return List.of(new Result(row, figures, session.takeFailures()));
    }

    /** Warms up, and finds out how many tasks make a round that is long enough to be measured. */
    private int warmUp(Peer peer, Scale scale) throws Exception {
        int least = Math.max(1, work.least() == work.most() ? work.least() / scale.divisor() : work.least());
        int most = Math.max(least, work.most() / scale.divisor());
        int count = least;
        long start = System.nanoTime();
        for (int i = 0;
                i < LEAST_WARM_UPS || System.nanoTime() - start < scale.warmUp().toNanos();
                i++) {
            double shortBy = (double) scale.round().toNanos() / peer.nanos(work, count);
            if (shortBy > 1 && count < most) {
                count = (int) Math.min(most, count * Math.min(shortBy, GROWTH) + 1);
            }
        }
        return count;
    }

    /** Repeats the work until the round is long enough. */
    private double measure(Peer peer, int count, Scale scale) throws Exception {
        long nanos = 0;
        int times = 0;
        while (times == 0 || (!work.once() && nanos < scale.round().toNanos())) {
            nanos += peer.nanos(work, count);
            times++;
        }
        return value(count, nanos / NANOS / times);
    }

    private double value(int count, double seconds) {
        return switch (row.unit()) {
            case TASKS_PER_SECOND, ITEMS_PER_SECOND, ECHOES_PER_SECOND -> count / seconds;
            case MICROSECONDS -> seconds * 1e6 / count;
            case MILLISECONDS -> seconds * 1e3 / count;
            case PERCENT_OF_IDEAL -> 100 * work.idealSeconds(count) / seconds;
            default -> throw new IllegalStateException("No unit of a round: " + row.unit());
        };
    }
}
