package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.PoolListener;
import io.processpool.RetireReason;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import io.processpool.internal.RecyclePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FleetTests {

    private static final Duration HEAD_START = Duration.ofMillis(20);

    @ParameterizedTest
    @CsvSource({"3, 1", "4, 1", "8, 1", "8, 2", "5, 4"})
    void resize_downWhileWorkersStart_dropsThoseThatStart(int up, int down) {
        FleetFixture pool = new FleetFixture(1, 0);
        pool.settle();

        pool.fleet.resize(up);
        pool.fleet.resize(down);
        pool.settle();

        assertThat(pool.serving()).hasSize(down).contains("0.0");
        assertThat(pool.workers(worker -> true)).as("nobody is left over").hasSize(down);
    }

    @Test
    void resize_downWhileOneConnects_dropsThatToo() {
        FleetFixture pool = new FleetFixture(1, 0);
        pool.settle();
        pool.fleet.resize(3);
        pool.housekeeping.runAll();
        pool.processes.forEach(FakeProcess::goOn);

        pool.fleet.resize(1);
        pool.settle();

        assertThat(pool.serving()).containsExactly("0.0");
        assertThat(pool.processes).as("launched").hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void resize_downWhileASuccessorStarts_lettingGoEndsAllTheSame() {
        FleetFixture pool = new FleetFixture(2, 0);
        pool.settle();
        pool.fleet.recycle(pool.worker("0.0"), RetireReason.REQUESTED);

        pool.fleet.resize(1);
        pool.settle();

        assertThat(pool.workers(worker -> true)).hasSize(1).isEqualTo(pool.serving());
    }

    // It would be taken for one that starts, and never be replaced.
    @ParameterizedTest
    @ValueSource(classes = {OutOfMemoryError.class, StackOverflowError.class, NoClassDefFoundError.class})
    void launch_failsWithAnError_isAFailureToStartAndAnotherFollows(Class<? extends Error> kind) throws Exception {
        FleetFixture pool = new FleetFixture(1, 0);
        pool.nextLaunch = kind.getConstructor(String.class).newInstance("on purpose");

        pool.settle();
        assertThat(pool.workers(worker -> worker.slot() == 0 && worker.generation() == 0))
                .isEmpty();
        pool.timer.advance(Duration.ofSeconds(30));
        Awaitility.await().untilAsserted(() -> {
            pool.timer.advance(Duration.ofSeconds(1));
            pool.settle();
            assertThat(pool.serving()).hasSize(1);
        });
    }

    @Test
    void recycle_whileAnotherWorkerGrowsIn_waitsForItsOwnSuccessor() {
        FleetFixture pool = new FleetFixture(1, 0);
        pool.settle();
        pool.fleet.resize(2);
        pool.fleet.recycle(pool.worker("0.0"), RetireReason.REQUESTED);
        pool.housekeeping.runAll();

        pool.processes.get(1).goOn(); // the first of the two that start: it connects,
        pool.processes.get(1).goOn(); // and is ready

        assertThat(pool.serving())
                .as("two are wanted, so none has gone yet")
                .hasSize(2)
                .contains("0.0");
        pool.settle();
        assertThat(pool.serving()).hasSize(2).doesNotContain("0.0");
    }

    // The reaper of its process may not have had its turn yet on a busy machine.
    @Test
    void giveUpEnded_processIsGoneAndNobodyHasToldYet_takesNoMoreTasksAndIsReplaced() {
        FleetFixture pool = new FleetFixture(2, 1);
        pool.settle();
        pool.processes.get(0).kill();
        pool.processes.get(2).kill();
        assertThat(pool.serving()).containsExactly("0.0", "1.0");

        pool.fleet.giveUpEnded();

        assertThat(pool.workers(worker -> worker.phase() == Phase.ZOMBIE)).containsExactly("0.0", "2.0");
        pool.fleet.giveUpEnded();
        pool.settle();
        assertThat(pool.serving()).hasSize(2).doesNotContain("0.0");
        assertThat(pool.workers(worker -> true)).doesNotContain("0.0", "2.0");
    }

    // A timer of an hour would keep all workers that were lost in that hour.
    @Test
    void ageAndIdleness_workerIsGone_areNotLookedAtAnyMore() {
        Duration hour = Duration.ofHours(1);
        FleetFixture pool = new FleetFixture(new RecyclePolicy(0, hour, 0, hour, -1), 1, 0);
        pool.settle();
        pool.timer.advance(Duration.ofMinutes(1)); // what is due sooner has nothing to do with it
        int before = pool.timer.pending().size();

        for (int i = 0; i < 3; i++) {
            pool.fleet.kill(pool.worker(pool.serving().get(0)));
            pool.settle();
        }

        assertThat(pool.serving()).containsExactly("0.3");
        pool.timer.advance(Duration.ofMinutes(1));
        assertThat(pool.timer.pending()).hasSize(before);
    }

    // The successor is ready in time, and no more are given tasks than are wanted.
    @Test
    void runsOut_worker_hasASuccessorInItsSlotThatServesWhenItIsSpent() {
        FleetFixture pool = new FleetFixture(2, 0);
        pool.settle();

        pool.runOut("0.0");
        pool.settle();

        assertThat(pool.serving()).containsExactly("0.0", "1.0");
        assertThat(pool.standby()).containsExactly("0.1");
        assertThat(pool.find(0)).as("who is meant by 0").isEqualTo("0.0");

        pool.spend("0.0");
        assertThat(pool.serving()).contains("0.1", "1.0").doesNotContain("0.0");
        assertThat(pool.find(0)).isEqualTo("0.1");
        pool.settle();
        assertThat(pool.workers(worker -> true)).containsExactly("0.1", "1.0");
    }

    @Test
    void runsOut_severalWorkers_eachIsFollowedByWhoHasItsSlot() {
        FleetFixture pool = new FleetFixture(2, 0);
        pool.settle();
        pool.runOut("0.0");
        pool.runOut("1.0");
        pool.settle();
        assertThat(pool.standby()).containsExactly("0.1", "1.1");

        pool.spend("1.0");

        assertThat(pool.serving()).as("0.1 shares a slot with 0.0").containsExactly("0.0", "1.1");
    }

    @Test
    void runsOut_anotherWorkerIsKilled_isReplacedByOneOfItsOwnSlot() {
        FleetFixture pool = new FleetFixture(2, 0);
        pool.settle();
        pool.runOut("0.0");
        pool.settle();

        pool.fleet.kill(pool.worker("1.0"));
        pool.settle();

        assertThat(pool.serving()).containsExactly("0.0", "1.1");
        assertThat(pool.standby()).containsExactly("0.1");
    }

    @Test
    void runsOut_fewerAreWanted_successorIsNotKept() {
        FleetFixture pool = new FleetFixture(2, 1);
        pool.settle();
        pool.runOut("1.0");
        pool.settle();
        assertThat(pool.standby()).hasSize(2);

        pool.fleet.resize(1);
        pool.settle();

        assertThat(pool.serving()).containsExactly("0.0");
        assertThat(pool.standby()).hasSize(1);
        assertThat(pool.workers(worker -> true)).hasSize(2);
    }

    @Test
    void kill_workersThatStart_areNoStartFailures() {
        List<String> failed = new CopyOnWriteArrayList<>();
        CountDownLatch ready = new CountDownLatch(1);
        FleetFixture pool = new FleetFixture(1, 0, new PoolListener() {
            @Override
            public void workerStartFailed(WorkerSnapshot worker, WorkerStartException reason) {
                failed.add(reason.getMessage());
            }

            @Override
            public void workerReady(WorkerSnapshot worker, Duration startup) {
                ready.countDown();
            }
        });
        for (int killed = 0; killed < 5; killed++) {
            pool.housekeeping.runAll(); // it is launched,
            pool.fleet.kill(pool.worker("0." + killed)); // and killed before it has connected
            pool.housekeeping.runAll();
        }

        pool.settle();

        assertThat(pool.serving()).as("at once, without a pause").containsExactly("0.5");
        Awaitility.await().until(() -> ready.getCount() == 0);
        assertThat(failed).isEmpty();
        pool.close();
    }

    @Test
    void standby_promoted_itsOwnSuccessorIsLaunchedAMomentLater() {
        FleetFixture pool = new FleetFixture(1, 1);
        pool.settle();
        String reserve = pool.workers(worker -> worker.phase() == Phase.STANDBY).get(0);

        pool.fleet.kill(pool.worker(pool.serving().get(0)));
        pool.settle();

        assertThat(pool.serving()).containsExactly(reserve);
        assertThat(pool.workers(worker -> worker.standby))
                .as("before the head start is over")
                .isEmpty();
        pool.timer.advance(HEAD_START);
        pool.settle();
        assertThat(pool.workers(worker -> worker.phase() == Phase.STANDBY)).hasSize(1);
        pool.close();
    }

    @Test
    void close_afterAnything_endsWithoutWorkers() {
        FleetFixture pool = new FleetFixture(1, 1);
        pool.settle();
        pool.fleet.resize(4);
        pool.fleet.resize(1);

        pool.fleet.close();
        pool.settle();

        assertThat(pool.empty).isTrue();
    }

    /** Whatever happens while workers come and go: it ends with as many as are wanted, and nobody is forgotten. */
    @Test
    void resizeKillAndRecycle_inAnyOrder_endWithAsManyAsAreWanted() {
        for (int seed = 0; seed < 3_000; seed++) {
            new RandomLife(seed).run();
        }
    }

    private static final class RandomLife {

        private final Random random;
        private final int standby;
        private final FleetFixture pool;
        private final List<String> story = new ArrayList<>();
        private int target;

        RandomLife(int seed) {
            random = new Random(seed);
            standby = random.nextInt(3) == 0 ? random.nextInt(3) : 0;
            target = 1 + random.nextInt(4);
            story.add("seed " + seed + ": " + target + " workers, " + standby + " standby");
            pool = new FleetFixture(target, standby);
        }

        void run() {
            try {
                int steps = 1 + random.nextInt(40);
                for (int i = 0; i < steps; i++) {
                    step();
                }
                pool.settle();
                pool.timer.advance(HEAD_START);
                pool.settle();
                check();
                pool.fleet.close();
                pool.settle();
                assertThat(pool.empty).as("all are gone").isTrue();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(String.join("\n", story), e);
            }
        }

        private void step() {
            switch (random.nextInt(8)) {
                case 0 -> resize();
                case 1 -> withSomebody("kill", pool.fleet::kill);
                case 2 -> withSomebody("recycle", worker -> pool.fleet.recycle(worker, RetireReason.REQUESTED));
                case 3 -> {
                    story.add("housekeeping");
                    pool.housekeeping.runAll();
                }
                case 4 -> withServing("runs out", pool::runOut);
                case 5 -> withServing("spent", pool::spend);
                default -> goOn();
            }
        }

        private void resize() {
            target = 1 + random.nextInt(6);
            story.add("resize " + target);
            pool.fleet.resize(target);
        }

        private void withSomebody(String what, Consumer<Worker> action) {
            List<String> all = pool.workers(worker -> true);
            if (!all.isEmpty()) {
                String name = all.get(random.nextInt(all.size()));
                story.add(what + " " + name);
                action.accept(pool.worker(name));
            }
        }

        private void withServing(String what, Consumer<String> action) {
            List<String> serving = pool.serving();
            if (!serving.isEmpty()) {
                String name = serving.get(random.nextInt(serving.size()));
                story.add(what + " " + name);
                action.accept(name);
            }
        }

        private void goOn() {
            if (!pool.processes.isEmpty()) {
                FakeProcess process = pool.processes.get(random.nextInt(pool.processes.size()));
                story.add("goes on: " + process.worker);
                process.goOn();
            }
        }

        private void check() {
            assertThat(pool.serving()).as("those that serve").hasSize(target).doesNotHaveDuplicates();
            assertThat(pool.workers(Worker::serving).stream().map(name -> name.substring(0, name.indexOf('.'))))
                    .as("the slots of those that serve")
                    .doesNotHaveDuplicates();
            int reserve = standby
                    + pool.workers(worker -> worker.serving() && worker.runsOut).size();
            assertThat(pool.standby()).as("the reserve").hasSize(reserve);
            assertThat(pool.workers(worker -> true)).as("all").hasSize(target + reserve);
            assertThat(pool.workers(worker -> worker.leaving))
                    .as("those that wait for a successor")
                    .isEmpty();
        }
    }
}
