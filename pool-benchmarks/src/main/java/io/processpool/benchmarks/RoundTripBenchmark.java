package io.processpool.benchmarks;

import io.processpool.ProcessPool;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The time of one {@code apply} of a tiny task. */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class RoundTripBenchmark {

    private ProcessPool pool;

    /** Starts two workers. */
    @Setup(Level.Trial)
    public void start() {
        pool = ProcessPool.create(2);
        pool.apply(x -> x, 1);
    }

    /** Ends them. */
    @TearDown(Level.Trial)
    public void stop() {
        pool.close();
    }

    /** A function and its argument: the function is in the worker already. */
    @Benchmark
    public int function() {
        return pool.apply(x -> x * x, 3);
    }

    /** A task that captured its argument: it travels as a whole. */
    @Benchmark
    public int callable() {
        int three = 3;
        return pool.apply(() -> three * three);
    }
}
