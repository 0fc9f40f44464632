package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Living;
import io.processpool.testing.Signs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What tests of the life of pools and workers have in common. */
final class Lifecycle {

    /** How long a test waits for what must come. */
    static final Duration PATIENCE = Duration.ofSeconds(40);

    private Lifecycle() {}

    /** Returns a name for a pool whose workers are to be told from those of all other processes of the machine. */
    static String unique(String name) {
        return name + "-" + ProcessHandle.current().pid();
    }

    /** Waits until so many workers are in a state. */
    static void awaitWorkers(ProcessPool pool, WorkerState state, int count) {
        await(count + " workers " + state)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(pool.snapshot().workers(state))
                        .as("workers %s of %s", state, pool.snapshot())
                        .isEqualTo(count));
    }

    /** Waits until the pool has only so many workers, all of them idle. */
    static void awaitIdle(ProcessPool pool, int count) {
        await(count + " idle workers, no others")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(pool.snapshot().workers())
                        .hasSize(count)
                        .allMatch(worker -> worker.state() == WorkerState.IDLE));
    }

    /** Waits until one worker is idle and one stands by; returns the pid of the latter. */
    static long awaitStandby(ProcessPool pool) {
        awaitWorkers(pool, WorkerState.STANDBY, 1);
        awaitWorkers(pool, WorkerState.IDLE, 1);
        return pool.snapshot().workers().stream()
                .filter(worker -> worker.state() == WorkerState.STANDBY)
                .findFirst()
                .orElseThrow()
                .pid();
    }

    /** Submits tasks that say "begun-0" and so on when they begin, and then wait for "go". */
    static List<TaskFuture<Long>> submitGated(ProcessPool pool, Signs signs, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> pool.applyAsync(() -> Deeds.gated(signs, "begun-" + i, "go")))
                .toList();
    }

    /** Returns the pids of the workers, in the order of the snapshot. */
    static List<Long> pids(ProcessPool pool) {
        return pool.snapshot().workers().stream().map(WorkerSnapshot::pid).toList();
    }

    /** Returns the only worker of a pool. */
    static WorkerSnapshot only(ProcessPool pool) {
        assertThat(pool.snapshot().workers()).hasSize(1);
        return pool.snapshot().workers().get(0);
    }

    /** Tells whether a process lives. */
    static boolean alive(long pid) {
        return ProcessHandle.of(pid).map(Living::lives).orElse(false);
    }

    /** Waits until a process is gone. */
    static void awaitDeath(long pid) {
        await("end of process " + pid)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !alive(pid));
    }

    /**
     * Sends a signal to single processes. Never to a group: the {@code kill} of procps 4.0.2 takes {@code -12345} for
     * {@code -1}, which is everybody.
     */
    static void signal(String name, Long... pids) {
        assertThat(pids).as("pids to signal").isNotEmpty().allMatch(pid -> pid > 1);
        String[] command = new String[pids.length + 2];
        command[0] = "kill";
        command[1] = "-" + name;
        Arrays.setAll(command, i -> i < 2 ? command[i] : Long.toString(pids[i - 2]));
        try {
            Process kill = new ProcessBuilder(command).inheritIO().start();
            assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(kill.exitValue()).as("exit code of %s", List.of(command)).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for a task that fails, and returns its failure, which must be of this type. */
    static <T extends Throwable> T failureOf(TaskFuture<?> future, Class<T> type) {
        Throwable thrown = catchThrowable(() -> future.get(PATIENCE));
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        assertThat(thrown.getCause()).isInstanceOf(type);
        return type.cast(thrown.getCause());
    }

    /** Waits for the result of a task. */
    static <R> R result(TaskFuture<R> future) {
        try {
            return future.get(PATIENCE);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no result", e);
        }
    }

    /** Runs something on a thread of its own; the future fails if that throws. */
    static CompletableFuture<Void> inThread(ThrowingCallable action) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        action.call();
                        ended.complete(null);
                    } catch (Throwable e) {
                        ended.completeExceptionally(e);
                    }
                },
                "test-thread");
        thread.setDaemon(true);
        thread.start();
        return ended;
    }

    /** Waits for something that runs on another thread. */
    static void awaitEnd(CompletableFuture<?> ended) {
        try {
            ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("did not end well", e);
        }
    }

    /** Waits until the pool, which was told to end, has ended. */
    static void awaitTerminated(ProcessPool pool) {
        try {
            assertThat(pool.join(PATIENCE)).as("%s has ended", pool).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }
}
