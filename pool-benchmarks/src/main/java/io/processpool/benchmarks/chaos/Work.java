package io.processpool.benchmarks.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The tasks themselves, as they run in workers. */
final class Work {

    /** The environment variable that tells a worker where the tally is. */
    private static final String TALLY = "CHAOS_TALLY";

    private static final int FLOOD_LINES = 20_000;
    private static final AtomicInteger RUNNING = new AtomicInteger();

    private Work() {}

    /** Loaded in workers only. */
    private static final class Shared {

        static final Tally TALLY_OF_ALL = open();

        private static Tally open() {
            try {
                return Tally.open(Path.of(System.getenv(TALLY)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Returns what workers need in their environment. */
    static Map<String, String> environment(Path tally) {
        return Map.of(TALLY, tally.toString());
    }

    /** Carries out an order. */
    static Long answer(Long order) {
        return alone(order, () -> spend(order));
    }

    /** The same for two arguments. */
    static Long answerOfTwo(Integer id, Integer micros) {
        return answer(Order.of(id, micros));
    }

    /** Carries out the order at the front of the bytes; the result has its answer there, and the rest is as it was. */
    static byte[] echo(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return buffer.putLong(0, answer(buffer.getLong(0))).array();
    }

    /** Writes a lot to stdout and stderr, and answers. */
    static Long flood(Long order) {
        return alone(order, () -> {
            for (int i = 0; i < FLOOD_LINES; i++) {
                System.out.println("flood " + i + " of task " + Order.id(order) + " on the way to nobody");
                if (i % 20 == 0) {
                    System.err.println("flood " + i);
                }
            }
        });
    }

    /** A worker runs one task at a time. */
    private static Long alone(long order, Runnable deed) {
        Shared.TALLY_OF_ALL.begin(Order.id(order));
        int running = RUNNING.incrementAndGet();
        try {
            if (running != 1) {
                throw new IllegalStateException(running + " tasks at the same time in a worker");
            }
            deed.run();
            return Order.answer(order);
        } finally {
            RUNNING.decrementAndGet();
        }
    }

    private static void spend(long order) {
        if (Order.hangs(order)) {
            hang(Order.heedsInterrupts(order));
        }
        int micros = Order.micros(order);
        long end = System.nanoTime() + micros * 1_000L;
        for (long left = micros * 1_000L; left > 0; left = end - System.nanoTime()) {
            if (left >= 500_000) {
                LockSupport.parkNanos(left);
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private static void hang(boolean heedsInterrupts) {
        while (true) {
            LockSupport.park();
            if (Thread.interrupted() && heedsInterrupts) {
                throw new IllegalStateException("interrupted");
            }
        }
    }
}
