package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.processpool.LossReason;
import io.processpool.PoolListener;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import io.processpool.internal.process.ContainerMemoryFiles;
import io.processpool.internal.process.ProcessTree;
import io.processpool.testing.CapturedLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A container of 1,000 MiB, of which 64 are to stay free, with four workers and 200 MiB of the pool's own process. */
@Timeout(60)
class MemoryGuardTests {

    private static final long MIB = 1 << 20;
    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration LONG_ENOUGH = Duration.ofMillis(1_100);

    @TempDir
    Path root;

    private final List<String> lost = new CopyOnWriteArrayList<>();
    private final FleetFixture pool = new FleetFixture(4, 0, new PoolListener() {
        @Override
        public void workerLost(WorkerSnapshot worker, WorkerLostException cause) {
            lost.add(cause.toString());
        }
    });
    private ContainerMemoryFiles files;
    private long own = 200 * MIB;
    private long now;
    private final MemoryRelief relief = new MemoryRelief(() -> now);
    private int walks;

    @BeforeEach
    void start() throws IOException {
        files = new ContainerMemoryFiles(root, 1000 * MIB);
        pool.settle();
        for (FakeProcess process : pool.processes) {
            process.resident = 100 * MIB;
        }
        guard(pool);
    }

    private void guard(FleetFixture of) {
        MemoryGuard.Surroundings surroundings = new MemoryGuard.Surroundings(files.memory(), () -> own, () -> {
            walks++;
            return ProcessTree.belowThisProcess();
        });
        new MemoryGuard(of, of.fleet, surroundings, relief).start();
    }

    /** Lets a fifth worker start, which has something to do: to get ready. */
    private FakeProcess starting() {
        pool.fleet.resize(5);
        pool.housekeeping.runAll();
        return pool.processes.get(4);
    }

    private void pass(Duration time) {
        pass(pool, time);
    }

    private static void pass(FleetFixture of, Duration time) {
        for (int i = 0; i < time.toMillis() / STEP.toMillis(); i++) {
            of.timer.advance(STEP);
            of.housekeeping.runAll();
        }
    }

    private static List<Boolean> alive(FleetFixture pool) {
        return pool.processes.stream().map(FakeProcess::isAlive).toList();
    }

    @Test
    void look_enoughIsFree_killsNobody() throws IOException {
        starting().resident = 500 * MIB;
        files.use(936 * MIB);

        pass(LONG_ENOUGH);

        assertThat(alive(pool)).doesNotContain(false);
    }

    @Test
    void look_tooLittleIsFree_killsTheOneThatHasMost() throws IOException {
        starting();
        pool.processes.get(1).resident = 320 * MIB;
        files.use(937 * MIB);

        pass(LONG_ENOUGH);

        assertThat(alive(pool))
                .as("and nobody in its place before it has ended")
                .containsExactly(true, false, true, true, true);
        assertThat(pool.processes.get(1).worker.killReason)
                .hasToString("took too much memory: worker used 320 MiB, the container 937 MiB of 1,000 MiB");
    }

    @Test
    void look_nobodyHasMoreThanItsShare_warnsOnce() throws IOException {
        starting();
        files.use(960 * MIB);

        try (CapturedLog log = CapturedLog.of(MemoryGuard.class.getName())) {
            pass(LONG_ENOUGH.multipliedBy(3));

            assertThat(alive(pool)).doesNotContain(false);
            assertThat(log.events(Level.WARN, "this process 200 MiB of that, and no worker more than its share"))
                    .hasSize(1);
        }
    }

    @Test
    void look_nobodyHasMoreThanItsShareButAlmostNothingIsLeft_killsTheOneThatHasMost() throws IOException {
        starting().resident = 110 * MIB;
        files.use(970 * MIB);

        pass(LONG_ENOUGH);

        assertThat(alive(pool).subList(0, 5)).containsExactly(true, true, true, true, false);
    }

    @Test
    void look_aWorkerHasStartedWhatTakesTooMuch_killsThatWorker() throws IOException {
        starting();
        pool.processes.get(1).residentOfOthers = 220 * MIB;
        files.use(937 * MIB);

        pass(LONG_ENOUGH);

        assertThat(alive(pool)).containsExactly(true, false, true, true, true);
    }

    @ParameterizedTest
    @ValueSource(longs = {600, 860, 990})
    void look_theOwnProcessFillsTheContainer_killsNobody(long mebibytes) throws IOException {
        own = mebibytes * MIB;
        starting().resident = 110 * MIB;
        files.use(999 * MIB);

        pass(LONG_ENOUGH.multipliedBy(3));

        assertThat(alive(pool)).doesNotContain(false);
    }

    @Test
    void look_theOwnProcessHasMuchButAWorkerTooMuch_killsThatWorker() throws IOException {
        own = 500 * MIB;
        starting().resident = 250 * MIB;
        files.use(999 * MIB);

        pass(LONG_ENOUGH);

        assertThat(alive(pool).subList(0, 5)).containsExactly(true, true, true, true, false);
    }

    @Test
    void look_cannotBegin_isTriedAgain() throws IOException {
        starting();
        pool.processes.get(1).resident = 320 * MIB;
        files.use(937 * MIB);
        pool.housekeeping.close();
        pool.timer.advance(Duration.ofMillis(1_000));

        assertThat(pool.timer.pending()).contains(Duration.ofMillis(1_000));
    }

    @Test
    void look_allWorkersAreIdle_looksSeldom() throws IOException {
        pool.processes.get(1).resident = 320 * MIB;
        files.use(999 * MIB);

        pass(Duration.ofMillis(29_900));
        assertThat(alive(pool)).doesNotContain(false);
        pass(Duration.ofMillis(200));

        assertThat(alive(pool)).containsExactly(true, false, true, true);
    }

    @Test
    void look_limitIsSetLater_guardsFromThenOn() throws IOException {
        FleetFixture other = new FleetFixture(2, 0, new PoolListener() {});
        other.settle();
        files.limit("max");
        guard(other);
        other.fleet.resize(3);
        other.housekeeping.runAll();
        other.processes.get(0).resident = 100 * MIB;
        other.processes.get(1).resident = 600 * MIB;
        files.use(937 * MIB);
        pass(other, Duration.ofSeconds(11));
        assertThat(alive(other)).doesNotContain(false);

        files.limit(Long.toString(1000 * MIB));
        pass(other, Duration.ofMillis(5_050));

        assertThat(alive(other)).containsExactly(true, false, true);
    }

    @Test
    void look_noLimitAndNobodyBusy_looksSeldom() throws IOException {
        FleetFixture other = new FleetFixture(2, 0, new PoolListener() {});
        other.settle();
        files.limit("max");
        guard(other);

        assertThat(other.timer.pending()).contains(Duration.ofSeconds(5)).doesNotContain(Duration.ofSeconds(1));
        other.timer.advance(Duration.ofSeconds(5));
        other.housekeeping.runAll();

        assertThat(other.timer.pending()).contains(Duration.ofSeconds(5)).doesNotContain(Duration.ofSeconds(1));
    }

    @Test
    void look_aKilledWorkerHasNotEndedYet_killsNoOther() throws IOException {
        starting().resident = 320 * MIB;
        FakeProcess dying = pool.processes.get(1);
        pool.lockedFor(after -> {
            dying.worker.blame(new KillReason(LossReason.KILLED, "was told to"));
            return null;
        });
        files.use(990 * MIB);

        pass(LONG_ENOUGH.multipliedBy(2));

        assertThat(alive(pool)).doesNotContain(false);
    }

    @Test
    void look_memoryDoesNotComeBackAtOnce_killsNoOtherMeanwhile() throws IOException {
        starting();
        pool.processes.get(1).resident = 320 * MIB;
        pool.processes.get(2).resident = 310 * MIB;
        files.use(990 * MIB);

        pass(Duration.ofMillis(1_050));
        List<Boolean> first = alive(pool);
        pass(Duration.ofMillis(600));

        assertThat(first.subList(0, 4)).containsExactly(true, false, true, true);
        assertThat(alive(pool).subList(0, 4)).containsExactly(true, false, false, true);
    }

    @Test
    void look_severalWorkers_walksOverTheProcessesOfTheMachineOnce() throws IOException {
        starting();
        files.use(960 * MIB);

        pool.timer.advance(Duration.ofSeconds(1));
        pool.housekeeping.runAll();

        assertThat(walks).isEqualTo(1);
    }

    // The timer of the pool is set in the memory of its own process.
    @Test
    void look_noMemoryToSetTheTimer_looksAgainAfterAWhile() throws IOException {
        starting();
        files.use(900 * MIB);
        pool.timer.advance(Duration.ofSeconds(1));
        pool.timer.memory().refuse(1);
        pool.housekeeping.runAll();
        pool.processes.get(1).resident = 320 * MIB;
        files.use(937 * MIB);

        pass(Duration.ofSeconds(6));

        assertThat(alive(pool)).containsExactly(true, false, true, true, true);
    }

    @Test
    void look_noMemoryToSetTheTimerThatAsksForBusyOnes_asksAgainAfterAWhile() throws IOException {
        pool.timer.memory().refuse(1);
        pool.timer.advance(Duration.ofSeconds(1));
        starting();
        pool.processes.get(1).resident = 320 * MIB;
        files.use(937 * MIB);

        pass(Duration.ofSeconds(6));

        assertThat(alive(pool)).containsExactly(true, false, true, true, true);
    }

    // ---- several pools --------------------------------------------------------------------------------------------

    /** Another pool of this process, whose first worker has too much as well, and is as busy. */
    private FleetFixture another() {
        FleetFixture other = new FleetFixture(2, 0);
        other.settle();
        other.fleet.resize(3);
        other.housekeeping.runAll();
        other.processes.get(0).resident = 310 * MIB;
        other.processes.get(1).resident = 10 * MIB;
        guard(other);
        return other;
    }

    private FakeProcess tooLarge() {
        starting();
        FakeProcess large = pool.processes.get(1);
        large.resident = 320 * MIB;
        large.lingers = true;
        return large;
    }

    @Test
    void look_anotherPoolHasKilled_waitsUntilThatMemoryIsBackAndLooksAnew() throws IOException {
        FleetFixture other = another();
        FakeProcess dying = tooLarge();
        files.use(990 * MIB);
        pass(pool, LONG_ENOUGH);
        assertThat(dying.worker.killReason).isNotNull();

        now = TimeUnit.SECONDS.toNanos(9);
        pass(other, LONG_ENOUGH.multipliedBy(2));
        assertThat(alive(other)).as("while the other's dies").doesNotContain(false);

        dying.lingers = false;
        dying.kill();
        files.use(700 * MIB);
        now++;
        pass(other, LONG_ENOUGH.multipliedBy(2));
        assertThat(alive(other)).as("when the memory is back").doesNotContain(false);

        files.use(990 * MIB);
        now++;
        pass(other, LONG_ENOUGH);
        assertThat(alive(other)).as("when it is short again").contains(false);
    }

    @Test
    void look_anotherPoolsKilledWorkerDoesNotEnd_waitsNoLongerThanForAWhile() throws IOException {
        FleetFixture other = another();
        tooLarge();
        files.use(990 * MIB);
        pass(pool, LONG_ENOUGH);

        now = TimeUnit.SECONDS.toNanos(11);
        pass(other, LONG_ENOUGH.multipliedBy(2));

        assertThat(alive(other)).contains(false);
    }

    @Test
    void relief_lookBeganBeforeTheEndOfTheLastKill_isNotOver() {
        FakeProcess dying = tooLarge();
        long before = relief.now();
        assertThat(relief.isOver(before)).isTrue();
        assertThat(relief.begin(dying, before)).isTrue();
        assertThat(relief.begin(pool.processes.get(2), before))
                .as("two at once")
                .isFalse();

        now = 1;
        dying.lingers = false;
        dying.kill();
        assertThat(relief.isOver(before)).as("what was seen before").isFalse();

        assertThat(relief.isOver(relief.now())).isTrue();
        assertThat(relief.begin(pool.processes.get(2), before)).isFalse();
        assertThat(relief.begin(pool.processes.get(2), relief.now())).isTrue();
    }

    // Nobody may ever look again; with the process, a whole pool that has ended long ago would stay.
    @Test
    void look_theKilledProcessHasEnded_isForgottenAtOnceAndNotWhenSomebodyLooks() throws IOException {
        starting();
        pool.processes.get(1).resident = 320 * MIB;
        files.use(937 * MIB);
        pass(LONG_ENOUGH);
        assertThat(alive(pool).get(1)).isFalse();

        now = 2;

        assertThat(relief.isOver(1)).as("what was seen after its end").isTrue();
    }
}
