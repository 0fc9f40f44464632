package io.processpool.benchmarks.compare;

import java.time.Duration;

/**
 * How long things are measured.
 *
 * @param rounds measured rounds
 * @param round how long a round lasts at least, unless its work has a fixed size
 * @param warmUp how long each peer is warmed up for each work at least
 * @param divisor by which works of a fixed size are made smaller
 * @param kills how many workers are killed
 * @param idle how long idle workers are watched
 * @param items over how many items the long lazy map goes
 * @param mostWorkers how many workers a pool has at most
 */
record Scale(
        int rounds,
        Duration round,
        Duration warmUp,
        int divisor,
        int kills,
        Duration idle,
        int items,
        int mostWorkers) {

    static final Scale FULL =
            new Scale(5, Duration.ofMillis(400), Duration.ofSeconds(3), 1, 100, Duration.ofSeconds(15), 10_000_000, 64);

    static final Scale QUICK =
            new Scale(3, Duration.ofMillis(100), Duration.ofMillis(300), 5, 20, Duration.ofSeconds(3), 500_000, 8);

    Scale withRounds(int other) {
        return new Scale(other, round, warmUp, divisor, kills, idle, items, mostWorkers);
    }
}
