package io.processpool;

import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.result;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.RecordedEvents.Kind;
import io.processpool.internal.transport.BreakingOutlet;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.transport.RawBytes;
import io.processpool.testing.Signs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker that says what it must not say, or stops in the middle of what it says, through both ways that there are. */
@EnabledOnOs(OS.LINUX)
class ChannelFaultIT extends WorkerLossFixture {

    /** More than a ring and the buffers of a socket hold. */
    private static final int LARGE = 8 << 20;

    private ProcessPool.Builder builder(int workers, boolean sharedMemory) {
        return builder(workers).sharedMemory(sharedMemory);
    }

    // ---- nonsense -------------------------------------------------------------------------------------------------

    static Stream<Arguments> nonsense(boolean harmful) {
        return Stream.of(Nonsense.values())
                .filter(each -> harmful == (each.complaint() != null))
                .flatMap(each -> Stream.of(Arguments.of(each, true), Arguments.of(each, false)));
    }

    static Stream<Arguments> harmful() {
        return nonsense(true);
    }

    static Stream<Arguments> harmless() {
        return nonsense(false);
    }

    private static void send(Nonsense nonsense) {
        long item = Deeds.runningItem();
        nonsense.send(Deeds.channel(), (int) (item >>> 32), (int) item);
    }

    @ParameterizedTest(name = "{0}, shared memory: {1}")
    @MethodSource("harmful")
    void nonsense_harmful_endsTheWorkerAndNothingElse(Nonsense nonsense, boolean sharedMemory) {
        try (ProcessPool pool = builder(1, sharedMemory).build()) {
            long pid = pool.apply(Deeds::pid);

            TaskFuture<Integer> task = pool.applyAsync(() -> {
                send(nonsense);
                new CountDownLatch(1).await();
                return 0;
            });
            TaskFuture<List<Integer>> others =
                    pool.mapAsync(i -> i * i, IntStream.range(0, 10).boxed().toList());

            if (nonsense == Nonsense.SECOND_RESULT) {
                assertThat(result(task)).isEqualTo(Nonsense.RESULT); // once: the second is not heard
            } else {
                assertBlamed(failureOf(task, WorkerLostException.class), nonsense);
            }
            assertBlamed((WorkerLostException) events.expect(Kind.LOST, pid).detail(), nonsense);
            assertThat(result(others)).containsExactly(0, 1, 4, 9, 16, 25, 36, 49, 64, 81);
            assertServes(pool, pid);
            assertThat(pool.snapshot().workersLost()).isEqualTo(1);
        }
    }

    private static void assertBlamed(WorkerLostException failure, Nonsense nonsense) {
        assertThat(failure.reason()).isEqualTo(LossReason.PROTOCOL);
        assertThat(failure).hasMessageContainingAll("not of the protocol", nonsense.complaint());
    }

    @ParameterizedTest(name = "{0}, shared memory: {1}")
    @MethodSource("harmless")
    void nonsense_harmless_isLetPass(Nonsense nonsense, boolean sharedMemory) {
        try (ProcessPool pool = builder(1, sharedMemory).build()) {
            long pid = pool.apply(() -> {
                send(nonsense);
                return Deeds.pid();
            });

            List<Long> pids =
                    pool.map(i -> Deeds.pid(), IntStream.range(0, 10).boxed().toList());

            assertThat(pids).hasSize(10).containsOnly(pid);
            assertThat(pool.snapshot().workersLost()).isZero();
            assertThat(pool.snapshot().tasksFailed()).isZero();
        }
    }

    // A byte on the socket of a worker with shared memory is a bell, whatever it is.
    @Test
    void garbage_besideTheRing_isNoMoreThanABell() {
        try (ProcessPool pool = builder(1, true).build()) {
            long pid = pool.apply(() -> {
                RawBytes.sendThroughSocket(Deeds.channel(), Nonsense.header(0x7e, -1));
                return Deeds.pid();
            });

            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
        }
    }

    // It said goodbye while it had a task, and left: the task must not wait for ever.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goodbye_beforeItsTime_thenExit_failsTheTask(boolean sharedMemory) {
        try (ProcessPool pool = builder(1, sharedMemory).build()) {
            TaskFuture<Integer> task = pool.applyAsync(() -> {
                send(Nonsense.GOODBYE_WITHOUT_BEING_TOLD);
                Deeds.channel().awaitDrained();
                Deeds.halt(0);
                return 0;
            });

            assertThat(failureOf(task, WorkerLostException.class).exitCode()).isZero();
            assertServes(pool, 0);
        }
    }

    // Also if it was about to go.
    @Test
    void goodbye_whileRetiringWithATask_failsTheTask() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> {
                Deeds.gated(signs, "begun", "go");
                send(Nonsense.GOODBYE_WITHOUT_BEING_TOLD);
                Deeds.channel().awaitDrained();
                Deeds.halt(0);
                return 0L;
            });
            signs.expect("begun");
            pool.recycle(0);
            Lifecycle.awaitWorkers(pool, WorkerState.RETIRING, 1);

            signs.give("go");

            failureOf(task, WorkerLostException.class);
            assertServes(pool, 0);
        }
    }

    // ---- half a frame ---------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void halfAHeader_thenDeath_isTheDeathOfTheWorker(boolean sharedMemory) {
        assertDeathAfter(Arrays.copyOf(Nonsense.header(5, 100), 3), sharedMemory);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void halfAFrame_thenDeath_isTheDeathOfTheWorker(boolean sharedMemory) {
        assertDeathAfter(Arrays.copyOf(Nonsense.header(5, 1 << 20), 100_000), sharedMemory);
    }

    private void assertDeathAfter(byte[] bytes, boolean sharedMemory) {
        try (ProcessPool pool = builder(1, sharedMemory).build()) {
            TaskFuture<Integer> task = pool.applyAsync(() -> {
                RawBytes.send(Deeds.channel(), bytes);
                Deeds.halt(9);
                return 0;
            });

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure.exitCode()).isEqualTo(9);
            assertThat(failure.reason()).isEqualTo(LossReason.CRASHED);
            assertServes(pool, failure.pid());
        }
    }

    // What it says from then on disappears in the rest of the frame, so it is as good as silent.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void halfAFrame_thenSilence_endsTheWorkerAfterTheHeartbeat(boolean sharedMemory) {
        try (ProcessPool pool =
                builder(1, sharedMemory).heartbeatTimeout(Duration.ofSeconds(1)).build()) {
            TaskFuture<Integer> task = pool.applyAsync(() -> {
                RawBytes.send(Deeds.channel(), Nonsense.header(5, 1 << 20));
                return 0;
            });

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure.reason()).isEqualTo(LossReason.UNRESPONSIVE);
            assertServes(pool, failure.pid());
        }
    }

    // ---- stopped in the middle ------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stop_halfAResultIsSent_failsItsTaskOnly(boolean sharedMemory) {
        try (ProcessPool pool =
                builder(1, sharedMemory).heartbeatTimeout(Duration.ofSeconds(1)).build()) {
            TaskFuture<byte[]> task = pool.applyAsync(ChannelFaultIT::stopWhileSending);
            TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure.reason()).isEqualTo(LossReason.UNRESPONSIVE);
            assertThat(result(queued)).isNotEqualTo(failure.pid());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stop_halfAResultIsSent_thenContinue_deliversTheRest(boolean sharedMemory) {
        try (ProcessPool pool = builder(1, sharedMemory).build()) {
            long pid = pool.apply(Deeds::pid);
            TaskFuture<byte[]> task = pool.applyAsync(ChannelFaultIT::stopWhileSending);
            awaitStopped(pid);

            signal("CONT", pid);

            assertThat(result(task)).isEqualTo(pattern());
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
        }
    }

    private static byte[] stopWhileSending() {
        Channel channel = Deeds.channel();
        BreakingOutlet.install(channel, Deeds::stopSelf);
        return pattern();
    }

    private static byte[] pattern() {
        byte[] bytes = new byte[LARGE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 11));
        }
        return bytes;
    }

    // The pool writes what fits in; nobody waits for the rest, and the task, which has not begun, runs elsewhere.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stop_halfAnArgumentIsSent_runsElsewhere(boolean sharedMemory) {
        try (ProcessPool pool =
                builder(1, sharedMemory).heartbeatTimeout(Duration.ofSeconds(1)).build()) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();
            signal("STOP", pid);
            awaitStopped(pid);

            TaskFuture<Integer> sent = pool.applyAsync(Arrays::hashCode, pattern());
            int lent = pool.apply(Arrays::hashCode, pattern());

            assertThat(lent).isEqualTo(Arrays.hashCode(pattern()));
            assertThat(result(sent)).isEqualTo(lent);
            assertThat(((WorkerLostException) events.expect(Kind.LOST, pid).detail()).reason())
                    .isEqualTo(LossReason.UNRESPONSIVE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stop_halfAnArgumentIsSent_thenContinue_runsThere(boolean sharedMemory) {
        try (ProcessPool pool = builder(1, sharedMemory).build()) {
            long pid = pool.apply(Deeds::pid);
            signal("STOP", pid);
            awaitStopped(pid);
            TaskFuture<Long> task =
                    pool.applyAsync(bytes -> Arrays.equals(bytes, pattern()) ? Deeds.pid() : -1, pattern());

            signal("CONT", pid);

            assertThat(result(task)).isEqualTo(pid);
        }
    }

    /** Waits until a process is stopped: the state of each process stands behind its name, which is in brackets. */
    private static void awaitStopped(long pid) {
        await("process " + pid + " is stopped").atMost(Lifecycle.PATIENCE).until(() -> {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
        });
    }
}
