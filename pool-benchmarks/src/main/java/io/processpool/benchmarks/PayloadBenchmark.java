package io.processpool.benchmarks;

import io.processpool.ProcessPool;
import io.processpool.fory.ForyCodec;
import java.io.Serializable;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** The time to get a payload into a worker, out of it, and both. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class PayloadBenchmark {

    /** What the payload is made of. */
    public enum Kind {
        /** {@code byte[]}. */
        BYTES {
            @Override
            Object make(int bytes) {
                return new byte[bytes];
            }
        },
        /** {@code double[]}. */
        DOUBLES {
            @Override
            Object make(int bytes) {
                double[] doubles = new double[bytes / Double.BYTES];
                Arrays.setAll(doubles, Math::sqrt);
                return doubles;
            }
        },
        /** An array of small records. */
        RECORDS {
            @Override
            Object make(int bytes) {
                return IntStream.range(0, bytes / Sample.BYTES)
                        .mapToObj(i -> new Sample(i, i / 3.0, "item"))
                        .toArray(Sample[]::new);
            }
        },
        /** The same with Apache Fory. */
        FORY_RECORDS {
            @Override
            Object make(int bytes) {
                return RECORDS.make(bytes);
            }

            @Override
            ProcessPool.Builder pool() {
                return super.pool().codec(ForyCodec.registering(Sample.class, Kind.class));
            }
        },
        /** One string. */
        STRING {
            @Override
            Object make(int bytes) {
                return "x".repeat(bytes);
            }
        };

        abstract Object make(int bytes);

        ProcessPool.Builder pool() {
            return ProcessPool.builder().workers(2);
        }
    }

    /**
     * A small record, counted as 16 bytes.
     *
     * @param id a number
     * @param value another
     * @param name always the same
     */
    public record Sample(int id, double value, String name) implements Serializable {
        static final int BYTES = 16;
    }

    /** What the payload is made of. */
    @Param
    public Kind kind;

    /** About how large it is. */
    @Param({"1024", "65536", "1048576", "16777216", "67108864"})
    public int bytes;

    private ProcessPool pool;
    private Object payload;

    /** Starts two workers. */
    @Setup(Level.Trial)
    public void start() {
        payload = kind.make(bytes);
        pool = kind.pool().build();
        pool.apply(x -> x, 1);
    }

    /** Ends them. */
    @TearDown(Level.Trial)
    public void stop() {
        pool.close();
    }

    /** Into the worker. */
    @Benchmark
    public boolean in() {
        return pool.apply(x -> x != null, payload);
    }

    /** Out of the worker, which makes it anew each time. */
    @Benchmark
    public Object out() {
        int size = bytes;
        return pool.apply(which -> which.make(size), kind);
    }

    /** There and back. */
    @Benchmark
    public Object both() {
        return pool.apply(x -> x, payload);
    }
}
