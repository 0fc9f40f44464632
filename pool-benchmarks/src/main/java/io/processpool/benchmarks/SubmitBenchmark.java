package io.processpool.benchmarks;

import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Many tiny tasks through {@code applyAsync}: submit all, then get all. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class SubmitBenchmark {

    private static final int TASKS = 20_000;

    /** How many workers. */
    @Param({"1", "2", "8"})
    public int workers;

    private ProcessPool pool;

    /** Starts the workers. */
    @Setup(Level.Trial)
    public void start() {
        pool = ProcessPool.create(workers);
        pool.apply(x -> x, 1);
    }

    /** Ends them. */
    @TearDown(Level.Trial)
    public void stop() {
        pool.close();
    }

    /** Returns the last result. */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public int submitAllThenGet() throws ExecutionException, InterruptedException {
        List<TaskFuture<Integer>> futures = new ArrayList<>(TASKS);
        for (int i = 0; i < TASKS; i++) {
            futures.add(pool.applyAsync(x -> x * x, i));
        }
        int last = 0;
        for (TaskFuture<Integer> future : futures) {
            last = future.get();
        }
        return last;
    }
}
