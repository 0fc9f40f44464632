package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.processpool.WorkerStartException;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class LaunchIT extends LaunchTestBase {

    @Test
    void launch_stdin_isDeliveredAndClosed() {
        // The child answers only after the end of its stdin.
        assertThat(fixture.run("length " + "x".repeat(1000))).isZero();

        assertThat(fixture.said("length")).isEqualTo("1000");
    }

    @Test
    void launch_stdinLargerThanAPipe_isDelivered() {
        assertThat(fixture.run("length " + "x".repeat(3 << 20))).isZero();

        assertThat(fixture.said("length")).isEqualTo(Integer.toString(3 << 20));
    }

    @Test
    void launch_childNeverReadsStdin_returnsAndCanBeKilled() {
        WorkerProcess process = fixture.launch(0, new byte[1 << 20], DeafMain.class);
        fixture.said("deaf");
        assertThat(process.isAlive()).isTrue();

        process.kill();

        assertThat(LaunchFixture.end(process)).isEqualTo(137);
    }

    @Test
    void launch_classPathTooLongForACommandLine_runs() throws IOException {
        assumeTrue(ArgumentFile.nativeCharset().newEncoder().canEncode("\u00fc"), "no umlauts in file names here");
        List<String> classPath = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            classPath.add(Files.createDirectory(temp.resolve("sp ace #" + "x".repeat(180) + i))
                    .toString());
        }
        Path odd = Files.createDirectory(temp.resolve("gr\u00fc\u00dfe 'q' \"qq\" back\\slash #hash $HOME %p"));
        copyClass(ChildMain.class, odd);
        classPath.add(odd.toString());
        classPath.add(location(ProcessLauncher.class).toString());
        assertThat(String.join(File.pathSeparator, classPath)).hasSizeGreaterThan(130_000);
        fixture.classPath = classPath;

        assertThat(fixture.run("location")).isZero();

        assertThat(fixture.said("location")).isEqualTo(odd.toString());
    }

    private static Path location(Class<?> type) {
        return ParentRuntime.toPath(type.getProtectionDomain().getCodeSource().getLocation());
    }

    private static void copyClass(Class<?> type, Path directory) throws IOException {
        String file = type.getName().replace('.', '/') + ".class";
        Path target = directory.resolve(file);
        Files.createDirectories(target.getParent());
        Files.copy(location(type).resolve(file), target);
    }

    @Test
    void launch_jvmArguments_arriveAsTheyAre() {
        String value = " a\\b \"c\" 'd' # e\tf %p $HOME {}";
        fixture.jvmArguments = List.of("-Dodd=" + value, "-Dslot={worker}");

        assertThat(fixture.run("property odd")).isZero();
        assertThat(fixture.said("property")).isEqualTo(value.trim());
    }

    @Test
    void launch_slot_isFilledIn() {
        fixture.jvmArguments = List.of("-Dslot={worker}");

        LaunchFixture.end(fixture.launch(7, "property slot".getBytes(StandardCharsets.UTF_8), ChildMain.class));

        assertThat(fixture.said("property")).isEqualTo("7");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void launch_commandPrefix_wrapsTheCommand() {
        fixture.commandPrefix = List.of("env", "PREFIXED=slot {worker}");

        assertThat(fixture.run("environment")).isZero();
        assertThat(fixture.said("env PREFIXED=")).isEqualTo("slot 0");
    }

    @Test
    void launch_environment_isScrubbedAndMarked() {
        fixture.environment = Map.of("CARD", "gpu{worker}");

        assertThat(fixture.run("environment")).isZero();

        assertThat(fixture.said("env CARD=")).isEqualTo("gpu0");
        assertThat(fixture.said("env PROCESSPOOL_DEPTH=")).isEqualTo("1");
        assertThat(fixture.said("env PROCESSPOOL_WORKER=")).isNotEmpty();
    }

    /** The launcher in a process of its own, because the environment of this one cannot be changed. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void launch_hostileEnvironment_doesNotReachTheWorker() throws Exception {
        ProcessBuilder builder = NestedLaunchMain.command(temp, "environment");
        builder.environment()
                .putAll(Map.of(
                        "JAVA_TOOL_OPTIONS", "-Dhostile=1",
                        "_JAVA_OPTIONS", "-Dhostile=2",
                        "JDK_JAVA_OPTIONS", "-Dhostile=3",
                        "LOADER_MAIN", "hostile.Main",
                        "LOADER_ARGS", "hostile",
                        "CLASSPATH", "/hostile",
                        "HARMLESS", "yes"));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();

        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output)
                .contains("env HARMLESS=yes", "env PROCESSPOOL_DEPTH=1")
                .doesNotContain("hostile");
    }

    @Test
    void launch_tooDeep_isRefused() throws Exception {
        ProcessBuilder builder = NestedLaunchMain.command(temp, "environment");
        builder.environment().put(NestingGuard.DEPTH_VARIABLE, "1");
        builder.redirectErrorStream(true);
        assertThat(output(builder)).contains("env PROCESSPOOL_DEPTH=2");

        builder.environment().put(NestingGuard.DEPTH_VARIABLE, "2");
        assertThat(output(builder)).contains("A pool must not be created here");
    }

    private static String output(ProcessBuilder builder) throws Exception {
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void launch_defaults_keepTheWorkerSmall() {
        fixture.maxHeap = 0;
        assertThat(fixture.run("heap")).isZero();
        assertThat(Long.parseLong(fixture.said("heap")))
                .isGreaterThanOrEqualTo(64L << 20)
                .isLessThanOrEqualTo(Runtime.getRuntime().maxMemory() * 8);
    }

    @Test
    void launch_userCollectorAndHeap_winOverDefaults() {
        fixture.maxHeap = 0;
        fixture.jvmArguments = List.of("-XX:+UseParallelGC", "-XX:MaxHeapSize=100m");

        assertThat(fixture.run("heap")).isZero();
        assertThat(Long.parseLong(fixture.said("heap"))).isBetween(80L << 20, 100L << 20);
    }

    @Test
    void launch_debugPortTaken_startsAllTheSame() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fixture.debugPort = taken.getLocalPort();

            assertThat(fixture.run("exit 0")).isZero();
        }
        assertThat(fixture.said("Listening for transport dt_socket at address:"))
                .isNotEqualTo(Integer.toString(fixture.debugPort));
    }

    @Test
    void launch_workingDirectory_isThatOfTheWorker() throws IOException {
        fixture.workingDirectory = Files.createDirectory(temp.resolve("work here"));

        assertThat(fixture.run("directory")).isZero();
        assertThat(Path.of(fixture.said("directory")).toRealPath()).isEqualTo(fixture.workingDirectory.toRealPath());
    }

    @Test
    void launch_workingDirectoryMissing_saysSo() throws IOException {
        fixture.workingDirectory = temp.resolve("nowhere");

        assertThatThrownBy(() -> fixture.launch("exit 0"))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("workingDirectory=" + temp.resolve("nowhere"));
        assertThat(fixture.files()).isEmpty();
    }

    @Test
    void launch_commandMissing_saysSo() throws IOException {
        fixture.commandPrefix = List.of("no-such-command-{worker}");

        assertThatThrownBy(() -> fixture.launch("exit 0"))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("does not exist: no-such-command-0")
                .hasMessageContaining("pool=under-test, worker=0");
        assertThat(fixture.files()).isEmpty();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void launch_commandNotExecutable_saysSo() throws IOException {
        Path file = Files.createFile(temp.resolve("plain-file"));
        fixture.commandPrefix = List.of(file.toString());

        assertThatThrownBy(() -> fixture.launch("exit 0"))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("must not be executed")
                .hasMessageContaining(file.toString());
    }

    @Test
    void launch_libraryNotInClassPath_saysWhatToDo() {
        fixture.classPath = List.of(temp.toString());

        assertThatThrownBy(() -> fixture.launch("exit 0"))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("Set classPath");
    }

    @Test
    void launch_badJvmOption_isInTheTailOfStderr() {
        fixture.jvmArguments = List.of("-Xms2g", "-Xmx1g");
        WorkerProcess process = fixture.launch("exit 0");

        assertThat(LaunchFixture.end(process)).isEqualTo(1);
        assertThat(process.stderrTail()).anyMatch(line -> line.contains("Initial heap size set to a larger value"));
    }

    @Test
    void releaseLaunchFiles_afterStart_deletesTheArgumentFile() throws IOException {
        WorkerProcess process = fixture.launch("hang");
        fixture.said("hanging");
        assertThat(fixture.files()).hasSize(2).anyMatch(name -> name.endsWith(".args"));

        process.releaseLaunchFiles();
        process.releaseLaunchFiles();

        assertThat(fixture.files()).singleElement().asString().startsWith("tmp-");
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void launch_manyAtOnce_allRun() {
        List<WorkerProcess> processes = new ArrayList<>();
        for (int slot = 0; slot < 6; slot++) {
            processes.add(fixture.launch(slot, "exit 5".getBytes(StandardCharsets.UTF_8), ChildMain.class));
        }
        assertThat(processes)
                .allSatisfy(process -> assertThat(LaunchFixture.end(process)).isEqualTo(5));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void residentBytesAndCpuTime_whileAliveAndAfter() {
        WorkerProcess process = fixture.launch("spin");
        fixture.said("spinning");

        await().atMost(LaunchFixture.PATIENCE)
                .untilAsserted(() -> assertThat(process.cpuTime()).isPositive());
        assertThat(process.residentBytes()).isBetween(10L << 20, 1L << 30);

        process.kill();
        LaunchFixture.end(process);
        assertThat(process.residentBytes()).isEqualTo(-1);
        assertThat(process.cpuTime()).isNull();
    }
}
