package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.processpool.TaskMeter;
import io.processpool.TaskOutcome;
import io.processpool.testing.CapturedLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MeterRelayTests {

    private final Queue<Runnable> later = new ArrayDeque<>();
    private final List<String> heard = new ArrayList<>();
    private final MeterRelay relay = new MeterRelay(List.of(meter("")), later::add);

    private TaskMeter meter(String mark) {
        return new TaskMeter() {
            @Override
            public void started(long waitedNanos) {
                heard.add(mark + "started " + waitedNanos);
            }

            @Override
            public void ended(TaskOutcome outcome, long ranNanos) {
                heard.add(mark + outcome + " " + ranNanos);
            }

            @Override
            public void rejected() {
                heard.add(mark + "rejected");
            }
        };
    }

    @Test
    void add_severalBeforeTheExecutorRuns_oneBatchInOrder() {
        relay.started(5);
        relay.ended(TaskOutcome.SUCCESS, 7);
        relay.rejected();

        assertThat(heard).isEmpty();
        assertThat(later).hasSize(1);
        later.remove().run();
        assertThat(heard).containsExactly("started 5", "SUCCESS 7", "rejected");
    }

    @Test
    void ended_everyOutcomeAndExtremeTimes_arriveAsTheyWere() {
        long century = TimeUnit.DAYS.toNanos(36_500) / 3;
        for (TaskOutcome outcome : TaskOutcome.values()) {
            relay.ended(outcome, century + outcome.ordinal());
        }
        relay.started(-3); // two clocks of a multiprocessor may disagree

        relay.flush();

        assertThat(heard).hasSize(TaskOutcome.values().length + 1).endsWith("started 0");
        for (TaskOutcome outcome : TaskOutcome.values()) {
            assertThat(heard).contains(outcome + " " + (century + outcome.ordinal()));
        }
    }

    @Test
    void add_farMoreThanTheFirstBuffer_noneIsLost() {
        List<String> expected =
                IntStream.range(0, 10_000).mapToObj(i -> "started " + i).toList();

        IntStream.range(0, 10_000).forEach(relay::started);
        relay.flush();

        assertThat(heard).isEqualTo(expected);
    }

    @Test
    void add_executorHasEnded_flushTellsWhatIsLeft() {
        MeterRelay late = new MeterRelay(List.of(meter("")), task -> {
            throw new RejectedExecutionException("ended");
        });

        late.started(1);
        late.flush();

        assertThat(heard).containsExactly("started 1");
    }

    @Test
    void flush_meterThatThrows_isLoggedAndTheOtherHears() {
        TaskMeter broken = new TaskMeter() {
            @Override
            public void started(long waitedNanos) {
                throw new IllegalStateException("no room");
            }
        };
        MeterRelay both = new MeterRelay(List.of(broken, meter("")), later::add);
        try (CapturedLog log = CapturedLog.of(MeterRelay.class.getName())) {
            both.started(1);
            both.flush();

            assertThat(log.events(Level.WARN, "failed")).hasSize(1);
        }
        assertThat(heard).containsExactly("started 1");
    }

    @Test
    void add_noMeters_nothingIsKeptOrScheduled() {
        MeterRelay none = new MeterRelay(List.of(), later::add);

        none.started(1);

        assertThat(none.isEmpty()).isTrue();
        assertThat(later).isEmpty();
    }

    @Test
    void add_manyThreads_eachNumberOnce() throws Exception {
        LongAdder sum = new LongAdder();
        TaskMeter adding = new TaskMeter() {
            @Override
            public void started(long waitedNanos) {
                sum.add(waitedNanos);
            }
        };
        ExecutorService executor = Executors.newFixedThreadPool(3);
        MeterRelay shared = new MeterRelay(List.of(adding), executor);

        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> IntStream.rangeClosed(1, 10_000).forEach(shared::started));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        executor.shutdown();
        assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        shared.flush();

        assertThat(sum.sum()).isEqualTo(4L * 10_000 * 10_001 / 2);
    }
}
