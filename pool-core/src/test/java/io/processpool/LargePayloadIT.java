package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.Gate;
import io.processpool.testing.LeavesNothingBehind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arguments and results that fill every buffer on their way: rows G23 and cp's crash_big_data. */
@ExtendWith(LeavesNothingBehind.class)
class LargePayloadIT {

    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i += 997) {
            bytes[i] = (byte) (i * 31);
        }
        return bytes;
    }

    @Test
    void apply_64MiBBothWays_arrivesUnchanged() {
        byte[] payload = pattern(64 * MIB);
        try (ProcessPool pool = ProcessPool.create(1)) {
            byte[] returned = pool.apply(
                    bytes -> {
                        bytes[0]++;
                        return bytes;
                    },
                    payload);

            payload[0]++;
            assertThat(Arrays.equals(returned, payload)).isTrue();
        }
    }

    @Test
    void apply_largeValuesOfOtherKinds_arriveUnchanged() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            long[] longs = new long[4 * MIB];
            Arrays.setAll(longs, i -> i * 0x9E3779B97F4A7C15L);
            String text = "äöü€".repeat(4 * MIB);
            List<Object> mixed = new ArrayList<>(List.of(pattern(10 * MIB), text, new int[MIB]));

            long[] longsBack = pool.apply(x -> x, longs);
            String textBack = pool.apply(x -> x, text);
            List<Object> mixedBack = pool.apply(x -> x, mixed);
            byte[] captured = pattern(8 * MIB);
            int length = pool.apply(() -> captured.length);

            assertThat(Arrays.equals(longsBack, longs)).isTrue();
            assertThat(textBack.equals(text)).isTrue();
            assertThat(Arrays.deepEquals(mixedBack.toArray(), mixed.toArray())).isTrue();
            assertThat(length).isEqualTo(8 * MIB);
        }
    }

    /** Each capture is garbage for the caller at once, and must be for the pool and its worker. */
    @Test
    void apply_functionsThatCaptureMuch_inALoop_doNotFillTheWorker() {
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).maxHeap(128 * MIB).build()) {
            long pid = pool.apply(() -> ProcessHandle.current().pid());
            for (int i = 0; i < 25; i++) {
                byte[] captured = pattern(10 * MIB + i);
                int length = pool.apply(argument -> captured.length + argument, i);
                assertThat(length).isEqualTo(10 * MIB + 2 * i);
            }
            assertThat(pool.apply(() -> ProcessHandle.current().pid())).isEqualTo(pid);
        }
    }

    /** Both sides write at once, more than any buffer holds: neither may wait for the other to read. */
    @Test
    void applyAsync_largeArgumentsAndResultsAtOnce_doNotBlockEachOther() throws Exception {
        try (ProcessPool pool = ProcessPool.create(2)) {
            List<TaskFuture<byte[]>> futures = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                futures.add(pool.applyAsync(bytes -> bytes, pattern(8 * MIB + i)));
            }
            for (int i = 0; i < 12; i++) {
                assertThat(futures.get(i).get(60, TimeUnit.SECONDS)).hasSize(8 * MIB + i);
            }
        }
    }

    @Test
    void map_largeItemsAmongTinyOnes_allArrive() {
        try (ProcessPool pool = ProcessPool.create(2)) {
            List<byte[]> items = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                items.add(i % 50 == 49 ? pattern(8 * MIB) : new byte[] {(byte) i});
            }
            List<byte[]> results =
                    pool.map(bytes -> bytes, items, MapOptions.defaults().chunkSize(20));

            assertThat(results).hasSize(200);
            for (int i = 0; i < 200; i++) {
                assertThat(Arrays.equals(results.get(i), items.get(i)))
                        .as("item %s", i)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void applyAsync_workerKilledWhileLargeDataTravels_onlyItsTaskFails(boolean argument) throws Exception {
        Gate gate = Gate.in(directory, "gate");
        try (ProcessPool pool = ProcessPool.create(1)) {
            long pid = pool.apply(() -> ProcessHandle.current().pid());
            TaskFuture<?> victim;
            if (argument) {
                // it dies while it reads the argument or shortly after: the pool cannot know which
                victim = pool.applyAsync(bytes -> gate.passWith(bytes.length), pattern(64 * MIB));
            } else {
                // it dies while it makes, writes or sends the result
                victim = pool.applyAsync(() -> {
                    gate.arrive();
                    new Thread(() -> {
                                LockSupport.parkNanos(30_000_000);
                                Runtime.getRuntime().halt(7);
                            })
                            .start();
                    return pattern(64 * MIB);
                });
                gate.awaitArrivals(1);
            }
            List<TaskFuture<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                others.add(pool.applyAsync(bytes -> bytes.length, pattern(4 * MIB)));
            }
            if (argument) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                gate.open(); // had it not begun, it is run again
            }

            assertThatEnds(victim);
            for (TaskFuture<Integer> other : others) {
                assertThat(other.get(60, TimeUnit.SECONDS)).isEqualTo(4 * MIB);
            }
        }
    }

    /** Whether it is lost or was run elsewhere depends on the moment; hanging is what must not be. */
    private static void assertThatEnds(TaskFuture<?> future) throws Exception {
        try {
            future.get(60, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(WorkerLostException.class);
        }
    }

    /** Needs some 8 GB of heap here: {@code -Dtest.jvm.args=-Xmx10g -Dprocesspool.test.huge=true}. */
    // G23
    @Test
    @Timeout(600)
    @EnabledIfSystemProperty(named = "processpool.test.huge", matches = "true")
    void apply_moreThanTwoGiBBothWays_arrivesUnchanged() {
        List<byte[]> payload = new ArrayList<>(List.of(pattern(900 * MIB), pattern(900 * MIB), pattern(500 * MIB)));
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).maxHeap(8L << 30).build()) {
            List<byte[]> returned = pool.apply(
                    list -> {
                        list.get(2)[7] = 77;
                        return list;
                    },
                    payload);

            payload.get(2)[7] = 77;
            assertThat(returned).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertThat(Arrays.equals(returned.get(i), payload.get(i))).isTrue();
            }
        }
    }
}
