package io.processpool.benchmarks.chaos;

import java.util.SplittableRandom;

/**
 * A task as one number, which is its argument: which one it is, how long it takes, and whether it hangs. The answer
 * follows from it.
 *
 * <pre>
 *    0..31   id
 *   32..51   how long it takes, in microseconds
 *   60       it hangs until it is interrupted
 *   61       it hangs, whoever interrupts it
 * </pre>
 */
final class Order {

    private static final int MICROS_SHIFT = 32;
    private static final long MICROS_MASK = (1L << 20) - 1;
    private static final long HANGS = 1L << 60;
    private static final long HANGS_ON = 1L << 61;

    private Order() {}

    /** Returns a task of a duration that is drawn: most of them are tiny, one in a hundred takes up to 0.1 s. */
    static long of(int id, SplittableRandom random) {
        int percent = random.nextInt(100);
        int micros;
        if (percent < 60) {
            micros = random.nextInt(50);
        } else if (percent < 90) {
            micros = 500 + random.nextInt(2_500);
        } else if (percent < 99) {
            micros = 3_000 + random.nextInt(9_000);
        } else {
            micros = 20_000 + random.nextInt(80_000);
        }
        return of(id, micros);
    }

    static long of(int id, int micros) {
        return (long) micros << MICROS_SHIFT | id;
    }

    /** Returns a task that does not end by itself. */
    static long hanging(int id, boolean heedsInterrupts) {
        return (heedsInterrupts ? HANGS : HANGS_ON) | id;
    }

    static int id(long order) {
        return (int) order;
    }

    static int micros(long order) {
        return (int) (order >>> MICROS_SHIFT & MICROS_MASK);
    }

    static boolean hangs(long order) {
        return (order & (HANGS | HANGS_ON)) != 0;
    }

    static boolean heedsInterrupts(long order) {
        return (order & HANGS_ON) == 0;
    }

    /** Returns the answer; no two orders have the same. */
    static long answer(long order) {
        long z = order + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
