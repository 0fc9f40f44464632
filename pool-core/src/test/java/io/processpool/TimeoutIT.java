package io.processpool;

import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNothingBehind.class)
class TimeoutIT {

    private static final Duration SHORT = Duration.ofMillis(500);
    /** For what must be done in time, on a machine that has other things to do. */
    private static final Duration AMPLE = Duration.ofMillis(1500);

    private static final TaskOptions TIMEOUT = TaskOptions.defaults().timeout(SHORT);

    @TempDir
    Path directory;

    private static List<String> methods(Throwable stack) {
        return List.of(stack.getStackTrace()).stream()
                .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                .toList();
    }

    /** The argument is small enough for a busy machine, and slow to decode instead. */
    @Test
    void timeout_largeArgumentTakesLongToDecode_theTaskHasItsTimeAllTheSame() {
        TaskOptions timeout = TaskOptions.defaults().timeout(Duration.ofSeconds(2));
        try (ProcessPool pool = ProcessPool.create(2)) {
            SlowLoad slow = new SlowLoad(new byte[1 << 20], Duration.ofMillis(1300));
            SlowLoad stuck = new SlowLoad(new byte[1 << 20], Duration.ofMinutes(5));

            TaskFuture<Integer> task = pool.applyAsync(SlowLoad::length, slow, timeout);
            TaskFuture<Integer> hangs = pool.applyAsync(SlowLoad::length, stuck, timeout);

            assertThat(result(task)).isEqualTo(1 << 20);
            failureOf(hangs, TaskTimeoutException.class);
        }
    }

    /** Takes a while to decode in a worker, and as long to work on. */
    private record SlowLoad(byte[] bytes, Duration pause) implements Serializable {

        SlowLoad {
            if (Thread.currentThread().getName().equals("processpool-task")) {
                Tasks.unchecked(() -> {
                    Thread.sleep(pause.toMillis());
                    return null;
                });
            }
        }

        int length() throws InterruptedException {
            Thread.sleep(pause.toMillis());
            return bytes.length;
        }
    }

    // H1
    @Test
    void timeout_taskHangs_failsWithTheStackWhereItHung() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder().name("limited").workers(1).build()) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();

            TaskFuture<String> task = pool.applyAsync(() -> Deeds.hang(signs, "begun"), TIMEOUT.name("stuck"));

            TaskTimeoutException failure = failureOf(task, TaskTimeoutException.class);
            assertThat(failure).hasMessageContainingAll("stuck", "PT0.5S", "pool=limited", "worker=0", "pid=" + pid);
            assertThat(failure.getCause()).isNotNull();
            assertThat(methods(failure.getCause())).contains("io.processpool.Deeds.hang");
            assertThat(task.successful()).isFalse();
        }
    }

    // H1
    @Test
    void timeout_callback_seesIt() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            CompletableFuture<Throwable> seen = pool.applyAsync(() -> Deeds.hang(signs, "begun"), TIMEOUT)
                    .<Throwable>handle((value, e) -> e)
                    .toCompletableFuture();

            assertThat(seen).succeedsWithin(Lifecycle.PATIENCE).isInstanceOf(TaskTimeoutException.class);
        }
    }

    @Test
    void timeout_interruptHeeded_workerLivesOn() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(() -> Deeds.hang(signs, "begun"), TIMEOUT);
            failureOf(task, TaskTimeoutException.class);
            signs.expect("begun-interrupted");

            long pid = pool.apply(Deeds::pid);

            assertThat(pool.snapshot().workersStarted()).isEqualTo(1);
            assertThat(only(pool).pid()).isEqualTo(pid);
            assertThat(pool.snapshot().tasksFailed()).isEqualTo(1);
        }
    }

    // H2; pebble's ignoring_sigterm
    @Test
    void timeout_interruptIgnored_workerAndItsChildrenAreKilledAndReplaced() {
        Signs signs = Signs.in(directory);
        RecordedEvents events = new RecordedEvents();
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .cancelGrace(SHORT) // enough for a busy machine to tell the stack
                .listener(events)
                .build()) {
            long sleeper = pool.apply(Deeds::startSleeper);
            long pid = only(pool).pid();

            TaskFuture<String> task = pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"), TIMEOUT);

            TaskTimeoutException failure = failureOf(task, TaskTimeoutException.class);
            assertThat(methods(failure.getCause())).contains("io.processpool.Deeds.ignoreInterrupts");
            long next = pool.apply(Deeds::pid);
            assertThat(next).isNotEqualTo(pid);
            assertThat(signs.given("begun-interrupted"))
                    .as("it was interrupted before")
                    .isTrue();
            awaitDeath(pid);
            awaitDeath(sleeper);
            assertThat(((WorkerLostException) events.expect(Kind.LOST, pid).detail()))
                    .hasMessageContaining("the pool killed it")
                    .hasMessageContaining("cancelGrace=PT0.5S");
            assertThat(pool.snapshot().workersLost()).isEqualTo(1);
            assertThat(pool.snapshot().tasksFailed()).isEqualTo(1);
        }
    }

    @Test
    void timeout_standbyIsWarm_takesOver() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .standbyWorkers(1)
                .cancelGrace(Duration.ZERO)
                .build()) {
            awaitWorkers(pool, WorkerState.STANDBY, 1);
            long standby = pool.snapshot().workers().stream()
                    .filter(worker -> worker.state() == WorkerState.STANDBY)
                    .findFirst()
                    .orElseThrow()
                    .pid();
            failureOf(
                    pool.applyAsync(() -> Deeds.ignoreInterrupts(signs, "begun"), TIMEOUT), TaskTimeoutException.class);

            assertThat(pool.apply(Deeds::pid)).isEqualTo(standby);
        }
    }

    // H5, for apply: the pool's limit, and an option that overrides it
    @Test
    void taskTimeout_ofThePool_isTheDefault() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool =
                ProcessPool.builder().workers(2).taskTimeout(AMPLE).build()) {
            TaskFuture<Long> patient = pool.applyAsync(
                    () -> Deeds.gated(signs, "patient", "go"),
                    TaskOptions.defaults().timeout(Duration.ofMinutes(1)));
            signs.expect("patient");

            assertThatThrownBy(() -> pool.apply(() -> Deeds.hang(signs, "begun")))
                    .isInstanceOf(TaskTimeoutException.class)
                    .hasMessageContaining("PT1.5S");

            signs.give("go");
            assertThat(result(patient)).isPositive();
            assertThat(pool.apply(() -> "quick")).isEqualTo("quick");
        }
    }

    // The clock starts with the task: together they take much longer than each may.
    @Test
    void timeout_taskWaitsInTheQueue_doesNotCount() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            List<TaskFuture<Integer>> tasks = IntStream.range(0, 8)
                    .mapToObj(i -> pool.applyAsync(
                            () -> {
                                Deeds.workFor(Duration.ofMillis(150));
                                return i;
                            },
                            TaskOptions.defaults().timeout(Duration.ofSeconds(1))))
                    .toList();

            assertThat(tasks.stream().map(Lifecycle::result)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        }
    }

    // B17, H5 for imap: the limit is that of an item, whatever the chunk
    @Test
    void timeout_itemOfAChunk_failsThatItemOnly() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1);
                ResultIterator<Integer> results = pool.imap(
                        i -> {
                            if (i == 2) {
                                Deeds.hang(signs, "begun");
                            }
                            return i;
                        },
                        List.of(0, 1, 2, 3, 4),
                        MapOptions.defaults().chunkSize(5).timeout(AMPLE))) {
            List<Object> seen = new ArrayList<>();
            while (results.hasNext()) {
                try {
                    seen.add(results.next());
                } catch (TaskTimeoutException e) {
                    seen.add("timeout");
                }
            }
            assertThat(seen).containsExactly(0, 1, "timeout", 3, 4);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(1);
        }
    }

    @Test
    void timeout_itemOfAChunkIgnoresInterrupts_othersOfTheChunkAreDoneElsewhere() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .cancelGrace(Duration.ofMillis(50))
                .build()) {
            TaskFuture<List<Integer>> map = pool.mapAsync(
                    i -> {
                        signs.note("ran", i);
                        return i == 1 ? Deeds.ignoreInterrupts(signs, "begun").length() : i;
                    },
                    List.of(0, 1, 2, 3),
                    MapOptions.defaults().chunkSize(4).timeout(AMPLE));

            TaskTimeoutException failure = failureOf(map, TaskTimeoutException.class);
            assertThat(failure.getSuppressed()).isEmpty();
            assertThat(signs.notes("ran")).containsExactly("0", "1", "2", "3");
        }
    }

    // H5 for map
    @Test
    void timeout_severalItemsOfAMap_throwsTheFirstWithTheOthersSuppressed() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(2)) {
            TaskTimeoutException failure = catchThrowableOfType(
                    TaskTimeoutException.class,
                    () -> pool.map(
                            i -> i % 2 == 0
                                    ? i
                                    : Deeds.hang(signs, "begun-" + i).length(),
                            List.of(0, 1, 2, 3, 4, 5),
                            MapOptions.defaults().timeout(AMPLE)));

            assertThat(failure).hasMessageContaining("item 1");
            assertThat(failure.getSuppressed()).hasSize(2).allMatch(e -> e instanceof TaskTimeoutException);
        }
    }

    // H9
    @Test
    void timeout_manyTasksAtOnce_eachEndsAsItMust() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(2)) {
            List<TaskFuture<Integer>> tasks = IntStream.range(0, 40)
                    .mapToObj(i -> pool.applyAsync(
                            () -> i % 10 == 0 ? Deeds.hang(signs, "begun-" + i).length() : i,
                            TaskOptions.defaults().timeout(AMPLE)))
                    .toList();

            for (int i = 0; i < tasks.size(); i++) {
                if (i % 10 == 0) {
                    failureOf(tasks.get(i), TaskTimeoutException.class);
                } else {
                    assertThat(result(tasks.get(i))).isEqualTo(i);
                }
            }
            assertThat(pool.snapshot().workersStarted()).isEqualTo(2);
        }
    }

    @Test
    void timeout_quickItems_doNotTripOverTheTimer() {
        try (ProcessPool pool = ProcessPool.create(2)) {
            List<Integer> items = IntStream.range(0, 50_000).boxed().toList();

            assertThat(pool.map(i -> i, items, MapOptions.defaults().timeout(Duration.ofSeconds(10))))
                    .isEqualTo(items);
        }
    }

    // A worker that cannot even tell where it is
    @Test
    void timeout_workerIsStopped_failsWithoutStackAndIsReplaced() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .cancelGrace(Duration.ofMillis(100))
                .build()) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();
            TaskFuture<String> task = pool.applyAsync(
                    () -> Deeds.hang(signs, "begun"), TaskOptions.defaults().timeout(Duration.ofSeconds(1)));
            signs.expect("begun");
            Lifecycle.signal("STOP", pid);

            TaskTimeoutException failure = failureOf(task, TaskTimeoutException.class);

            assertThat(failure.getCause()).isNull();
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
            awaitDeath(pid);
        }
    }

    @Test
    void timeout_taskEndsDuringTheGrace_isStillATimeout() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .cancelGrace(Duration.ofSeconds(30))
                .build()) {
            TaskFuture<String> task = pool.applyAsync(
                    () -> {
                        Deeds.hang(signs, "begun");
                        signs.await("go");
                        return "late";
                    },
                    TIMEOUT);
            failureOf(task, TaskTimeoutException.class);

            signs.give("go");

            assertThat(pool.apply(() -> "next")).isEqualTo("next");
            failureOf(task, TaskTimeoutException.class);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(1);
            PoolSnapshot snapshot = pool.snapshot();
            assertThat(snapshot.tasksFailed()).isEqualTo(1);
            assertThat(snapshot.tasksSucceeded()).isEqualTo(1);
        }
    }

    // ---- slow tasks -----------------------------------------------------------------------------------------------

    @Test
    void slowTask_isLoggedOnceWithItsStack() {
        Signs signs = Signs.in(directory);
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = ProcessPool.builder()
                        .name("slow")
                        .workers(1)
                        .slowTaskThreshold(Duration.ofMillis(500))
                        .build()) {
            TaskFuture<Long> task = pool.applyAsync(
                    () -> Deeds.gated(signs, "begun", "go"),
                    TaskOptions.defaults().name("snail"));
            await().atMost(Lifecycle.PATIENCE)
                    .until(() -> !log.events(Level.WARN, "slowTaskThreshold").isEmpty());
            // several thresholds later
            await().pollDelay(Duration.ofMillis(1200)).until(() -> true);
            signs.give("go");
            result(task);

            List<ILoggingEvent> events = log.events(Level.WARN, "slowTaskThreshold");
            assertThat(events).hasSize(1);
            assertThat(events.get(0).getFormattedMessage()).contains("snail", "PT0.5S", "pool=slow", "worker=0");
            assertThat(events.get(0).getThrowableProxy().getStackTraceElementProxyArray())
                    .extracting(StackTraceElementProxy::getSTEAsString)
                    .anyMatch(frame -> frame.contains("Deeds.gated"));
        }
    }

    @Test
    void slowTask_eachOfSeveral_isLoggedAndQuickOnesAreNot() {
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = ProcessPool.builder()
                        .workers(1)
                        .slowTaskThreshold(Duration.ofMillis(400))
                        .build()) {
            pool.map(
                    i -> {
                        if (i % 3 == 0) {
                            Deeds.workFor(Duration.ofSeconds(1));
                        }
                        return i;
                    },
                    List.of(0, 1, 2, 3, 4, 5),
                    MapOptions.defaults().chunkSize(6).name("mixed"));

            await().atMost(Lifecycle.PATIENCE)
                    .untilAsserted(() -> assertThat(log.events(Level.WARN, "slowTaskThreshold").stream()
                                    .map(event -> event.getFormattedMessage().replaceAll(".*item (\\d).*", "$1")))
                            .containsExactly("0", "3"));
        }
    }

    @Test
    void slowTask_thatAlsoTimesOut_isBoth() {
        Signs signs = Signs.in(directory);
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = ProcessPool.builder()
                        .workers(1)
                        .slowTaskThreshold(Duration.ofMillis(100))
                        .build()) {
            TaskFuture<String> task = pool.applyAsync(
                    () -> Deeds.hang(signs, "begun"), TaskOptions.defaults().timeout(Duration.ofMillis(500)));

            assertThat(failureOf(task, TaskTimeoutException.class).getCause()).isNotNull();

            assertThat(log.events(Level.WARN, "slowTaskThreshold")).hasSize(1);
        }
    }
}
