package io.processpool;

import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.awaitTerminated;
import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.inThread;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.RecordedEvents.Event;
import io.processpool.RecordedEvents.Kind;
import io.processpool.internal.transport.BreakingOutlet;
import io.processpool.testing.Signs;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The moments of {@code docs/faults.md} at which a fault is committed, in the order of its rows. */
enum FaultMoment {
    ENCODE_TASK("the argument is encoded, in the pool's process") {
        @Override
        void play(FaultScene scene) {
            travel(scene, Parcel.Stop.ARGUMENT_IS_WRITTEN);
        }
    },

    DECODE_TASK("the argument is decoded") {
        @Override
        void play(FaultScene scene) {
            travel(scene, Parcel.Stop.ARGUMENT_IS_READ);
        }
    },

    RUN("the task runs") {
        @Override
        void play(FaultScene scene) {
            travel(scene, Parcel.Stop.TASK_RUNS);
        }
    },

    ENCODE_RESULT("the result is encoded") {
        @Override
        void play(FaultScene scene) {
            travel(scene, Parcel.Stop.RESULT_IS_WRITTEN);
        }
    },

    DECODE_RESULT("the result is decoded, in the pool's process") {
        @Override
        void play(FaultScene scene) {
            travel(scene, Parcel.Stop.RESULT_IS_READ);
        }
    },

    INITIALIZER("the initializer runs") {
        @Override
        void play(FaultScene scene) {
            Fault fault = scene.fault();
            Signs signs = scene.signs();
            try (ProcessPool pool = scene.builder()
                    .startTimeout(patience(fault))
                    .initializer(() -> firstOnly(fault, signs))
                    .build()) {
                FaultScene.expectArrival(scene.others(pool));

                Event failed = scene.events().expect(Kind.START_FAILED, event -> true);
                assertThat(failed.detail()).isInstanceOf(WorkerStartException.class);
                scene.outcome().check((Throwable) failed.detail(), fault);
                scene.expectService(pool);
                assertThat(pool.snapshot().tasksFailed()).isZero();
            }
        }
    },

    FINALIZER("the finalizer runs") {
        @Override
        void play(FaultScene scene) {
            Fault fault = scene.fault();
            Signs signs = scene.signs();
            try (ProcessPool pool = scene.builder()
                    .startTimeout(patience(fault))
                    .finalizer(() -> firstOnly(fault, signs))
                    .build()) {
                long pid = pool.apply(Deeds::pid);

                pool.recycle(0);

                FaultScene.expectArrival(scene.others(pool));
                Kind kind = scene.outcome() == FaultOutcome.THREW ? Kind.RETIRED : Kind.LOST;
                Event end = scene.events().expect(kind, pid);
                if (kind == Kind.LOST) {
                    scene.outcome().check((Throwable) end.detail(), fault);
                }
                assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
                assertThat(pool.snapshot().tasksFailed()).isZero();
            }
        }
    },

    SHUTDOWN("the pool shuts down and the task runs") {
        @Override
        void play(FaultScene scene) {
            Signs signs = scene.signs();
            try (ProcessPool pool = scene.builder().build()) {
                TaskFuture<?> faulty = submitWaiting(pool, scene);
                TaskFuture<List<Parcel>> others = scene.others(pool);

                pool.shutdown();
                signs.give("go");

                scene.expectOutcome(faulty);
                FaultScene.expectArrival(others);
                awaitTerminated(pool);
            }
        }
    },

    LARGE_FRAME_IN_MEMORY("a large result is half sent, through shared memory") {
        @Override
        void play(FaultScene scene) {
            send(scene, true);
        }
    },

    LARGE_FRAME_IN_SOCKET("a large result is half sent, through the socket") {
        @Override
        void play(FaultScene scene) {
            send(scene, false);
        }
    },

    RECYCLING("the worker is being recycled and the task runs") {
        @Override
        void play(FaultScene scene) {
            try (ProcessPool pool = scene.builder().build()) {
                TaskFuture<?> faulty = submitWaiting(pool, scene);
                long pid = Lifecycle.only(pool).pid();

                pool.recycle(0);
                if (scene.fault() != Fault.ENDLESS_LOOP) {
                    awaitWorkers(pool, WorkerState.RETIRING, 1);
                }
                scene.signs().give("go");

                scene.expectOutcome(faulty);
                assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
                scene.expectService(pool);
                scene.events().expect(scene.outcome().sparesTheWorker() ? Kind.RETIRED : Kind.LOST, pid);
            }
        }
    };

    private static final int LARGE = 8 << 20;

    private final String row;

    FaultMoment(String row) {
        this.row = row;
    }

    /** Returns how its row begins in the document. */
    String row() {
        return row;
    }

    /** Whether it is the pool's own process that does it. */
    boolean inThePoolsProcess() {
        return this == ENCODE_TASK || this == DECODE_RESULT;
    }

    /** Commits the fault at this moment, and asserts what comes of it. */
    abstract void play(FaultScene scene);

    /** How long a worker may take to start, or to end: no longer than it must if it is to take too long. */
    private static Duration patience(Fault fault) {
        return Duration.ofSeconds(fault == Fault.ENDLESS_LOOP ? 5 : 40);
    }

    private static void firstOnly(Fault fault, Signs signs) {
        if (!signs.given("committed")) {
            signs.give("committed");
            fault.commitUnchecked(signs);
        }
    }

    private static void travel(FaultScene scene, Parcel.Stop stop) {
        try (ProcessPool pool = scene.builder().build()) {
            long pid = pool.apply(Deeds::pid);
            if (scene.outcome() == FaultOutcome.WAITS) {
                waitFor(pool, scene, stop);
            } else if (scene.fault() == Fault.ENDLESS_LOOP) {
                Parcel parcel = Parcel.faulty(1, scene.fault(), stop, scene.signs());
                TaskFuture<Parcel> faulty = pool.applyAsync(Parcel::carry, parcel, scene.options());
                TaskFuture<List<Parcel>> others = scene.others(pool);
                scene.expectOutcome(faulty);
                FaultScene.expectArrival(others);
            } else {
                scene.outcome().check(scene.mapWithOneFaulty(pool, stop), scene.fault());
            }
            scene.expectService(pool, pid);
        }
    }

    /** Whoever encodes or decodes waits for itself, and nobody else does; in the end it has what it waited for. */
    private static void waitFor(ProcessPool pool, FaultScene scene, Parcel.Stop stop) {
        Parcel parcel = Parcel.faulty(1, scene.fault(), stop, scene.signs());
        CompletableFuture<Void> waiting = inThread(
                () -> assertThat(pool.apply(Parcel::carry, parcel).number()).isEqualTo(1));
        scene.signs().expect("looping");

        scene.expectService(pool);

        assertThat(waiting).isNotDone();
        scene.signs().give("enough");
        awaitEnd(waiting);
    }

    /** Submits a task that commits its fault when it may go; waits until it has begun. */
    private static TaskFuture<?> submitWaiting(ProcessPool pool, FaultScene scene) {
        Fault fault = scene.fault();
        Signs signs = scene.signs();
        TaskFuture<Void> task = pool.applyAsync(
                () -> {
                    signs.give("begun");
                    if (fault != Fault.ENDLESS_LOOP) {
                        signs.await("go");
                    }
                    fault.commit(signs);
                    return null;
                },
                scene.options());
        signs.expect("begun");
        return task;
    }

    private static void send(FaultScene scene, boolean sharedMemory) {
        Fault fault = scene.fault();
        Signs signs = scene.signs();
        try (ProcessPool pool = scene.builder().sharedMemory(sharedMemory).build()) {
            long pid = pool.apply(Deeds::pid);
            TaskFuture<byte[]> faulty = pool.applyAsync(
                    () -> {
                        BreakingOutlet.install(Deeds.channel(), () -> fault.commitUnchecked(signs));
                        return new byte[LARGE];
                    },
                    scene.options());
            TaskFuture<List<Parcel>> others = scene.others(pool);

            scene.expectOutcome(faulty);
            FaultScene.expectArrival(others);
            scene.expectService(pool, pid);
        }
    }
}
