package io.processpool;

import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.result;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.Signs;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which a worker ends without having been told to, and with which words its task fails. */
class WorkerDeathIT extends WorkerLossFixture {

    // ---- exits ----------------------------------------------------------------------------------------------------

    // D13, J6, M3: System.exit in a task is the worker's death, with any code
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 42, 99, 130})
    void exit_inTask_failsTheTaskWithTheCode(int code) {
        try (ProcessPool pool = builder(1).build()) {
            long pid = pool.apply(Deeds::pid);

            TaskFuture<Integer> task = pool.applyAsync(
                    () -> {
                        System.exit(code);
                        return code;
                    },
                    TaskOptions.defaults().name("quitter"));

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure).isExactlyInstanceOf(WorkerLostException.class);
            assertThat(failure.exitCode()).isEqualTo(code);
            assertThat(failure.pid()).isEqualTo(pid);
            assertThat(failure.exit().worker()).isZero();
            assertThat(failure)
                    .hasMessageContainingAll(
                            "quitter", "pool=lossy", "worker=0", "pid=" + pid, "busy=", "idle=", "queued=");
            assertServes(pool, pid);
            RecordedEvents.Event lost = events.expect(Kind.LOST, pid);
            assertThat(((WorkerLostException) lost.detail()).exitCode()).isEqualTo(code);
            assertThat(pool.snapshot().workersLost()).isEqualTo(1);
            assertThat(pool.snapshot().tasksFailed()).isEqualTo(1);
        }
    }

    // J6
    @Test
    void halt_inTask_failsTheTaskWithTheCode() {
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Void> task = pool.applyAsync(() -> {
                Deeds.halt(7);
                return null;
            });

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure.exitCode()).isEqualTo(7);
            assertThat(failure.signalName()).isNull();
            assertThat(failure).hasMessageContaining("exit code 7");
            assertServes(pool, failure.pid());
        }
    }

    @Test
    void halt_afterWritingToStderr_lastWordsAreInTheException() {
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Void> task = pool.applyAsync(() -> {
                for (int i = 0; i < 100; i++) {
                    System.err.println("line " + i);
                }
                System.err.print("no end of line");
                System.err.flush();
                Deeds.halt(1);
                return null;
            });

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure.stderrTail())
                    .hasSizeBetween(5, 100)
                    .contains("line 99")
                    .endsWith("no end of line");
            assertThat(failure).hasMessageContainingAll("last words", "line 99 | no end of line");
        }
    }

    // J3
    @Test
    void kill_busyWorker_failsItsTaskOnly() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(2).build()) {
            TaskFuture<Long> first = pool.applyAsync(() -> Deeds.gated(signs, "first", "go"));
            signs.expect("first");
            long pid = pool.snapshot().workers().stream()
                    .filter(worker -> worker.currentTask() != null)
                    .findFirst()
                    .orElseThrow()
                    .pid();
            TaskFuture<Long> second = pool.applyAsync(() -> Deeds.gated(signs, "second", "go"));
            signs.expect("second");

            signal("KILL", pid);

            WorkerLostException failure = failureOf(first, WorkerLostException.class);
            assertThat(failure.exitCode()).isEqualTo(137);
            assertThat(failure.signalName()).isEqualTo("SIGKILL");
            assertThat(failure.pid()).isEqualTo(pid);
            assertThat(failure).hasMessageContaining("SIGKILL");
            assertThat(second.ready()).isFalse();
            signs.give("go");
            assertThat(result(second)).isNotEqualTo(pid);
            awaitIdle(pool, 2);
        }
    }

    // J3: SIGTERM goes to whole process groups, so a worker lets it pass
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void terminationSignal_toWorker_isIgnored(String name) {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");
            long pid = only(pool).pid();

            signal(name, pid);

            signs.give("go");
            assertThat(result(task)).isEqualTo(pid);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
        }
    }

    @Test
    void segmentationFault_inTask_errorFileIsFound() throws Exception {
        try (ProcessPool pool = builder(1).workingDirectory(directory).build()) {
            TaskFuture<Void> task = pool.applyAsync(() -> {
                Deeds.crash();
                return null;
            });

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure.signalName()).isEqualTo("SIGSEGV");
            Path file = failure.exit().errorPath();
            assertThat(file).isNotNull().exists().hasParent(directory);
            assertThat(failure).hasMessageContainingAll("SIGSEGV", file.toString());
            assertThat(Files.readString(file)).contains("putAddress");
            assertServes(pool, failure.pid());
        }
    }

    // ---- memory ---------------------------------------------------------------------------------------------------

    /** The ways to run out of memory. */
    enum Exhaustion {
        HEAP("Java heap space") {
            @Override
            Object exhaust() {
                List<byte[]> kept = new ArrayList<>();
                while (true) {
                    kept.add(new byte[1 << 20]);
                }
            }
        },
        ARRAY_SIZE("Requested array size exceeds VM limit") {
            @Override
            Object exhaust() {
                return new long[Integer.MAX_VALUE];
            }
        },
        DIRECT_MEMORY("direct buffer memory") {
            @Override
            Object exhaust() {
                List<ByteBuffer> kept = new ArrayList<>();
                while (true) {
                    kept.add(ByteBuffer.allocateDirect(16 << 20));
                }
            }
        },
        OTHER_THREAD("Java heap space") {
            @Override
            Object exhaust() throws InterruptedException {
                Thread thread = new Thread(HEAP::exhaustQuietly);
                thread.start();
                new CountDownLatch(1).await();
                return thread;
            }
        },
        THROWN_BY_HAND("made by hand") {
            @Override
            Object exhaust() {
                throw new OutOfMemoryError("made by hand");
            }
        };

        final String message;

        Exhaustion(String message) {
            this.message = message;
        }

        abstract Object exhaust() throws InterruptedException;

        void exhaustQuietly() {
            try {
                exhaust();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Exhaustion.class)
    void outOfMemory_inTask_isNamedAndTheWorkerReplaced(Exhaustion exhaustion) {
        try (ProcessPool pool = builder(1).maxHeap(48L << 20).build()) {
            TaskFuture<Object> task = pool.applyAsync(exhaustion::exhaust);

            WorkerOutOfMemoryException failure = failureOf(task, WorkerOutOfMemoryException.class);

            assertThat(failure.getMessage()).containsIgnoringCase(exhaustion.message);
            assertThat(failure).hasMessageContaining("out of memory");
            assertServes(pool, failure.pid());
        }
    }

    // The reason is said where the pool listens, wherever the task has led System.err.
    @Test
    void outOfMemory_stderrIsReplaced_isNamedAllTheSame() {
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Void> task = pool.applyAsync(() -> {
                System.setErr(new PrintStream(OutputStream.nullOutputStream()));
                throw new OutOfMemoryError("made by hand");
            });

            assertThat(failureOf(task, WorkerOutOfMemoryException.class)).hasMessageContaining("made by hand");
            assertServes(pool, 0);
        }
    }

    /** Cannot even be described. */
    private static final class Unspeakable extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new InternalError("on purpose");
        }
    }

    // A worker that answers pings, but has lost the thread that runs tasks, would keep its task for ever.
    @Test
    void error_whileAFailureIsDescribed_endsTheWorkerWithTheReason() {
        try (ProcessPool pool = builder(1).build()) {
            TaskFuture<Void> task = pool.applyAsync(() -> {
                throw new Unspeakable();
            });
            TaskFuture<Long> queued = pool.applyAsync(Deeds::pid);

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure)
                    .hasMessageContaining("This worker cannot go on: java.lang.InternalError: on purpose at ");
            assertThat(result(queued)).isNotEqualTo(failure.pid());
        }
    }

    @Test
    void stackOverflow_inTask_isAnOrdinaryFailure() {
        try (ProcessPool pool = builder(1).build()) {
            long pid = pool.apply(Deeds::pid);

            TaskFuture<Integer> task = pool.applyAsync(() -> depth(0));

            assertThat(failureOf(task, TaskFailedException.class)).hasCauseInstanceOf(StackOverflowError.class);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
        }
    }

    private static int depth(int reached) {
        return reached < 0 ? 0 : depth(reached + 1) + 1;
    }
}
