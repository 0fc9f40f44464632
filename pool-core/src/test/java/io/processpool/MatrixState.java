package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitIdle;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Signs;
import io.processpool.testing.Sources;
import java.time.Duration;
import java.util.List;

/** The states that a pool can be in when it is ended; each brings a pool into it, certainly. */
enum MatrixState {
    STARTING {
        @Override
        ProcessPool enter(MatrixScene scene) {
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
        ProcessPool enter(MatrixScene scene) {
            ProcessPool pool = scene.builder().build();
            scene.tasks.add(pool.applyAsync(Deeds::pid));
            awaitIdle(pool, 2);
            return pool;
        }
    },
    RUNNING {
        @Override
        ProcessPool enter(MatrixScene scene) {
            ProcessPool pool = scene.builder().build();
            scene.submitGated(pool, "begun-1");
            scene.submitGated(pool, "begun-2");
            scene.signs.expect("begun", 2);
            return pool;
        }
    },
    QUEUED {
        @Override
        ProcessPool enter(MatrixScene scene) {
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
        ProcessPool enter(MatrixScene scene) {
            ProcessPool pool = scene.builder().build();
            ResultIterator<Integer> ordered =
                    pool.imap(x -> x, Sources.endless(), MapOptions.defaults().maxInFlight(4));
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
        ProcessPool enter(MatrixScene scene) {
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
        ProcessPool enter(MatrixScene scene) {
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
        ProcessPool enter(MatrixScene scene) {
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
        ProcessPool enter(MatrixScene scene) {
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
        ProcessPool enter(MatrixScene scene) {
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
    abstract ProcessPool enter(MatrixScene scene);
}
