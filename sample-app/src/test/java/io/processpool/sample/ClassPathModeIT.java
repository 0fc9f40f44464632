package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.ClassPathMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Executable archives of all kinds, with their workers in each class path mode, and what is left of them: nothing. */
@Timeout(120)
class ClassPathModeIT {

    private static final Path SAMPLE = Path.of("target", "sample-app.jar").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private Path temporary;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void setUp() throws IOException {
        temporary = Files.createDirectory(folder.resolve("tmp"));
    }

    @AfterEach
    void nothingIsLeft() {
        for (Process process : processes) {
            process.destroyForcibly().onExit().join();
        }
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(temporary).isEmptyDirectory();
            assertThat(workers()).isEmpty();
        });
    }

    /** The workers of all applications of this test, whoever's children they are by now. */
    private List<ProcessHandle> workers() {
        return ProcessHandle.allProcesses()
                .filter(handle -> handle.info().commandLine().orElse("").contains("@" + temporary + "/"))
                .toList();
    }

    private Process start(Path archive, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // What starts here ends before the second compiler pays.
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary));
        if (Files.isDirectory(archive)) {
            Path manifest = archive.resolve("META-INF/MANIFEST.MF");
            String launcher = Files.readString(manifest).contains("JarLauncher") ? "JarLauncher" : "WarLauncher";
            command.addAll(List.of("-cp", ".", "org.springframework.boot.loader.launch." + launcher));
        } else {
            command.addAll(List.of("-jar", archive.getFileName().toString()));
        }
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory((Files.isDirectory(archive) ? archive : archive.getParent()).toFile())
                .redirectError(folder.resolve("err.txt").toFile());
        // What would lead the workers' launcher astray, and nothing else.
        builder.environment().putAll(Map.of("LOADER_MAIN", "no.such.Main", "LOADER_PATH", "nowhere"));
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private String errors() throws IOException {
        return Files.readString(folder.resolve("err.txt"));
    }

    private Map<String, String> report(Path archive, ClassPathMode mode) throws Exception {
        Process process = start(archive, "report", mode.name());
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(errors()).isZero();
        return out.lines()
                .map(line -> line.split(": ", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    }

    private Path archive(String kind) throws IOException {
        return switch (kind) {
            case "jar" -> PackagedArchive.jar(SAMPLE).write(folder.resolve("app.jar"));
            case "war" -> PackagedArchive.war(SAMPLE).write(folder.resolve("app.war"));
            case "exploded jar" -> PackagedArchive.jar(SAMPLE).explode(folder.resolve("exploded"));
            case "exploded war" -> PackagedArchive.war(SAMPLE).explode(folder.resolve("exploded"));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @ParameterizedTest
    @CsvSource({"jar", "war", "exploded jar", "exploded war"})
    void worker_unpacked_findsWhatTheApplicationFinds(String kind) throws Exception {
        Path archive = archive(kind);

        for (ClassPathMode mode : List.of(ClassPathMode.EXTRACTED, ClassPathMode.AUTO)) {
            Map<String, String> report = report(archive, mode);

            assertThat(report.get("application")).startsWith("[archive, classes, lib/z.jar, lib/a.jar");
            // A directory has no manifest that gives packages their versions; Boot's launcher lends it one.
            String expected = kind.startsWith("exploded")
                    ? report.get("application").replace("version 7.8.9", "version null")
                    : report.get("application");
            assertThat(report.get("worker")).as("%s", mode).isEqualTo(expected);
            assertThat(report.get("classPath")).startsWith(archive + ":").contains("pool-core");
            assertThat(report.get("classPath").contains(temporary.toString())).isEqualTo(!kind.startsWith("exploded"));
        }
    }

    @ParameterizedTest
    @CsvSource({"jar", "war", "exploded jar", "exploded war"})
    void worker_throughTheLauncher_findsWhatTheApplicationFinds(String kind) throws Exception {
        Path archive = archive(kind);

        Map<String, String> report = report(archive, ClassPathMode.LAUNCHER);

        assertThat(report.get("classPath")).isEqualTo(archive.toString());
        if (!kind.startsWith("exploded")) {
            assertThat(report.get("worker")).isEqualTo(report.get("application"));
        }
    }

    /** Returns the directories with extracted classes. */
    private List<Path> extractions() {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(directory -> Files.isDirectory(directory.resolve("classes")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void expect(BufferedReader out, String line) throws IOException {
        assertThat(out.readLine()).isEqualTo(line);
    }

    private static void goOn(Process process) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    @Test
    void twoPools_shareOneExtraction() throws Exception {
        Process process = start(archive("jar"), "share", "AUTO");
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);

        expect(out, "both");
        List<Path> shared = extractions();
        assertThat(shared).hasSize(1);
        goOn(process);
        expect(out, "one");
        assertThat(extractions()).isEqualTo(shared);
        goOn(process);
        expect(out, "none");
        assertThat(extractions()).isEmpty();
        goOn(process);
        expect(out, "again");
        assertThat(extractions()).hasSize(1).isNotEqualTo(shared);
        goOn(process);
        assertThat(process.waitFor()).as(errors()).isZero();
        assertThat(temporary).isEmptyDirectory();
    }

    private Process startAndWait(ClassPathMode mode) throws IOException {
        Process process = start(archive("jar"), "wait", mode.name());
        expect(process.inputReader(StandardCharsets.UTF_8), "ready");
        assertThat(extractions()).hasSize(mode == ClassPathMode.LAUNCHER ? 0 : 1);
        return process;
    }

    @ParameterizedTest
    @EnumSource
    void application_killed_workersLeaveNothing(ClassPathMode mode) throws Exception {
        Process process = startAndWait(mode);

        process.destroyForcibly().waitFor();

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(temporary).isEmptyDirectory());
    }

    @ParameterizedTest
    @EnumSource
    void application_terminated_leavesNothing(ClassPathMode mode) throws Exception {
        Process process = startAndWait(mode);

        process.destroy();

        assertThat(process.waitFor()).isEqualTo(143);
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void application_endsWithoutClosing_leavesNothing() throws Exception {
        Process process = startAndWait(ClassPathMode.EXTRACTED);

        goOn(process);

        assertThat(process.waitFor()).as(errors()).isZero();
        assertThat(temporary).isEmptyDirectory();
    }

    /** All die at the same moment, so nobody cleans up. */
    @Test
    void everybody_killed_nextStartCleansUp() throws Exception {
        Process process = startAndWait(ClassPathMode.EXTRACTED);
        List<ProcessHandle> workers = process.children().toList();
        assertThat(workers).hasSize(4);
        for (ProcessHandle worker : workers) {
            new ProcessBuilder("kill", "-STOP", String.valueOf(worker.pid()))
                    .start()
                    .waitFor();
        }
        process.destroyForcibly().waitFor();
        for (ProcessHandle worker : workers) {
            worker.destroyForcibly();
        }
        await().atMost(PATIENCE).until(() -> workers().isEmpty());
        assertThat(extractions()).hasSize(1);

        report(folder.resolve("app.jar"), ClassPathMode.LAUNCHER);

        assertThat(temporary).isEmptyDirectory();
    }

    /** As an application that is stopped and started again by impatient people. */
    @Test
    void application_killedWhileItExtracts_leavesNothingInTheEnd() throws Exception {
        Path archive = archive("jar");
        for (int round = 0; round < 5; round++) {
            Process process = start(archive, "wait", "EXTRACTED");
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> !extractions().isEmpty());
            process.destroyForcibly().waitFor();
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(workers()).isEmpty());
        report(archive, ClassPathMode.EXTRACTED);

        assertThat(temporary).isEmptyDirectory();
    }
}
