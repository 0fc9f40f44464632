package io.processpool;

import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.ShortTempDir;
import io.processpool.testing.Signs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A JVM with a pool ends, in every way that there is: neither workers nor files nor words on stderr are left. */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class JvmExitIT {

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    private final String pool = "exit-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<ChildJvm> children = new ArrayList<>();
    private Signs signs;

    @BeforeEach
    void setUp() {
        signs = Signs.in(directory);
    }

    @AfterEach
    void tearDown() {
        for (ChildJvm child : children) {
            child.close();
        }
    }

    private ChildJvm start(String scenario) {
        return start(scenario, List.of());
    }

    private ChildJvm start(String scenario, List<String> prefix) {
        ChildJvm child = ChildJvm.start(
                directory, prefix, List.of(), ExitScenario.class, List.of(scenario, directory.toString(), pool));
        children.add(child);
        return child;
    }

    private void assertNothingIsLeft(ChildJvm child) {
        child.expectNothingLeft(pool);
        assertThat(child.errors()).isEmpty();
    }

    // G7, G18
    @ParameterizedTest
    @CsvSource({
        "returnIdle, 0",
        "returnBusy, 0",
        "returnStarting, 0",
        "returnUsedOnce, 0",
        "returnInCycle, 0",
        "exit, 7",
        "exitWithoutHook, 7",
        "exitInCallback, 7",
        "halt, 9"
    })
    void end_byItself_leavesNothing(String scenario, int code) throws InterruptedException {
        ChildJvm child = start(scenario);

        assertThat(child.end()).isEqualTo(code);

        assertNothingIsLeft(child);
    }

    @Test
    void end_byUncaughtException_leavesNothing() throws InterruptedException {
        ChildJvm child = start("throw");

        assertThat(child.end()).isEqualTo(1);

        child.expectNothingLeft(pool);
        assertThat(child.errors().lines().filter(line -> !line.startsWith("\tat ")))
                .containsExactly("Exception in thread \"main\" java.lang.IllegalStateException: thrown by main");
    }

    // G11
    @Test
    void end_afterShutdown_waitsForTheTasks() throws InterruptedException {
        ChildJvm child = start("returnAfterShutdown");
        signs.expect("ready");
        assertThat(signs.all("finished")).isEmpty();

        signs.give("go");

        assertThat(child.end()).isZero();
        assertThat(signs.all("finished")).hasSize(6);
        assertNothingIsLeft(child);
    }

    // G7; parent kill -9 of point 10
    @ParameterizedTest
    @CsvSource({
        "waitIdle, KILL, 137",
        "waitBusy, KILL, 137",
        "waitIdle, TERM, 143",
        "waitBusy, TERM, 143",
        "waitBusy, INT, 130",
        "waitBusy, HUP, 129"
    })
    void end_bySignal_leavesNothing(String scenario, String signal, int code) throws InterruptedException {
        ChildJvm child = start(scenario, ChildJvm.heeding(signal));
        signs.expect("ready");

        signal(signal, child.pid());

        assertThat(child.end()).isEqualTo(code);
        assertNothingIsLeft(child);
    }

    // Ctrl-C at a terminal, and the stop of a service, reach the workers as well
    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void end_bySignalToTheWholeFamily_leavesNothing(String signal) throws InterruptedException {
        ChildJvm child = start("waitBusy", ChildJvm.heeding(signal));
        signs.expect("ready");
        List<Long> workers = workers(child);

        signal(signal, workers.toArray(Long[]::new));
        assertThat(workers).as("the workers let it pass").allMatch(Lifecycle::alive);
        signal(signal, child.pid());

        assertThat(child.end()).isGreaterThan(128);
        assertNothingIsLeft(child);
        assertThat(signs.given("busy-2-interrupted")).isFalse();
    }

    private static List<Long> workers(ChildJvm child) {
        List<Long> workers = ProcessHandle.of(child.pid())
                .orElseThrow()
                .children()
                .map(ProcessHandle::pid)
                .toList();
        assertThat(workers).hasSize(2);
        return workers;
    }

    // J2, J14
    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM"})
    void end_workerHasStartedAProcess_itEndsToo(String signal) throws InterruptedException {
        ChildJvm child = start("waitWithSleeper");
        signs.expect("ready");
        long sleeper = Long.parseLong(signs.notes("sleeper").get(0));
        assertThat(Lifecycle.alive(sleeper)).isTrue();

        signal(signal, child.pid());
        child.end();

        awaitDeath(sleeper);
        assertNothingIsLeft(child);
    }

    @Test
    void end_killedTogetherWithWorkers_nextJvmRemovesTheDirectory() throws InterruptedException {
        ChildJvm child = start("waitIdle");
        signs.expect("ready");
        List<Long> all = new ArrayList<>();
        all.add(child.pid());
        all.addAll(workers(child));
        // The whole family at once: stopped first, so that none can clean up after the others.
        signal("STOP", all.toArray(Long[]::new));
        signal("KILL", all.toArray(Long[]::new));
        child.end();
        all.forEach(Lifecycle::awaitDeath);
        assertThat(child.directories()).isNotEmpty().allMatch(Files::isDirectory);

        ChildJvm next = start("returnUsedOnce");

        assertThat(next.end()).isZero();
        child.expectNothingLeft(pool);
        assertNothingIsLeft(next);
    }

    // A worker that is stopped cannot end by itself, and the others have removed the directory.
    @Test
    void end_killedWhileAWorkerIsStopped_nextJvmKillsTheWorker() throws InterruptedException {
        ChildJvm child = start("waitBusy");
        signs.expect("ready");
        List<Long> workers = workers(child);
        signal("STOP", workers.get(0));
        signal("KILL", child.pid());
        child.end();
        awaitDeath(workers.get(1));

        ChildJvm next = start("returnUsedOnce");

        awaitDeath(workers.get(0));
        assertThat(next.end()).isZero();
        child.expectNothingLeft(pool);
        next.expectNothingLeft(pool);
    }

    // G8
    @Test
    void submit_inShutdownHook_isRefused() throws InterruptedException {
        ChildJvm child = start("submitInHook");

        assertThat(child.end()).isZero();

        assertThat(signs.notes("hook")).containsExactly("PoolClosedException");
        assertNothingIsLeft(child);
    }

    // G8
    @Test
    void create_inShutdownHook_isRefused() throws InterruptedException {
        ChildJvm child = start("createInHook");

        assertThat(child.end()).isZero();

        assertThat(signs.notes("hook")).containsExactly("a ProcessPool cannot be made while the JVM exits");
        assertNothingIsLeft(child);
    }

    // J13
    @Test
    void use_stdinIsClosed_works() throws InterruptedException {
        ChildJvm child = start("returnUsedOnce", List.of("sh", "-c", "exec \"$@\" <&-", "sh"));

        assertThat(child.end()).isZero();

        assertNothingIsLeft(child);
    }

    @Test
    void use_allStandardStreamsAreClosed_works() throws InterruptedException {
        ChildJvm child = start("returnUsedOnce", List.of("sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"));

        assertThat(child.end()).isZero();

        assertNothingIsLeft(child);
    }
}
