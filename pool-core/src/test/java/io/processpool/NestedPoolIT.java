package io.processpool;

import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.inThread;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Processes and pools that tasks start. */
@ExtendWith(LeavesNothingBehind.class)
class NestedPoolIT {

    @TempDir
    Path directory;

    private final String inner = "inner-" + UUID.randomUUID().toString().substring(0, 8);

    // K1
    @Test
    void task_startsAProcess_works() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            String said = pool.apply(() -> {
                Process process = new ProcessBuilder("echo", "hello").start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor()).isZero();
                return output.strip();
            });
            assertThat(said).isEqualTo("hello");
        }
    }

    // K1, J5
    @Test
    void task_usesAPoolOfItsOwn_works() {
        String name = inner;
        try (ProcessPool pool = ProcessPool.create(1)) {
            List<Integer> squares = pool.apply(() -> {
                try (ProcessPool nested =
                        ProcessPool.builder().name(name).workers(2).build()) {
                    return nested.map(i -> i * i, List.of(1, 2, 3, 4));
                }
            });

            assertThat(squares).containsExactly(1, 4, 9, 16);
            assertThat(ChildJvm.workersOf(inner)).isEmpty();
        }
    }

    @Test
    void task_failsInAPoolOfItsOwn_theReasonArrives() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Integer> task = pool.applyAsync(() -> {
                try (ProcessPool nested = ProcessPool.create(1)) {
                    return nested.apply(() -> {
                        Deeds.halt(17);
                        return 1;
                    });
                }
            });

            TaskFailedException failure = failureOf(task, TaskFailedException.class);
            assertThat(failure).hasStackTraceContaining("exit code 17");
        }
    }

    /** Makes a pool in the worker that lives on after the task; its workers are ready. */
    private static int leaveAPoolBehind(String name) {
        ProcessPool nested = ProcessPool.builder().name(name).workers(2).build();
        WorkerContext.current().state().put("nested", nested);
        Lifecycle.awaitIdle(nested, 2);
        return nested.snapshot().workers().size();
    }

    // K4
    @Test
    void pool_leftOpenByATask_endsWithItsWorkerAndDelaysNobody() {
        String name = inner;
        ProcessPool pool = ProcessPool.create(1);
        assertThat(pool.apply(() -> leaveAPoolBehind(name))).isEqualTo(2);
        assertThat(ChildJvm.workersOf(inner)).hasSize(2);

        assertThat(inThread(pool::close)).succeedsWithin(Duration.ofSeconds(8));

        awaitNoInnerWorkers();
    }

    private void awaitNoInnerWorkers() {
        await("the end of the inner workers")
                .atMost(Lifecycle.PATIENCE)
                .untilAsserted(() -> assertThat(ChildJvm.workersOf(inner)).isEmpty());
    }

    // J2: a grandchild notices the death of its parent
    @Test
    void worker_withAPoolIsKilled_innerWorkersEnd() {
        String name = inner;
        try (ProcessPool pool = ProcessPool.create(1)) {
            pool.apply(() -> leaveAPoolBehind(name));
            long pid = only(pool).pid();

            signal("KILL", pid);

            awaitDeath(pid);
            awaitNoInnerWorkers();
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
        }
    }

    // G24
    @Test
    void terminate_innerPoolIsBusy_allEndSoon() {
        Signs signs = Signs.in(directory);
        String name = inner;
        ProcessPool pool = ProcessPool.create(1);
        TaskFuture<String> task = pool.applyAsync(() -> {
            try (ProcessPool nested =
                    ProcessPool.builder().name(name).workers(1).build()) {
                return nested.apply(() -> Deeds.ignoreInterrupts(signs, "begun"));
            }
        });
        signs.expect("begun");

        pool.terminate();

        failureOf(task, PoolClosedException.class);
        assertThat(inThread(pool::join)).succeedsWithin(Duration.ofSeconds(5));
        awaitNoInnerWorkers();
    }

    @Test
    void cancel_taskWaitsForItsOwnPool_innerTaskIsStoppedToo() {
        Signs signs = Signs.in(directory);
        String name = inner;
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(() -> {
                try (ProcessPool nested =
                        ProcessPool.builder().name(name).workers(1).build()) {
                    return nested.apply(() -> Deeds.hang(signs, "begun"));
                }
            });
            signs.expect("begun");

            task.cancel(true);

            awaitNoInnerWorkers();
            assertThat(pool.apply(() -> 1)).isEqualTo(1);
        }
    }

    // J12, K2: no fork bomb
    @Test
    void create_tooDeep_isRefusedWithTheRemedy() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(() -> {
                try (ProcessPool nested = ProcessPool.create(1)) {
                    return nested.apply(() -> {
                        try (ProcessPool third = ProcessPool.create(1)) {
                            return third.toString();
                        } catch (ProcessPoolException e) {
                            return e.getMessage();
                        }
                    });
                }
            });

            assertThat(Lifecycle.result(task))
                    .contains("A pool must not be created here", "depth=2", "processpool.maxDepth=2");
        }
    }

    // K2: by flag
    @Test
    void create_nestingForbidden_isRefused() {
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .jvmArguments(List.of("-Dprocesspool.maxDepth=1"))
                .build()) {
            assertThatThrownBy(() -> pool.apply(() -> ProcessPool.create(1).toString()))
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("processpool.maxDepth=1");
        }
    }

    /** Makes a pool as soon as it is loaded, in whatever process. */
    static final class PoolInStaticInitializer {
        static final ProcessPool POOL = ProcessPool.create(1);

        private PoolInStaticInitializer() {}

        static String use() {
            return POOL.apply(PoolInStaticInitializer::name);
        }

        static String name() {
            return "depth " + System.getenv("PROCESSPOOL_DEPTH");
        }
    }

    // J12
    @Test
    void create_inStaticInitializerThatWorkersLoad_isNoForkBomb() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<String> task = pool.applyAsync(PoolInStaticInitializer::use);

            TaskFailedException failure = failureOf(task, TaskFailedException.class);
            assertThat(failure).hasStackTraceContaining("A pool must not be created here");
            awaitEnd(inThread(pool::close));
        }
    }
}
