package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.inThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.ShortTempDir;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every state that a pool can be in, against every way to end it: nothing hangs, every handle ends, nothing is left. */
@ExtendWith(LeavesNothingBehind.class)
class StateStopMatrixIT {

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    private final String pool = "matrix-" + UUID.randomUUID().toString().substring(0, 8);

    /** The ways to end a pool. */
    enum Stop {
        SHUTDOWN_AND_JOIN {
            @Override
            void stop(MatrixScene scene) throws InterruptedException {
                scene.pool().shutdown();
                scene.signs.give("go");
                assertThat(scene.pool().join(PATIENCE)).as("joined").isTrue();
            }
        },
        CLOSE {
            @Override
            void stop(MatrixScene scene) {
                ProcessPool pool = scene.pool();
                CompletableFuture<Void> close = inThread(pool::close);
                await().until(() -> pool.snapshot().state() != PoolState.RUNNING);
                scene.signs.give("go");
                awaitEnd(close);
            }
        },
        CLOSE_IMPATIENTLY {
            @Override
            ProcessPool.Builder prepare(ProcessPool.Builder builder) {
                return builder.shutdownTimeout(Duration.ofMillis(100));
            }

            @Override
            void stop(MatrixScene scene) {
                scene.pool().close();
            }
        },
        TERMINATE {
            @Override
            void stop(MatrixScene scene) throws InterruptedException {
                scene.pool().terminate();
                assertThat(scene.pool().join(PATIENCE)).as("joined").isTrue();
            }
        },
        /** Nobody refers to the pool any more; then it finishes what it has. */
        GARBAGE_COLLECTION {
            @Override
            void stop(MatrixScene scene) {
                scene.drop();
                scene.signs.give("go");
            }
        },
        /** Takes another JVM, which exits in the state. */
        JVM_EXIT {
            @Override
            void stop(MatrixScene scene) {
                throw new UnsupportedOperationException("not this JVM");
            }
        };

        ProcessPool.Builder prepare(ProcessPool.Builder builder) {
            return builder;
        }

        /** Ends the pool; returns when it has ended, if somebody still refers to it. */
        abstract void stop(MatrixScene scene) throws InterruptedException;
    }

    static Stream<Arguments> matrix() {
        return Stream.of(MatrixState.values())
                .flatMap(state -> Stream.of(Stop.values()).map(stop -> Arguments.of(state, stop)));
    }

    // G7, G15, G17, G18, G20, G24, E9; point 10 of the lessons
    @ParameterizedTest(name = "{0} x {1}")
    @MethodSource("matrix")
    void stop_inState_endsEverything(MatrixState state, Stop stop) throws InterruptedException {
        if (stop == Stop.JVM_EXIT) {
            exitInState(state);
            return;
        }
        MatrixScene scene = new MatrixScene(Signs.in(directory), pool, stop::prepare);
        scene.enter(state);

        stop.stop(scene);

        if (stop == Stop.GARBAGE_COLLECTION) {
            await("the end of the pool").atMost(PATIENCE).untilAsserted(() -> {
                System.gc();
                assertThat(ChildJvm.workersOf(pool)).isEmpty();
                assertThat(scene.tasks).allMatch(TaskFuture::ready);
            });
        } else {
            assertThat(scene.pool().snapshot().state()).isEqualTo(PoolState.TERMINATED);
            assertThat(scene.pool().snapshot().workers()).isEmpty();
        }
        assertThat(ChildJvm.workersOf(pool)).isEmpty();
        assertThat(scene.tasks).allMatch(TaskFuture::ready);
        awaitEnd(inThread(scene::exhaust));
    }

    private void exitInState(MatrixState state) throws InterruptedException {
        Signs signs = Signs.in(directory);
        try (ChildJvm child = ChildJvm.start(
                directory, List.of(), List.of(), MatrixExit.class, List.of(state.name(), directory.toString(), pool))) {

            assertThat(child.end()).as(child.errors()).isZero();

            assertThat(signs.given(MatrixExit.ENDED))
                    .as("all have ended; it wrote: %s", child.errors())
                    .isTrue();
            child.expectNothingLeft(pool);
        }
    }
}
