package io.processpool.internal.scheduler;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many lives of a pool, each from a seed of its own; see {@link Simulation}. */
@Timeout(120)
class SchedulerSimulationTests {

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void anyLife_everyItemEndsOnceAndTheBooksAreRight(long seed) {
        new Simulation(seed).run(3_000);
    }
}
