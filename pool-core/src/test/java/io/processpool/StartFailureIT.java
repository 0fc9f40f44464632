package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Workers that cannot start: bounded attempts, waiting and new tasks fail with the reason, and recovery. */
@ExtendWith(LeavesNothingBehind.class)
class StartFailureIT {

    @TempDir
    Path directory;

    private final RecordedEvents events = new RecordedEvents();

    private ProcessPool.Builder builder() {
        return ProcessPool.builder().name("unlucky").workers(1).listener(events);
    }

    private static final class Unserializable {
        void use() {}
    }

    /** Asserts that tasks fail with these words, also those that come during the outage, which fail without waiting. */
    private WorkerStartException assertOutage(ProcessPool pool, String... words) {
        WorkerStartException failure = failureOf(pool.applyAsync(Deeds::pid), WorkerStartException.class);
        assertThat(failure).hasMessageContainingAll(words).hasMessageContaining("pool=unlucky");
        assertThat(((Exception) events.expect(Kind.START_FAILED, event -> true).detail()))
                .hasMessageContainingAll(words);
        for (int i = 0; i < 3; i++) {
            TaskFuture<Long> next = pool.applyAsync(Deeds::pid);
            assertThat(next.ready()).as("fails at once").isTrue();
            assertThat(failureOf(next, WorkerStartException.class)).isNotSameAs(failure);
        }
        assertThatThrownBy(() -> pool.apply(Deeds::pid)).isInstanceOf(WorkerStartException.class);
        assertThatThrownBy(() -> pool.map(i -> i, List.of(1, 2))).isInstanceOf(WorkerStartException.class);
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.RUNNING);
        assertThat(pool.snapshot().startTrouble()).contains(words);
        return failure;
    }

    // ---- the process ----------------------------------------------------------------------------------------------

    @Test
    void start_unknownJvmOption_failsWithTheWordsOfTheJvm() {
        try (ProcessPool pool =
                builder().jvmArguments(List.of("-XX:+NoSuchOption")).build()) {
            assertOutage(pool, "NoSuchOption", "exit code 1");
        }
    }

    @Test
    void start_commandDoesNotExist_failsWithTheCommand() {
        try (ProcessPool pool =
                builder().commandPrefix(List.of("/no/such/command")).build()) {
            assertOutage(pool, "/no/such/command", "does not exist");
        }
    }

    @Test
    void start_commandFails_failsWithItsWords() {
        try (ProcessPool pool = builder()
                .commandPrefix(List.of("sh", "-c", "echo not today >&2; exit 77"))
                .build()) {
            assertOutage(pool, "not today", "exit code 77");
        }
    }

    // It ends well, but it is no worker.
    @Test
    void start_commandDoesNotRunTheWorker_fails() {
        try (ProcessPool pool = builder().commandPrefix(List.of("true")).build()) {
            assertOutage(pool, "exit code 0");
        }
    }

    // That of a pool without the library is refused where it is set; but it may be gone when a worker is to start.
    @Test
    void start_libraryIsNotOnTheClassPathAnyMore_fails() throws Exception {
        Path library = Path.of(ProcessPool.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path link = Files.createSymbolicLink(directory.resolve("library"), library);
        ProcessPool.Builder builder = builder().classPath(List.of(directory.toString(), link.toString()));
        Files.delete(link);
        try (ProcessPool pool = builder.build()) {
            assertOutage(pool, "classPath", directory.toString());
        }
    }

    @Test
    void start_workingDirectoryIsGone_fails() throws Exception {
        Path gone = Files.createDirectory(directory.resolve("gone"));
        ProcessPool.Builder builder = builder().workingDirectory(gone);
        Files.delete(gone);
        try (ProcessPool pool = builder.build()) {
            assertOutage(pool, gone.toString());
        }
    }

    @Test
    void start_neverReady_failsAfterStartTimeout() {
        try (ProcessPool pool = builder()
                .commandPrefix(List.of("sh", "-c", "echo dozing >&2; exec sleep 600"))
                .startTimeout(Duration.ofMillis(300))
                .build()) {
            assertOutage(pool, "startTimeout=PT0.3S", "dozing");
        }
    }

    // ---- the initializer ------------------------------------------------------------------------------------------

    // F4, F5
    @Test
    void start_initializerThrows_failsWithItsException() {
        try (ProcessPool pool = builder()
                .initializer(() -> {
                    throw new IllegalArgumentException("the model is missing");
                })
                .build()) {
            WorkerStartException failure = assertOutage(pool, "initializer", "the model is missing");
            assertThat(failure)
                    .hasRootCauseInstanceOf(IllegalArgumentException.class)
                    .hasRootCauseMessage("the model is missing");
        }
    }

    @Test
    void start_initializerThrowsAnError_fails() {
        try (ProcessPool pool = builder()
                .initializer(() -> {
                    throw new NoClassDefFoundError("com/example/Native");
                })
                .build()) {
            assertOutage(pool, "com/example/Native");
        }
    }

    @Test
    void start_initializerExits_fails() {
        try (ProcessPool pool = builder()
                .initializer(() -> {
                    System.err.println("no licence");
                    System.exit(55);
                })
                .build()) {
            assertOutage(pool, "exit code 55", "no licence");
        }
    }

    @Test
    void start_initializerCrashes_fails() {
        try (ProcessPool pool = builder().initializer(Deeds::killSelf).build()) {
            assertOutage(pool, "SIGKILL");
        }
    }

    // H5 (worker_init_timeout)
    @Test
    void start_initializerHangs_failsAfterStartTimeout() {
        try (ProcessPool pool = builder()
                .startTimeout(Duration.ofMillis(800))
                .initializer(() -> new CountDownLatch(1).await())
                .build()) {
            assertOutage(pool, "startTimeout=PT0.8S");
        }
    }

    @Test
    void start_initializerRunsOutOfMemory_fails() {
        try (ProcessPool pool = builder()
                .maxHeap(32L << 20)
                .initializer(() -> WorkerContext.current().state().put("hog", new long[100_000_000]))
                .build()) {
            assertOutage(pool, "out of memory", "Java heap space");
        }
    }

    // F1, F3: cannot travel, so there is no pool and nothing is left
    @Test
    void build_initializerIsNotSerializable_isRefused() {
        Unserializable captured = new Unserializable();
        assertThatThrownBy(() -> builder().initializer(captured::use).build())
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("initializer");
        assertThatThrownBy(() -> builder().initializer(null)).isInstanceOf(NullPointerException.class);
    }

    // ---- bounds and recovery --------------------------------------------------------------------------------------

    // 9 of the pain list: never an endless respawn loop
    @Test
    void start_failsForGood_attemptsBecomeRare() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder()
                .commandPrefix(List.of("sh", "-c", "echo x >> " + signs.file("attempts") + "; exit 1"))
                .build()) {
            failureOf(pool.applyAsync(Deeds::pid), WorkerStartException.class);
            // pauses of 0.1, 0.2, 0.4, 0.8 s ... and so on
            await().pollDelay(Duration.ofMillis(1500)).until(() -> true);

            assertThat(signs.notes("attempts")).hasSizeBetween(3, 9);
            assertThat(pool.snapshot().workersStarted()).isBetween(3L, 9L);
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    @Test
    void start_failsOnceOrTwice_tasksJustWait() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder()
                .initializer(() -> {
                    signs.note("attempts", Deeds.pid());
                    if (signs.notes("attempts").size() <= 2) {
                        throw new IllegalStateException("not yet");
                    }
                })
                .build()) {
            TaskFuture<Long> task = pool.applyAsync(Deeds::pid);

            assertThat(signs.notes("attempts")).isEmpty();
            assertThat(String.valueOf(result(task)))
                    .isEqualTo(signs.notes("attempts").get(2));
            assertThat(events.all(Kind.START_FAILED)).hasSize(2);
        }
    }

    @Test
    void start_recoversAfterAnOutage_servesAgain() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder()
                .workers(2)
                .initializer(() -> {
                    if (!signs.given("repaired")) {
                        throw new IllegalStateException("the database is down");
                    }
                })
                .build()) {
            assertOutage(pool, "the database is down");

            signs.give("repaired");

            awaitIdle(pool, 2);
            assertThat(pool.apply(Deeds::pid)).isPositive();
            assertThat(pool.snapshot().startTrouble()).isNull();
            assertThat(pool.map(i -> i + 1, List.of(1, 2, 3))).containsExactly(2, 3, 4);
        }
    }

    // They are ready now and then, which proves nothing as long as none stays.
    @Test
    void start_workersEndRightAfterTheyAreReady_snapshotSaysSoUntilOneStays() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder()
                .initializer(() -> {
                    if (!signs.given("repaired")) {
                        Thread end = new Thread(() -> {
                            LockSupport.parkNanos(100_000_000);
                            Deeds.halt(17);
                        });
                        end.setDaemon(true);
                        end.start();
                    }
                })
                .build()) {
            await().atMost(PATIENCE).until(() -> pool.snapshot().startTrouble() != null);
            assertThat(pool.snapshot().startTrouble()).contains("exit code 17");
            int ready = events.all(Kind.READY).size();

            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .failFast("the trouble is not over", () -> pool.snapshot().startTrouble() == null)
                    .until(() -> events.all(Kind.READY).size() > ready + 1);
            signs.give("repaired");

            await().atMost(PATIENCE).until(() -> pool.snapshot().startTrouble() == null);
            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }

    // An outage of replacements: the last good worker serves alone
    @Test
    void start_oneWorkerIsGood_servesAlone() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder()
                .workers(3)
                .initializer(() -> {
                    if (WorkerContext.current().workerId() != 1) {
                        signs.note("bad", Deeds.pid());
                        throw new IllegalStateException("bad slot");
                    }
                })
                .build()) {
            await().atMost(PATIENCE).until(() -> signs.notes("bad").size() >= 6);

            assertThat(pool.map(i -> Deeds.pid(), List.of(1, 2, 3, 4)).stream().distinct())
                    .hasSize(1);
            assertThat(pool.snapshot().startTrouble()).isNull();
            assertThat(pool.snapshot().tasksFailed()).isZero();
        }
    }

    @Test
    void start_successorFails_predecessorKeepsServing() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder()
                .initializer(() -> {
                    if (WorkerContext.current().generation() > 0 && !signs.given("repaired")) {
                        signs.note("bad", Deeds.pid());
                        throw new IllegalStateException("bad deployment");
                    }
                })
                .build()) {
            long pid = pool.apply(Deeds::pid);

            pool.recycle(0);

            await().atMost(PATIENCE).until(() -> signs.notes("bad").size() >= 4);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
            signs.give("repaired");
            events.expect(Kind.RETIRED, pid);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
        }
    }

    @Test
    void start_outageDuringALazyMap_itemsFailAndTheEndIsReached() {
        try (ProcessPool pool =
                builder().jvmArguments(List.of("-XX:+NoSuchOption")).build()) {
            ResultIterator<Integer> results = pool.imap(i -> i, List.of(1, 2, 3, 4, 5));
            int failed = 0;
            while (results.hasNext()) {
                assertThatThrownBy(results::next).isInstanceOf(WorkerStartException.class);
                failed++;
            }
            assertThat(failed).isEqualTo(5);

            ResultIterator<Integer> endless =
                    pool.imap(i -> i, () -> Stream.iterate(0, i -> i + 1).iterator());
            for (int i = 0; i < 1000; i++) {
                assertThatThrownBy(endless::next).isInstanceOf(WorkerStartException.class);
            }
            endless.close();
        }
    }

    @Test
    void start_outage_doesNotDelayClose() {
        ProcessPool pool = builder().commandPrefix(List.of("false")).build();
        failureOf(pool.applyAsync(Deeds::pid), WorkerStartException.class);

        assertThat(Lifecycle.inThread(pool::close)).succeedsWithin(Duration.ofSeconds(5));

        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }

    // The tasks of a pool that was shut down before its first worker was there fail as well, and the pool ends.
    @Test
    void shutdown_workersCannotStart_tasksFailAndThePoolEnds() {
        ProcessPool pool = builder().commandPrefix(List.of("false")).build();
        TaskFuture<Long> task = pool.applyAsync(Deeds::pid);

        pool.shutdown();

        failureOf(task, WorkerStartException.class);
        Lifecycle.awaitTerminated(pool);
    }

    @Test
    void start_standbyCannotStart_servingWorkerServes() {
        try (ProcessPool pool = builder()
                .standbyWorkers(1)
                .initializer((TaskRunnable & Serializable) () -> {
                    if (WorkerContext.current().workerId() == 1) {
                        throw new IllegalStateException("no standby");
                    }
                })
                .build()) {
            events.expect(Kind.START_FAILED, event -> event.worker().id() == 1);

            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }
}
