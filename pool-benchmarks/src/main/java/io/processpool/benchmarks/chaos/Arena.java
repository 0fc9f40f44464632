package io.processpool.benchmarks.chaos;

import io.processpool.PoolListener;
import io.processpool.PoolSnapshot;
import io.processpool.ProcessPool;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** A pool of the soak. Closing it takes the account of its counters, which must agree with each other. */
final class Arena implements AutoCloseable {

    /** How a pool is set up. */
    enum Setup {
        /** Nothing but defaults: shared memory. */
        PLAIN {
            @Override
            void apply(ProcessPool.Builder builder) {
                builder.workers(2);
            }
        },
        /** All goes through sockets, and a worker stands by. */
        SOCKET_AND_STANDBY {
            @Override
            void apply(ProcessPool.Builder builder) {
                builder.workers(2).sharedMemory(false).standbyWorkers(1);
            }
        },
        /** Workers are replaced after some tasks, and by age. */
        RECYCLING {
            @Override
            void apply(ProcessPool.Builder builder) {
                builder.workers(2).maxTasksPerWorker(3_000).maxWorkerAge(Duration.ofSeconds(20));
            }
        },
        /** Tasks have a time-out, there is a worker in reserve, and idle workers go. */
        TIMEOUTS {
            @Override
            void apply(ProcessPool.Builder builder) {
                builder.workers(3)
                        .standbyWorkers(1)
                        .taskTimeout(Duration.ofSeconds(10))
                        .cancelGrace(Duration.ofMillis(200))
                        .idleTimeout(Duration.ofSeconds(5));
            }
        };

        abstract void apply(ProcessPool.Builder builder);
    }

    private static final long WORKER_HEAP = 64L << 20;

    /** Long enough for a machine with other work to do. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private final Setup setup;
    private final ProcessPool pool;
    private final Violations violations;
    private final AtomicLong workersLost = new AtomicLong();

    private Arena(Setup setup, Violations violations, Blame blame, Path tally) {
        this.setup = setup;
        this.violations = violations;
        ProcessPool.Builder builder = ProcessPool.builder()
                .name("chaos." + setup.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .maxHeap(WORKER_HEAP)
                .heartbeatTimeout(HEARTBEAT)
                .shutdownTimeout(Duration.ofMinutes(1))
                .environment(Work.environment(tally))
                .listener(new PoolListener() {
                    @Override
                    public boolean observesTasks() {
                        return false;
                    }

                    @Override
                    public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
                        workersLost.incrementAndGet();
                        violations.note(blame.examineLoss(reason));
                    }
                });
        setup.apply(builder);
        this.pool = builder.build();
    }

    /** Opens one of each. */
    static List<Arena> openAll(Violations violations, Blame blame, Path tally) {
        return List.of(Setup.values()).stream()
                .map(setup -> new Arena(setup, violations, blame, tally))
                .toList();
    }

    ProcessPool pool() {
        return pool;
    }

    /** Whether its workers end tasks that do not end by themselves. */
    boolean endsWhatHangs() {
        return setup == Setup.TIMEOUTS;
    }

    long workersLost() {
        return workersLost.get();
    }

    @Override
    public void close() {
        pool.close();
        PoolSnapshot end = pool.snapshot();
        long ended = end.tasksSucceeded() + end.tasksFailed() + end.tasksCancelled();
        if (end.tasksSubmitted() != ended || end.tasksQueued() != 0 || end.tasksActive() != 0) {
            violations.note("the counters do not add up: " + end);
        }
        if (!end.workers().isEmpty()) {
            violations.note("workers are left after close(): " + end);
        }
    }
}
