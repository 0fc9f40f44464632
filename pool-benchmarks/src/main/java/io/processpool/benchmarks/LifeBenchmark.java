package io.processpool.benchmarks;

import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The time until a worker serves: after the start of a pool, when it is recycled, when it was killed. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 20)
public class LifeBenchmark {

    private static final long LIMIT_SECONDS = 30;
    private static final long LOOK_MILLIS = 1;
    private static final long LONG_TASK_MILLIS = 60_000;

    /** A pool that is closed outside of the measurement. */
    @State(Scope.Benchmark)
    public static class Fresh {
        private ProcessPool pool;

        /** Ends the workers. */
        @TearDown(Level.Iteration)
        public void stop() {
            pool.close();
        }
    }

    /** A pool of one worker. */
    @State(Scope.Benchmark)
    public static class Running {
        /** How many workers stand by. */
        @Param({"0", "1"})
        public int standby;

        private ProcessPool pool;
        private WorkerSnapshot worker;
        private TaskFuture<Long> running;

        /** Starts the workers. */
        @Setup(Level.Trial)
        public void start() {
            pool = ProcessPool.builder().workers(1).standbyWorkers(standby).build();
        }

        /** Waits until all are ready, before each measurement. */
        @Setup(Level.Iteration)
        public void settle() throws InterruptedException {
            worker = await(pool, one -> one.state() == WorkerState.IDLE);
            if (standby > 0) {
                await(pool, one -> one.state() == WorkerState.STANDBY);
            }
        }

        /** Ends the workers. */
        @TearDown(Level.Trial)
        public void stop() {
            pool.terminate();
            pool.close();
        }

        private void occupy() throws IOException, InterruptedException {
            Path sign = Files.createTempFile("sign", null);
            running = pool.applyAsync(
                    file -> {
                        Files.delete(Path.of(file));
                        Thread.sleep(LONG_TASK_MILLIS);
                        return LONG_TASK_MILLIS;
                    },
                    sign.toString());
            long start = System.nanoTime();
            while (Files.exists(sign)) {
                if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                    throw new IllegalStateException("The task does not begin: " + pool.snapshot());
                }
                Thread.sleep(LOOK_MILLIS);
            }
        }
    }

    /** A running worker with a task in its hands. */
    @State(Scope.Benchmark)
    public static class Busy {

        /** Gives the worker a task that does not end. */
        @Setup(Level.Iteration)
        public void occupy(Running state) throws IOException, InterruptedException {
            state.occupy();
        }

        /** The task must have been lost with its worker. */
        @TearDown(Level.Iteration)
        public void check(Running state) throws InterruptedException {
            try {
                state.running.get();
                throw new IllegalStateException("The task ended by itself");
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof WorkerLostException)) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private static WorkerSnapshot await(ProcessPool pool, Predicate<WorkerSnapshot> condition)
            throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
            for (WorkerSnapshot worker : pool.activeChildren()) {
                if (condition.test(worker)) {
                    return worker;
                }
            }
            Thread.sleep(LOOK_MILLIS);
        }
        throw new IllegalStateException("Not within " + LIMIT_SECONDS + " s: " + pool.snapshot());
    }

    /** Two new workers, to the first result. */
    @Benchmark
    public int createToFirstResult(Fresh state) {
        state.pool = ProcessPool.create(2);
        return state.pool.apply(x -> x * x, 3);
    }

    /** From the request to the moment that the successor serves, seen every millisecond. */
    @Benchmark
    public WorkerSnapshot recycle(Running state) throws InterruptedException {
        long old = state.worker.pid();
        state.pool.recycle(state.worker.id());
        return await(state.pool, worker -> worker.state() == WorkerState.IDLE && worker.pid() != old);
    }

    /** From {@code kill -9} of the worker that runs a task to the result of the next one. */
    @Benchmark
    public int kill(Running state, Busy busy) throws ExecutionException, InterruptedException {
        TaskFuture<Integer> next = state.pool.applyAsync(x -> x * x, 3);
        ProcessHandle.of(state.worker.pid()).orElseThrow().destroyForcibly();
        return next.get();
    }
}
