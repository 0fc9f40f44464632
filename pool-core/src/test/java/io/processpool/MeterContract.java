package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.testing.Gate;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a {@link TaskMeter} gets, once the pool has ended: every task, of whatever ending. */
abstract class MeterContract extends PoolContract {

    MeterContract(Mode mode) {
        super(mode);
    }

    /** Called by one thread at a time; read after the pool has ended. */
    private static final class Counts implements TaskMeter {
        final Map<TaskOutcome, Integer> outcomes = new EnumMap<>(TaskOutcome.class);
        int started;
        int rejected;
        long longest;

        @Override
        public synchronized void started(long waitedNanos) {
            assertThat(waitedNanos).isNotNegative();
            started++;
        }

        @Override
        public synchronized void ended(TaskOutcome outcome, long ranNanos) {
            outcomes.merge(outcome, 1, Integer::sum);
            longest = Math.max(longest, ranNanos);
        }

        @Override
        public synchronized void rejected() {
            rejected++;
        }
    }

    @Test
    void meter_mapWithFailures_getsEachItemOnce() {
        Counts counts = new Counts();
        List<Integer> items = IntStream.range(0, 50_000).boxed().toList();
        try (ProcessPool pool = builder().workers(2).taskMeter(counts).build()) {
            assertThatThrownBy(() -> pool.map(i -> 1000 / (i % 10_000), items)).isInstanceOf(TaskFailedException.class);
        }

        assertThat(counts.outcomes)
                .containsOnly(Map.entry(TaskOutcome.SUCCESS, 49_995), Map.entry(TaskOutcome.FAILURE, 5));
        assertThat(counts.started).isEqualTo(50_000);
    }

    @Test
    void meter_taskThatTakesTime_getsThatTime() {
        Counts counts = new Counts();
        try (ProcessPool pool = builder().workers(1).taskMeter(counts).build()) {
            pool.apply(() -> {
                long end = System.nanoTime() + 20_000_000;
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
                return null;
            });
        }

        assertThat(Duration.ofNanos(counts.longest)).isBetween(Duration.ofMillis(20), LONG);
    }

    @Test
    void meter_queueFull_getsTheRefusal() throws Exception {
        Counts counts = new Counts();
        Gate gate = gate("gate");
        try (ProcessPool pool = builder()
                .workers(1)
                .queueCapacity(1)
                .saturation(Saturation.REJECT)
                .taskMeter(counts)
                .build()) {
            TaskFuture<Void> running = pool.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            TaskFuture<Integer> waiting = pool.applyAsync(() -> 1);
            assertThatThrownBy(() -> pool.applyAsync(() -> 2)).isInstanceOf(PoolSaturatedException.class);
            waiting.cancel(false);
            gate.open();
            running.get(LONG);
        }

        assertThat(counts.rejected).isEqualTo(1);
        assertThat(counts.outcomes)
                .containsOnly(Map.entry(TaskOutcome.SUCCESS, 1), Map.entry(TaskOutcome.CANCELLED, 1));
    }
}
