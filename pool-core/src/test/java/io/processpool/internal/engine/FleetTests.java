package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.RetireReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FleetTests {

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
                check();
                pool.fleet.close();
                pool.settle();
                assertThat(pool.empty).as("all are gone").isTrue();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(String.join("\n", story), e);
            }
        }

        private void step() {
            switch (random.nextInt(6)) {
                case 0 -> resize();
                case 1 -> withSomebody("kill", pool.fleet::kill);
                case 2 -> withSomebody("recycle", worker -> pool.fleet.recycle(worker, RetireReason.REQUESTED));
                case 3 -> {
                    story.add("housekeeping");
                    pool.housekeeping.runAll();
                }
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

        private void goOn() {
            if (!pool.processes.isEmpty()) {
                FakeProcess process = pool.processes.get(random.nextInt(pool.processes.size()));
                story.add("goes on: " + process.worker);
                process.goOn();
            }
        }

        private void check() {
            assertThat(pool.serving()).as("those that serve").hasSize(target);
            assertThat(pool.workers(worker -> worker.phase() == Phase.STANDBY))
                    .as("the reserve")
                    .hasSize(standby);
            assertThat(pool.workers(worker -> true)).as("all").hasSize(target + standby);
            assertThat(pool.workers(worker -> worker.leaving))
                    .as("those that wait for a successor")
                    .isEmpty();
        }
    }
}
