package io.processpool.benchmarks.chaos;

import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The main class of a JVM that has a pool, all of whose workers are busy, and then ends in some way. It tells what it does
 * on stdout: {@code busy} with the pids of its workers, and waits for a word on stdin; {@code served} once its pool has served
 * on.
 */
final class Household {

    /** How many workers there are. */
    static final int WORKERS = 4;

    /** When nothing is heard of a worker for so long, it is given up. */
    static final Duration HEARTBEAT = Duration.ofSeconds(2);

    private static final String GO = "go";
    private static final long WORKER_HEAP = 64L << 20;
    private static final long LOOK_NANOS = 2_000_000;

    /** What fills the heap. */
    private static final List<long[]> HOARD = new ArrayList<>();

    private Household() {}

    /** Runs; the first argument is a {@link Death}, the second a directory for signs. */
    public static void main(String[] args) throws Exception {
        Death death = Death.valueOf(args[0]);
        String signs = args[1];
        ProcessPool pool = ProcessPool.builder()
                .name("chaos.parents")
                .workers(WORKERS)
                .maxHeap(WORKER_HEAP)
                .heartbeatTimeout(HEARTBEAT)
                .build();
        List<TaskFuture<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            int number = i;
            tasks.add(pool.applyAsync(() -> beBusy(signs, number)));
        }
        while (!allBegun(signs)) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        StringBuilder busy = new StringBuilder("busy");
        pool.activeChildren().forEach(worker -> busy.append(' ').append(worker.pid()));
        System.out.println(busy);
        int line = System.in.read(); // the harness has noted the pids
        switch (death) {
            case KILL, TERM -> new CountDownLatch(1).await();
            case HALT -> Runtime.getRuntime().halt(9);
            case EXHAUSTION, EXIT_ON_EXHAUSTION, CRASH_ON_EXHAUSTION -> exhaust();
            case FREEZE -> serve(pool, tasks, signs, line);
        }
    }

    private static boolean allBegun(String signs) {
        for (int i = 0; i < WORKERS; i++) {
            if (!Files.exists(Path.of(signs, String.valueOf(i)))) {
                return false;
            }
        }
        return true;
    }

    /** A task that heeds nothing until it is told to go; every other one needs a processor for that. */
    private static Integer beBusy(String signs, int number) throws IOException {
        Files.createFile(Path.of(signs, String.valueOf(number)));
        Path go = Path.of(signs, GO);
        int rounds = 0;
        while (!Files.exists(go)) {
            if (number % 2 == 0) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
            rounds++;
        }
        return rounds;
    }

    private static void exhaust() {
        while (true) {
            HOARD.add(new long[1 << 16]);
        }
    }

    /** Frozen and resumed meanwhile: those that ran go on, and others run. */
    private static void serve(ProcessPool pool, List<TaskFuture<Integer>> tasks, String signs, int firstLine)
            throws Exception {
        for (int line = firstLine; line >= 0; line = System.in.read()) {
            if (line == 'g') {
                Files.createFile(Path.of(signs, GO));
                for (TaskFuture<Integer> task : tasks) {
                    task.get();
                }
                List<Integer> doubled = pool.map(x -> 2 * x, List.of(1, 2, 3));
                System.out.println(
                        "served " + doubled + " lost " + pool.snapshot().workersLost());
                pool.close();
                return;
            }
        }
    }
}
