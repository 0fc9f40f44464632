package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Living;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs({OS.LINUX, OS.MAC})
class KillIT extends LaunchTestBase {

    private ProcessHandle sleeper() {
        ProcessHandle sleeper =
                ProcessHandle.of(Long.parseLong(fixture.said("sleeper"))).orElseThrow();
        assertThat(sleeper.isAlive()).isTrue();
        return sleeper;
    }

    private static void awaitDeath(ProcessHandle process) {
        await().atMost(LaunchFixture.PATIENCE).until(() -> !Living.lives(process));
    }

    @Test
    void kill_workerWithGrandchild_killsBoth() {
        WorkerProcess process = fixture.launch("sleeper -1");
        ProcessHandle sleeper = sleeper();

        process.kill();

        assertThat(LaunchFixture.end(process)).isEqualTo(137);
        awaitDeath(sleeper);
        assertThat(process.describeExit().text()).contains("SIGKILL of this pool");
    }

    @Test
    void kill_twiceAndAfterTheEnd_doesNothingMore() {
        WorkerProcess process = fixture.launch("hang");
        process.kill();
        process.kill();
        assertThat(LaunchFixture.end(process)).isEqualTo(137);

        process.kill();
        process.killDescendants();

        assertThat(process.isAlive()).isFalse();
        assertThat(process.onExit()).isCompletedWithValue(137);
    }

    @Test
    void kill_stoppedWorker_ends() throws Exception {
        WorkerProcess process = fixture.launch("hang");
        fixture.said("hanging");
        assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();

        process.kill();

        assertThat(LaunchFixture.end(process)).isEqualTo(137);
    }

    @Test
    void killDescendants_livingWorker_spared() {
        WorkerProcess process = fixture.launch("sleeper -1");
        ProcessHandle sleeper = sleeper();

        process.killDescendants();

        awaitDeath(sleeper);
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void crash_killedFromOutside_orphansAreSwept() throws IOException {
        WorkerProcess process = fixture.launch("sleeper -1");
        ProcessHandle sleeper = sleeper();

        ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly();

        assertThat(LaunchFixture.end(process)).isEqualTo(137);
        awaitDeath(sleeper);
        assertThat(process.describeExit().text()).startsWith("killed by SIGKILL, from outside or by the kernel");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void exitWithCode_orphansAreSwept() {
        WorkerProcess process = fixture.launch("sleeper 3");

        // The sleeper holds the pipes, so the output ends only with it.
        assertThat(LaunchFixture.end(process)).isEqualTo(3);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void plannedExit_orphansLiveUntilTheyAreKilled() {
        WorkerProcess process = fixture.launch("sleeper 0");
        ProcessHandle sleeper = sleeper();
        assertThat(process.onExit().join()).isZero();
        assertThat(sleeper.isAlive()).isTrue();

        process.killDescendants();

        awaitDeath(sleeper);
        assertThat(process.awaitOutput(LaunchFixture.PATIENCE)).isTrue();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void sweep_otherWorkers_areSpared() {
        WorkerProcess other = fixture.launch("hang");
        WorkerProcess process = fixture.launch("exit 9");

        assertThat(LaunchFixture.end(process)).isEqualTo(9);

        assertThat(other.isAlive()).isTrue();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void crash_workerOfAWorker_isSwept() {
        // What a nested pool adds to the marker, on a grandchild.
        fixture.commandPrefix = List.of(
                "sh",
                "-c",
                "PROCESSPOOL_WORKER=$PROCESSPOOL_WORKER/inner sleep 600 & echo sleeper $!; exec \"$@\"",
                "sh");
        WorkerProcess process = fixture.launch("hang");
        ProcessHandle sleeper = sleeper();

        ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly();

        LaunchFixture.end(process);
        awaitDeath(sleeper);
    }
}
