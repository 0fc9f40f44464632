package io.processpool.benchmarks.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * One thing that the monkey does. All that is chosen is in here, so the same seed yields the same acts; which process a
 * draw stands for depends on those that there are at that moment.
 *
 * @param kind what it does
 * @param pauseMillis how long it waits before
 * @param pool a draw that stands for a pool
 * @param worker a draw that stands for a worker of it
 * @param size how long a stop lasts in milliseconds, or how many workers a pool is to have
 */
record Act(Kind kind, long pauseMillis, int pool, int worker, int size) {

    /** The kinds of acts. */
    enum Kind {
        /** {@code SIGKILL}. */
        KILL(30, 0, 0),
        /** {@code SIGSTOP}, and {@code SIGCONT} soon after. */
        STOP(14, 50, 1_000),
        /** {@code SIGSTOP} for about as long as a pool waits for a sign of life, and {@code SIGCONT} if it still lives. */
        FREEZE(3, 4_000, 8_000),
        /** {@code SIGSTOP}, and {@code SIGKILL} soon after. */
        STOP_AND_KILL(10, 10, 500),
        /** Makes it run only now and then for a while. */
        SLOW(10, 10, 60),
        /** Has a worker write a lot to stdout and stderr. */
        FLOOD(8, 0, 0),
        /** Changes the size of the pool. */
        RESIZE(15, 1, 4),
        /** Has a worker replaced. */
        RECYCLE(7, 0, 0),
        /** Has all workers replaced. */
        RECYCLE_ALL(3, 0, 0);

        private final int weight;
        private final int least;
        private final int most;

        Kind(int weight, int least, int most) {
            this.weight = weight;
            this.least = least;
            this.most = most;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final List<Kind> BY_WEIGHT = byWeight();

    private static List<Kind> byWeight() {
        List<Kind> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (int i = 0; i < kind.weight; i++) {
                all.add(kind);
            }
        }
        return List.copyOf(all);
    }

    /**
     * Draws the next act.
     *
     * @param rate how many there are a second, on average
     */
    static Act next(SplittableRandom random, double rate) {
        Kind kind = BY_WEIGHT.get(random.nextInt(BY_WEIGHT.size()));
        long pause = Math.round(-Math.log(1 - random.nextDouble()) * 1_000 / rate);
        return new Act(
                kind,
                pause,
                random.nextInt(1 << 20),
                random.nextInt(1 << 20),
                kind.least + random.nextInt(kind.most - kind.least + 1));
    }
}
