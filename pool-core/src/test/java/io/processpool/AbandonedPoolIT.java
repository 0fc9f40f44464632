package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Pools that nobody closes and nobody can reach any more. */
@ExtendWith(LeavesNothingBehind.class)
class AbandonedPoolIT {

    @TempDir
    Path directory;

    private CapturedLog log;

    @BeforeEach
    void captureLog() {
        log = CapturedLog.of("io.processpool.internal");
    }

    @AfterEach
    void releaseLog() {
        log.close();
    }

    private List<ILoggingEvent> warnings(String pool) {
        return log.events(Level.WARN, "pool " + Lifecycle.unique(pool) + " was dropped without close()");
    }

    /** Collects garbage until the pool was noticed. */
    private void awaitWarning(String pool) {
        await("the warning")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    System.gc();
                    return !warnings(pool).isEmpty();
                });
    }

    private static void awaitNoWorkers(String pool) {
        await("the end of the workers")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(ChildJvm.workersOf(Lifecycle.unique(pool))).isEmpty());
    }

    // The pools are made in methods of their own, so that no stack frame of the test refers to them.

    private static void dropIdlePool(String name) {
        ProcessPool pool =
                ProcessPool.builder().name(Lifecycle.unique(name)).workers(2).build();
        awaitIdle(pool, 2);
    }

    // G5, G15
    @Test
    void drop_idlePool_endsWithOneWarningThatSaysWhereItWasMade() {
        dropIdlePool("dropped");

        awaitWarning("dropped");

        awaitNoWorkers("dropped");
        assertThat(warnings("dropped")).hasSize(1);
        assertThat(warnings("dropped").get(0).getThrowableProxy().getStackTraceElementProxyArray())
                .extracting(StackTraceElementProxy::getSTEAsString)
                .anyMatch(line -> line.contains("AbandonedPoolIT.dropIdlePool"));
    }

    // G15
    @Test
    void drop_tasksRunningAndQueued_finishThem() {
        Signs signs = Signs.in(directory);
        List<TaskFuture<Long>> tasks = dropBusyPool(signs);
        signs.expect("begun", 1);

        awaitWarning("busy");

        assertThat(tasks).noneMatch(TaskFuture::ready);
        signs.give("go");
        assertThat(tasks.stream().map(Lifecycle::result).distinct()).hasSize(1);
        awaitNoWorkers("busy");
    }

    private static List<TaskFuture<Long>> dropBusyPool(Signs signs) {
        ProcessPool pool =
                ProcessPool.builder().name(Lifecycle.unique("busy")).workers(1).build();
        return Lifecycle.submitGated(pool, signs, 4);
    }

    // E8
    @Test
    void drop_whileRecycling_finishesTheTasks() {
        List<TaskFuture<Long>> tasks = dropRecyclingPool();

        awaitWarning("recycling");

        assertThat(tasks.stream().map(Lifecycle::result))
                .doesNotHaveDuplicates()
                .hasSize(4);
        awaitNoWorkers("recycling");
    }

    private static List<TaskFuture<Long>> dropRecyclingPool() {
        ProcessPool pool = ProcessPool.builder()
                .name(Lifecycle.unique("recycling"))
                .workers(1)
                .maxTasksPerWorker(1)
                .build();
        return IntStream.range(0, 4).mapToObj(i -> pool.applyAsync(Deeds::pid)).toList();
    }

    // G15: whoever still reads results gets those that were pulled, and then the truth
    @Test
    void drop_lazyMapHalfRead_deliversWhatWasPulled() {
        ResultIterator<Integer> results = dropPoolWithIterator();
        assertThat(results.next()).isZero();

        awaitWarning("iterated");

        awaitNoWorkers("iterated");
        assertThatThrownBy(() ->
                        results.forEachRemaining(value -> assertThat(value).isPositive()))
                .isInstanceOf(PoolClosedException.class);
    }

    private static ResultIterator<Integer> dropPoolWithIterator() {
        ProcessPool pool = ProcessPool.builder()
                .name(Lifecycle.unique("iterated"))
                .workers(1)
                .build();
        Iterable<Integer> endless = () -> Stream.iterate(0, i -> i + 1).iterator();
        return pool.imap(i -> i, endless);
    }

    @Test
    void drop_executorViewStillHeld_isNotDropped() throws Exception {
        ExecutorService view = viewOfPool();
        dropIdlePool("unviewed");
        awaitWarning("unviewed");

        Future<Long> task = view.submit((java.util.concurrent.Callable<Long> & java.io.Serializable) Deeds::pid);

        assertThat(task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isPositive();
        assertThat(warnings("viewed")).isEmpty();
        view.shutdown();
        assertThat(view.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    private static ExecutorService viewOfPool() {
        return ProcessPool.builder()
                .name(Lifecycle.unique("viewed"))
                .workers(1)
                .build()
                .asExecutorService();
    }

    @Test
    void drop_afterCloseOrShutdown_warnsNot() {
        dropEndedPools();
        // Those were dropped before, so they have been looked at when this one is noticed, or soon after.
        dropIdlePool("unended");
        awaitWarning("unended");
        awaitNoWorkers("shut-down");

        for (String name : List.of("closed", "shut-down", "terminated")) {
            assertThat(warnings(name)).as(name).isEmpty();
        }
        awaitNoWorkers("unended");
    }

    private static void dropEndedPools() {
        ProcessPool.builder()
                .name(Lifecycle.unique("closed"))
                .workers(1)
                .build()
                .close();
        ProcessPool.builder()
                .name(Lifecycle.unique("shut-down"))
                .workers(1)
                .build()
                .shutdown();
        ProcessPool.builder()
                .name(Lifecycle.unique("terminated"))
                .workers(1)
                .build()
                .terminate();
    }

    @Test
    void drop_manyPools_allAreNoticed() {
        List<TaskFuture<Long>> tasks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            tasks.add(dropPoolWithTask("many-" + i));
        }
        for (int i = 0; i < 3; i++) {
            awaitWarning("many-" + i);
            assertThat(result(tasks.get(i))).isPositive();
            awaitNoWorkers("many-" + i);
        }
    }

    private static TaskFuture<Long> dropPoolWithTask(String name) {
        return ProcessPool.builder()
                .name(Lifecycle.unique(name))
                .workers(1)
                .build()
                .applyAsync(Deeds::pid);
    }

    // A blocking call keeps its pool reachable, even if nobody else does.
    @Test
    void apply_onPoolThatNobodyHolds_isNotCutShort() {
        for (int i = 0; i < 5; i++) {
            System.gc();
            long pid = ProcessPool.builder()
                    .name(Lifecycle.unique("fleeting"))
                    .workers(1)
                    .build()
                    .apply(Deeds::pid);
            assertThat(pid).isPositive();
        }
        awaitWarning("fleeting");
        awaitNoWorkers("fleeting");
    }
}
