package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.inThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import io.processpool.testing.Sources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    private static final String NAME = Lifecycle.unique("matrix");

    @TempDir
    Path directory;

    /** A pool in some state, with the handles of its tasks. */
    private static final class Scene {
        final Signs signs;
        final List<TaskFuture<?>> tasks = new ArrayList<>();
        final List<ResultIterator<?>> iterators = new ArrayList<>();

        final Stop stop;

        Scene(Signs signs, Stop stop) {
            this.signs = signs;
            this.stop = stop;
        }

        ProcessPool.Builder builder() {
            return stop.prepare(ProcessPool.builder().name(NAME).workers(2));
        }

        void submitGated(ProcessPool pool, String begun) {
            Signs travelling = signs;
            tasks.add(pool.applyAsync(() -> Deeds.gated(travelling, begun, "go")));
        }
    }

    /** The states; each brings a pool into it, certainly. */
    enum State {
        STARTING {
            @Override
            ProcessPool enter(Scene scene) {
                Signs signs = scene.signs;
                ProcessPool pool = scene.builder()
                        .initializer(() -> {
                            signs.give("starting-" + Deeds.pid());
                            signs.await("go");
                        })
                        .build();
                scene.tasks.add(pool.applyAsync(Deeds::pid));
                signs.expect("starting", 2);
                return pool;
            }
        },
        IDLE {
            @Override
            ProcessPool enter(Scene scene) {
                ProcessPool pool = scene.builder().build();
                scene.tasks.add(pool.applyAsync(Deeds::pid));
                awaitIdle(pool, 2);
                return pool;
            }
        },
        RUNNING {
            @Override
            ProcessPool enter(Scene scene) {
                ProcessPool pool = scene.builder().build();
                scene.submitGated(pool, "begun-1");
                scene.submitGated(pool, "begun-2");
                scene.signs.expect("begun", 2);
                return pool;
            }
        },
        QUEUED {
            @Override
            ProcessPool enter(Scene scene) {
                ProcessPool pool = RUNNING.enter(scene);
                for (int i = 3; i < 20; i++) {
                    scene.submitGated(pool, "queued-" + i);
                }
                Signs signs = scene.signs;
                scene.tasks.add(pool.mapAsync(
                        i -> {
                            signs.await("go");
                            return i;
                        },
                        List.of(1, 2, 3, 4, 5)));
                return pool;
            }
        },
        HALF_READ_ITERATOR {
            @Override
            ProcessPool enter(Scene scene) {
                ProcessPool pool = scene.builder().build();
                ResultIterator<Integer> ordered = pool.imap(
                        x -> x, Sources.endless(), MapOptions.defaults().maxInFlight(4));
                ResultIterator<Integer> unordered = pool.imapUnordered(x -> x, Sources.endless());
                ordered.next();
                unordered.next();
                scene.iterators.add(ordered);
                scene.iterators.add(unordered);
                return pool;
            }
        },
        RECYCLING {
            @Override
            ProcessPool enter(Scene scene) {
                Signs signs = scene.signs;
                ProcessPool pool = scene.builder()
                        .initializer(() -> {
                            if (WorkerContext.current().generation() > 0) {
                                signs.give("successor");
                                signs.await("go");
                            }
                        })
                        .build();
                scene.submitGated(pool, "begun-1");
                scene.submitGated(pool, "begun-2");
                signs.expect("begun", 2);
                pool.recycleAll();
                signs.expect("successor");
                scene.tasks.add(pool.applyAsync(Deeds::pid));
                return pool;
            }
        },
        RETIRING {
            @Override
            ProcessPool enter(Scene scene) {
                Signs signs = scene.signs;
                ProcessPool pool = scene.builder()
                        .maxTasksPerWorker(1)
                        .finalizer(() -> {
                            signs.give("retiring-" + Deeds.pid());
                            signs.await("go");
                        })
                        .build();
                scene.tasks.add(pool.applyAsync(Deeds::pid));
                signs.expect("retiring", 1);
                scene.tasks.add(pool.applyAsync(Deeds::pid));
                return pool;
            }
        },
        INITIALIZER_FAILING {
            @Override
            ProcessPool enter(Scene scene) {
                Signs signs = scene.signs;
                ProcessPool pool = scene.builder()
                        .initializer(() -> {
                            signs.give("failing-" + Deeds.pid());
                            throw new IllegalStateException("on purpose");
                        })
                        .build();
                scene.tasks.add(pool.applyAsync(Deeds::pid));
                signs.expect("failing", 3);
                return pool;
            }
        },
        JUST_CRASHED {
            @Override
            ProcessPool enter(Scene scene) {
                ProcessPool pool = scene.builder().build();
                TaskFuture<Long> crash = pool.applyAsync(() -> {
                    Deeds.halt(3);
                    return 0L;
                });
                scene.tasks.add(crash);
                scene.tasks.add(pool.applyAsync(Deeds::pid));
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(crash::ready);
                scene.tasks.add(pool.applyAsync(Deeds::pid));
                return pool;
            }
        },
        WORKER_STOPPED {
            @Override
            ProcessPool enter(Scene scene) {
                ProcessPool pool = scene.builder()
                        .workers(1)
                        .heartbeatTimeout(Duration.ofSeconds(1))
                        .build();
                scene.submitGated(pool, "begun");
                scene.signs.expect("begun");
                long pid = Lifecycle.only(pool).pid();
                Lifecycle.signal("STOP", pid);
                return pool;
            }
        };

        /** Returns a pool in this state; its tasks end when "go" is given. */
        abstract ProcessPool enter(Scene scene);
    }

    /** The ways to end a pool. */
    enum Stop {
        SHUTDOWN_AND_JOIN {
            @Override
            void stop(ProcessPool pool, Signs signs) throws InterruptedException {
                pool.shutdown();
                signs.give("go");
                assertThat(pool.join(PATIENCE)).as("joined").isTrue();
            }
        },
        CLOSE {
            @Override
            void stop(ProcessPool pool, Signs signs) {
                CompletableFuture<Void> close = inThread(pool::close);
                await().until(() -> pool.snapshot().state() != PoolState.RUNNING);
                signs.give("go");
                awaitEnd(close);
            }
        },
        CLOSE_IMPATIENTLY {
            @Override
            ProcessPool.Builder prepare(ProcessPool.Builder builder) {
                return builder.shutdownTimeout(Duration.ofMillis(100));
            }

            @Override
            void stop(ProcessPool pool, Signs signs) {
                pool.close();
            }
        },
        TERMINATE {
            @Override
            void stop(ProcessPool pool, Signs signs) throws InterruptedException {
                pool.terminate();
                assertThat(pool.join(PATIENCE)).as("joined").isTrue();
            }
        };

        ProcessPool.Builder prepare(ProcessPool.Builder builder) {
            return builder;
        }

        /** Ends the pool; returns when it has ended. */
        abstract void stop(ProcessPool pool, Signs signs) throws InterruptedException;
    }

    static Stream<Arguments> matrix() {
        return Stream.of(State.values())
                .flatMap(state -> Stream.of(Stop.values()).map(stop -> Arguments.of(state, stop)));
    }

    // G17, G20, G24, E9; point 10 of the lessons
    @ParameterizedTest(name = "{0} x {1}")
    @MethodSource("matrix")
    void stop_inState_endsEverything(State state, Stop stop) throws InterruptedException {
        Signs signs = Signs.in(directory);
        Scene scene = new Scene(signs, stop);
        ProcessPool pool = state.enter(scene);

        stop.stop(pool, signs);

        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        assertThat(pool.snapshot().workers()).isEmpty();
        assertThat(ChildJvm.workersOf(NAME)).isEmpty();
        assertThat(scene.tasks).allMatch(TaskFuture::ready);
        for (ResultIterator<?> iterator : scene.iterators) {
            awaitEnd(inThread(() -> exhaust(iterator)));
        }
    }

    private static void exhaust(ResultIterator<?> iterator) {
        boolean more = true;
        while (more) {
            try {
                more = iterator.hasNext();
                if (more) {
                    iterator.next();
                }
            } catch (PoolClosedException e) {
                assertThat(iterator.hasNext()).isFalse();
            }
        }
    }
}
