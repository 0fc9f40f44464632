package io.processpool.benchmarks;

import io.processpool.MapOptions;
import io.processpool.ProcessPool;
import io.processpool.ResultIterator;
import io.processpool.TaskFunction;
import java.util.List;
import java.util.Random;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * The time of one map over many items: 200,000 tiny ones, or 400 that spin for a millisecond or for 0 to 20 ms with a
 * heavy tail.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class MapBenchmark {

    /** What the items are. */
    public enum Items {
        /** The square of a number. */
        TINY,
        /** One millisecond of wall-clock time. */
        MILLISECOND,
        /** From 0 to 20 ms, most of them short. */
        MIXED
    }

    /** What the items are. */
    @Param
    public Items items;

    /** How many travel together; 0 leaves it to the pool. */
    @Param({"0", "1", "64"})
    public int chunkSize;

    private ProcessPool pool;
    private List<Integer> numbers;
    private TaskFunction<Integer, Integer> function;
    private MapOptions options;

    /** Starts two workers. */
    @Setup(Level.Trial)
    public void start() {
        Random random = new Random(20260101);
        numbers = switch (items) {
            case TINY -> IntStream.range(0, 200_000).boxed().toList();
            case MILLISECOND ->
                IntStream.generate(() -> 1_000).limit(400).boxed().toList();
            case MIXED ->
                IntStream.generate(() -> (int) (20_000 * Math.pow(random.nextDouble(), 6)))
                        .limit(400)
                        .boxed()
                        .toList();
        };
        function = items == Items.TINY ? x -> x * x : MapBenchmark::spin;
        options = chunkSize == 0 ? MapOptions.defaults() : MapOptions.defaults().chunkSize(chunkSize);
        pool = ProcessPool.create(2);
        pool.apply(x -> x, 1);
    }

    /** Ends them. */
    @TearDown(Level.Trial)
    public void stop() {
        pool.close();
    }

    private static Integer spin(Integer micros) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < micros * 1_000L) {
            Thread.onSpinWait();
        }
        return micros;
    }

    /** To a list. */
    @Benchmark
    public List<Integer> map() {
        return pool.map(function, numbers, options);
    }

    /** Lazily, in order. */
    @Benchmark
    public void imap(Blackhole results) {
        consume(pool.imap(function, numbers, options), results);
    }

    /** Lazily, as they come. */
    @Benchmark
    public void imapUnordered(Blackhole results) {
        consume(pool.imapUnordered(function, numbers, options), results);
    }

    private static void consume(ResultIterator<Integer> iterator, Blackhole results) {
        try (iterator) {
            while (iterator.hasNext()) {
                results.consume(iterator.next());
            }
        }
    }
}
