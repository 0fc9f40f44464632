package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import io.processpool.testing.Sources;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A full queue. */
abstract class SaturationContract extends PoolContract {

    SaturationContract(Mode mode) {
        super(mode);
    }

    /** Makes the only worker busy and fills the queue. */
    private static List<TaskFuture<?>> fill(ProcessPool pool, Gate gate, int queueCapacity) {
        List<TaskFuture<?>> all = new ArrayList<>();
        all.add(pool.applyAsync(gate::pass));
        gate.awaitArrivals(1);
        for (int i = 0; i < queueCapacity; i++) {
            all.add(pool.applyAsync(Tasks::square, i));
        }
        return all;
    }

    private ProcessPool pool(int queueCapacity, Saturation saturation) {
        return builder()
                .workers(1)
                .name("saturated")
                .queueCapacity(queueCapacity)
                .saturation(saturation)
                .build();
    }

    /** Runs a call in a thread of its own and waits until it blocks. */
    private static final class Blocked {
        final AtomicReference<Object> result = new AtomicReference<>();
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        final AtomicReference<Boolean> interrupted = new AtomicReference<>();
        final Thread thread;

        Blocked(java.util.concurrent.Callable<?> call) {
            thread = new Thread(() -> {
                thrown.set(catchThrowable(() -> result.set(call.call())));
                interrupted.set(Thread.currentThread().isInterrupted());
            });
            thread.start();
            await().atMost(LONG).until(() -> thread.getState() == Thread.State.WAITING);
        }

        void join() {
            Tasks.unchecked(() -> {
                thread.join(LONG.toMillis());
                return null;
            });
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void submit_queueFullAndReject_throwsWithNameAndNumbersAndRecovers() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2, Saturation.REJECT)) {
            List<TaskFuture<?>> accepted = fill(pool, gate, 2);
            assertThat(pool.snapshot().queueRemaining()).isZero();

            assertThatThrownBy(() -> pool.applyAsync(
                            Tasks::square, 1, TaskOptions.defaults().name("one too many")))
                    .isInstanceOf(PoolSaturatedException.class)
                    .hasMessageContainingAll("one too many", "queueCapacity=2", "pool=saturated", "queued=2");
            assertThatThrownBy(() -> pool.apply(() -> 1)).isInstanceOf(PoolSaturatedException.class);

            PoolSnapshot full = pool.snapshot();
            assertThat(full.tasksRejected()).isEqualTo(2);
            assertThat(full.tasksSubmitted()).isEqualTo(3);
            assertThat(full.tasksQueued()).isEqualTo(2);
            gate.open();
            for (TaskFuture<?> future : accepted) {
                future.get(LONG);
            }
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            assertThat(pool.snapshot().queueRemaining()).isEqualTo(2);
        }
    }

    @Test
    void submit_queueFullAndBlock_waitsForRoom() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(2, Saturation.BLOCK)) {
            fill(pool, gate, 2);
            Blocked blocked =
                    new Blocked(() -> pool.applyAsync(Tasks::square, 7).get());
            assertThat(pool.snapshot().tasksSubmitted()).isEqualTo(3);

            gate.open();
            blocked.join();

            assertThat(blocked.result).hasValue(49);
            assertThat(pool.snapshot().tasksRejected()).isZero();
        }
    }

    @Test
    void submit_manyCallersBlocked_allGetInOneAfterTheOther() {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1, Saturation.BLOCK)) {
            fill(pool, gate, 1);
            List<Blocked> callers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int n = i;
                callers.add(new Blocked(() -> pool.apply(Tasks::square, n)));
            }
            assertThat(pool.snapshot().tasksQueued()).isEqualTo(1);

            gate.open();

            for (int i = 0; i < 6; i++) {
                callers.get(i).join();
                assertThat(callers.get(i).result).hasValue(i * i);
            }
        }
    }

    @Test
    void submit_queuedTaskCancelledWhileACallerBlocks_makesRoom() throws Exception {
        Gate gate = gate("gate");
        Ledger ledger = ledger("ledger");
        try (ProcessPool pool = pool(1, Saturation.BLOCK)) {
            List<TaskFuture<?>> accepted = fill(pool, gate, 1);
            AtomicReference<TaskFuture<?>> handle = new AtomicReference<>();
            Blocked blocked = new Blocked(() -> {
                handle.set(pool.applyAsync(() -> {
                    ledger.add("ran");
                    return 1;
                }));
                return "submitted";
            });

            accepted.get(1).cancel(false);
            blocked.join();

            assertThat(blocked.result).hasValue("submitted");
            assertThat(pool.snapshot().tasksQueued()).isEqualTo(1);
            gate.open();
            handle.get().get(LONG);
            assertThat(ledger.lines()).containsExactly("ran");
        }
    }

    @Test
    void submit_blockedCallerInterrupted_givesUpAndKeepsTheFlag() {
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1, Saturation.BLOCK)) {
            fill(pool, gate, 1);
            Blocked blocked = new Blocked(() -> pool.applyAsync(Tasks::square, 7));

            blocked.thread.interrupt();
            blocked.join();

            assertThat(blocked.thrown.get())
                    .isInstanceOf(ProcessPoolException.class)
                    .hasMessageContaining("interrupted");
            assertThat(blocked.interrupted).hasValue(true);
            assertThat(pool.snapshot().tasksSubmitted()).isEqualTo(2);
            gate.open();
        }
    }

    @Test
    void submit_poolClosedWhileACallerBlocks_releasesIt() {
        for (boolean terminate : new boolean[] {false, true}) {
            Gate gate = gate("gate" + terminate);
            try (ProcessPool pool = pool(1, Saturation.BLOCK)) {
                fill(pool, gate, 1);
                Blocked blocked = new Blocked(() -> pool.applyAsync(Tasks::square, 7));
                if (terminate) {
                    pool.terminate();
                } else {
                    pool.shutdown();
                }
                blocked.join();

                assertThat(blocked.thrown.get()).isInstanceOf(PoolClosedException.class);
                gate.open();
            }
        }
    }

    @Test
    void map_moreItemsThanTheQueueTakes_isNeverRejected() throws Exception {
        try (ProcessPool pool = pool(2, Saturation.REJECT)) {
            assertThat(pool.map(Tasks::square, numbers(1000))).hasSize(1000);
            assertThat(pool.mapAsync(Tasks::square, numbers(1000)).get(LONG)).hasSize(1000);
            assertThat(pool.imap(Tasks::square, numbers(1000)).stream().toList())
                    .hasSize(1000);
            assertThat(pool.snapshot().tasksRejected()).isZero();
        }
    }

    /** Only single tasks count: the items of a map have a window of their own. */
    @Test
    void submit_mapsWait_theirItemsTakeNoRoomFromSingleTasks() throws Exception {
        for (int chunk : new int[] {0, 1, 10}) {
            Gate gate = gate("gate" + chunk);
            MapOptions options = MapOptions.defaults().maxInFlight(50);
            MapOptions chunked = chunk == 0 ? options : options.chunkSize(chunk);
            try (ProcessPool pool = pool(3, Saturation.REJECT)) {
                TaskFuture<List<Integer>> mapped = pool.mapAsync(gate::passWith, numbers(100), chunked);
                ResultIterator<Integer> lazy = pool.imap(gate::passWith, Sources.endless(), chunked);
                gate.awaitArrivals(1);
                await().atMost(LONG).until(() -> pool.snapshot().tasksSubmitted() == 100);

                List<TaskFuture<Integer>> singles = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    singles.add(pool.applyAsync(Tasks::square, i));
                }
                assertThatThrownBy(() -> pool.applyAsync(Tasks::square, 3)).isInstanceOf(PoolSaturatedException.class);

                lazy.close();
                gate.open();
                for (int i = 0; i < 3; i++) {
                    assertThat(singles.get(i).get(LONG)).isEqualTo(i * i);
                }
                assertThat(mapped.get(LONG)).hasSize(100);
                assertThat(pool.snapshot().tasksRejected()).isEqualTo(1);
                singles.add(pool.applyAsync(Tasks::square, 3));
                assertThat(singles.get(3).get(LONG)).isEqualTo(9);
            }
        }
    }

    /** A long map must not keep single tasks out of a short queue. */
    @Test
    void submit_whileALongMapRuns_getsItsTurn() throws Exception {
        try (ProcessPool pool = pool(4, Saturation.BLOCK)) {
            try (ResultIterator<Integer> endless = pool.imapUnordered(Tasks::square, Sources.endless())) {
                for (int i = 0; i < 100; i++) {
                    endless.next();
                    if (i % 10 == 0) {
                        TaskFuture<Integer> single = pool.applyAsync(x -> -x, i);
                        while (!single.ready()) {
                            endless.next();
                        }
                        assertThat(single.get()).isEqualTo(-i);
                    }
                }
            }
        }
    }
}
