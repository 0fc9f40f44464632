package io.processpool;

import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.inThread;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNothingBehind.class)
class ThreadDumpIT {

    @TempDir
    Path directory;

    @Test
    void threadDump_busyWorker_showsWhereTheTaskIs() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");

            String dump = pool.threadDump(0);

            assertThat(dump)
                    .contains(
                            "\"processpool-task\"", "java.lang.Thread.State: ", "\tat ", "io.processpool.Deeds.gated(");
            assertThat(task.ready()).as("the task was not disturbed").isFalse();
            signs.give("go");
            assertThat(result(task)).isPositive();
        }
    }

    @Test
    void threadDump_idleWorker_works() {
        try (ProcessPool pool = ProcessPool.create(2)) {
            awaitIdle(pool, 2);

            assertThat(pool.threadDump(0)).contains("\"processpool-task\"").doesNotContain("Deeds");
            assertThat(pool.threadDump(1)).contains("\"processpool-task\"");
        }
    }

    @Test
    void threadDump_byManyAtOnce_allGetOne() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            awaitIdle(pool, 1);

            Stream.generate(() -> inThread(() -> assertThat(pool.threadDump(0)).contains("processpool-task")))
                    .limit(8)
                    .toList()
                    .forEach(Lifecycle::awaitEnd);
        }
    }

    @Test
    void threadDump_unknownWorker_isRefused() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            assertThatThrownBy(() -> pool.threadDump(1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("workerId=1");
        }
    }

    @Test
    void threadDump_workerDoesNotEvenRun_saysSo() {
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .commandPrefix(java.util.List.of("sleep", "600"))
                .build()) {
            assertThatThrownBy(() -> pool.threadDump(0))
                    .isInstanceOf(ProcessPoolException.class)
                    .hasMessageContaining("not connected");
            pool.terminate();
        }
    }

    // A worker that hangs in its initializer is one that a dump is wanted of.
    @Test
    void threadDump_initializerRuns_showsIt() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .initializer(() -> Deeds.gated(signs, "begun", "go"))
                .build()) {
            signs.expect("begun");

            assertThat(pool.threadDump(0)).contains("Deeds.gated");

            signs.give("go");
            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }

    @Test
    void threadDump_callerIsInterrupted_throwsAndKeepsTheFlag() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            awaitIdle(pool, 1);
            AtomicReference<Boolean> flag = new AtomicReference<>();
            awaitEnd(inThread(() -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> pool.threadDump(0))
                        .isInstanceOf(ProcessPoolException.class)
                        .hasMessageContaining("interrupted");
                flag.set(Thread.currentThread().isInterrupted());
            }));
            assertThat(flag.get()).isTrue();
        }
    }
}
