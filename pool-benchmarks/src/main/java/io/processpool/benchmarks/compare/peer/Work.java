package io.processpool.benchmarks.compare.peer;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** What the peers are asked to do. The tiny task is {@code x -> x * x} of an integer. */
public enum Work {
    /** Tiny tasks, submitted one by one, all of them; then the results are read. */
    SUBMIT(2_000, 20_000),
    /** Tiny tasks, lazily mapped in the order of completion, no chunk size given. */
    UNORDERED(2_000, 1_000_000),
    /** The same, but who has a chunk size to set, Python, is told 64. */
    UNORDERED_64(2_000, 1_000_000),
    /** Tiny tasks, mapped to a list, no chunk size given. */
    MAP(2_000, 1_000_000),
    /** Tiny tasks, each waited for before the next is submitted. */
    TRIP(200, 20_000),
    /** One MiB of bytes there and back, one after the other. */
    ECHO(20, 5_000),
    /** Tasks that spin for a millisecond of wall-clock time. */
    MILLISECOND(1_000, 1_000),
    /** Tasks that spin for 0 to 20 ms: half of them less than 0.4 ms, a few of them most of the time. */
    MIXED(1_000, 1_000),
    /** Two new workers, to the first result of a tiny task. */
    START(1, 1),
    /** The same where no archive of classes has been made yet. */
    FIRST_START(1, 1);

    /** The size of an echo. */
    static final int ECHO_BYTES = 1 << 20;

    private static final int LONGEST_MICROS = 20_000;
    private static final int[] MIXED_MICROS = mixedMicros();

    private final int least;
    private final int most;

    Work(int least, int most) {
        this.least = least;
        this.most = most;
    }

    /** Whether it is done once in a round, however short that is. */
    public boolean once() {
        return most == 1;
    }

    /** Returns how many tasks a round has at least. */
    public int least() {
        return least;
    }

    /** Returns how many tasks a round has at most. */
    public int most() {
        return most;
    }

    /** Returns how long each task of {@link #MILLISECOND} or {@link #MIXED} spins, in microseconds. */
    static int[] micros(Work work, int count) {
        if (work == MIXED) {
            return Arrays.copyOf(MIXED_MICROS, count);
        }
        return IntStream.range(0, count).map(i -> 1_000).toArray();
    }

    /**
     * Returns the time below which no schedule of {@link #MILLISECOND} or {@link #MIXED} can be: half of the work, or
     * the longest task.
     */
    public double idealSeconds(int count) {
        int[] micros = micros(this, count);
        long longest = Arrays.stream(micros).max().orElse(0);
        return Math.max((double) Arrays.stream(micros).asLongStream().sum() / Peer.WORKERS, longest) / 1e6;
    }

    private static int[] mixedMicros() {
        Random random = new Random(20260101);
        return IntStream.range(0, 1_000)
                .map(i -> (int) (LONGEST_MICROS * Math.pow(random.nextDouble(), 6)))
                .toArray();
    }
}
