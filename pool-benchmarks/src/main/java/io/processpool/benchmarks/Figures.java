package io.processpool.benchmarks;

import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import io.processpool.WorkerSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Prints the figures that the README quotes: two workers, medians of several interleaved rounds after a warm-up, all in
 * one run of about a minute.
 *
 * <pre>java -cp pool-benchmarks/target/benchmarks.jar io.processpool.benchmarks.Figures [rounds]</pre>
 */
public final class Figures {

    private static final int WORKERS = 2;
    private static final int WARM_UP = 4;
    private static final int TASKS = 20_000;
    private static final int TRIPS = 2_000;
    private static final int ECHOES = 300;
    private static final int ITEMS = 1_000_000;

    /** One round of some work; returns its figure. */
    private interface Round {
        double run() throws Exception;
    }

    private Figures() {}

    /** Measures and prints. */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 7;
        System.out.printf(
                Locale.ROOT,
                "JDK %s, %d processors, %d workers, medians of %d rounds%n",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                WORKERS,
                rounds);
        double[] firstResult = measureStarts(rounds);
        try (ProcessPool pool = ProcessPool.create(WORKERS)) {
            List<Integer> items = IntStream.range(0, ITEMS).boxed().toList();
            byte[] megabyte = new byte[1 << 20];
            List<Round> work = List.of(
                    () -> perSecond(TASKS, () -> submitAll(pool)),
                    () -> 1e6 / perSecond(TRIPS, () -> roundTrips(pool)),
                    () -> perSecond(ECHOES, () -> echoes(pool, megabyte)),
                    () -> perSecond(ITEMS, () -> pool.map(x -> x * x, items)));
            double[][] figures = interleaved(work, rounds);
            print("applyAsync of x*x, submit 20,000 then get", figures[0], "%,.0f tasks/s");
            print("apply round trip", figures[1], "%,.1f us");
            print("1 MiB byte[] there and back", figures[2], "%,.0f echoes/s");
            print("map over 1,000,000 integers", figures[3], "%,.0f items/s");
        }
        print("create(2) to first result", firstResult, "%,.0f ms");
        System.out.printf(Locale.ROOT, "%-45s %d MB%n", "resident memory of an idle worker", idleResident() >> 20);
    }

    private static double[] measureStarts(int rounds) {
        double[] millis = new double[rounds];
        for (int i = -WARM_UP; i < rounds; i++) {
            long start = System.nanoTime();
            try (ProcessPool pool = ProcessPool.create(WORKERS)) {
                pool.apply(x -> x * x, 3);
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        return millis;
    }

    private static long idleResident() {
        try (ProcessPool pool = ProcessPool.create(WORKERS)) {
            pool.map(x -> x * x, List.of(1, 2, 3, 4));
            return pool.activeChildren().stream()
                    .mapToLong(WorkerSnapshot::residentBytes)
                    .max()
                    .orElse(-1);
        }
    }

    private static double[][] interleaved(List<Round> work, int rounds) throws Exception {
        double[][] figures = new double[work.size()][rounds];
        for (int round = -WARM_UP; round < rounds; round++) {
            for (int i = 0; i < work.size(); i++) {
                double figure = work.get(i).run();
                if (round >= 0) {
                    figures[i][round] = figure;
                }
            }
        }
        return figures;
    }

    private static double perSecond(int count, ThrowingRunnable work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return count / ((System.nanoTime() - start) / 1e9);
    }

    /** A runnable that may throw. */
    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    private static void submitAll(ProcessPool pool) throws Exception {
        List<TaskFuture<Integer>> futures = new ArrayList<>(TASKS);
        for (int i = 0; i < TASKS; i++) {
            futures.add(pool.applyAsync(x -> x * x, i));
        }
        for (TaskFuture<Integer> future : futures) {
            future.get();
        }
    }

    private static void roundTrips(ProcessPool pool) {
        for (int i = 0; i < TRIPS; i++) {
            pool.apply(x -> x * x, i);
        }
    }

    private static void echoes(ProcessPool pool, byte[] payload) {
        for (int i = 0; i < ECHOES; i++) {
            pool.apply(x -> x, payload);
        }
    }

    private static void print(String what, double[] figures, String format) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        String range = String.format(
                Locale.ROOT, "(" + format.split(" ")[0] + " to " + format + ")", sorted[0], sorted[sorted.length - 1]);
        System.out.printf(Locale.ROOT, "%-45s " + format + "  %s%n", what, sorted[sorted.length / 2], range);
    }
}
