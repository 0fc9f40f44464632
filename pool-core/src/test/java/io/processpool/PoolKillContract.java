package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What {@link ProcessPool#kill(int)} does, whatever a worker is. */
abstract class PoolKillContract extends PoolContract {

    /** The reasons that the listeners heard. */
    private final List<LossReason> reasons = new CopyOnWriteArrayList<>();

    PoolKillContract(Mode mode) {
        super(mode);
    }

    private ProcessPool onePool() {
        return builder()
                .workers(1)
                .listener(new PoolListener() {
                    @Override
                    public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
                        reasons.add(reason.reason());
                    }
                })
                .build();
    }

    private static int generation() {
        return WorkerContext.current().generation();
    }

    @Test
    void kill_busyWorker_failsItsTaskAndReplacesIt() throws Exception {
        try (ProcessPool pool = onePool()) {
            for (int i = 0; i < 5; i++) {
                Gate gate = gate("gate" + i);
                TaskFuture<Void> running = pool.applyAsync(gate::pass);
                gate.awaitArrivals(1);
                TaskFuture<Integer> waiting = pool.applyAsync(PoolKillContract::generation);

                pool.kill(0);

                assertThat(failureOf(running))
                        .isInstanceOfSatisfying(
                                WorkerLostException.class,
                                loss -> assertThat(loss.reason()).isEqualTo(LossReason.KILLED))
                        .hasMessageContaining("kill()");
                assertThat(waiting.get(LONG)).isEqualTo(i + 1);
            }
            await().atMost(LONG).until(() -> reasons.size() == 5);
            assertThat(reasons).containsOnly(LossReason.KILLED);
        }
    }

    @Test
    void kill_workerWithItemsAhead_failsOneItemAndRunsEachOnce() {
        Gate gate = gate("gate");
        Ledger ledger = ledger("begun");
        try (ProcessPool pool = onePool()) {
            ResultIterator<Integer> results = pool.imap(
                    i -> {
                        ledger.add(i);
                        if (i == 3) {
                            gate.pass();
                        }
                        return i;
                    },
                    IntStream.range(0, 10).boxed().toList(),
                    MapOptions.defaults().chunkSize(10));
            gate.awaitArrivals(1);

            pool.kill(0);

            List<Object> ends = new ArrayList<>();
            while (results.hasNext()) {
                try {
                    ends.add(results.next());
                } catch (WorkerLostException e) {
                    ends.add(e.reason());
                }
            }
            assertThat(ends).isEqualTo(List.of(0, 1, 2, LossReason.KILLED, 4, 5, 6, 7, 8, 9));
        }
        assertThat(ledger.counts().values()).hasSize(10).containsOnly(1L);
    }

    @Test
    void kill_taskWithRetries_isRunAgain() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = onePool()) {
            TaskFuture<Integer> task = pool.applyAsync(
                    () -> {
                        gate.pass();
                        return generation();
                    },
                    TaskOptions.defaults().retries(1));
            gate.awaitArrivals(1);

            pool.kill(0);
            gate.awaitArrivals(2);
            gate.open();

            assertThat(task.get(LONG)).isEqualTo(1);
        }
    }

    @Test
    void kill_idleWorker_replacesIt() {
        try (ProcessPool pool = onePool()) {
            assertThat(pool.apply(PoolKillContract::generation)).isZero();

            pool.kill(0);

            assertThat(pool.apply(PoolKillContract::generation)).isEqualTo(1);
            await().atMost(LONG).until(() -> reasons.size() == 1);
        }
    }

    @Test
    void kill_noSuchWorker_isRefused() {
        try (ProcessPool pool = onePool()) {
            assertThatThrownBy(() -> pool.kill(7))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("workerId=7");
            assertThatThrownBy(() -> pool.kill(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
