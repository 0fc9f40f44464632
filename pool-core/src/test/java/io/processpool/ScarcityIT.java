package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.ShortTempDir;
import io.processpool.testing.Signs;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * There are no more descriptors, processes, or no more room on the disk: a worker that is there serves all the same. Then it
 * is lost, so that none can take its place: tasks fail with the reason, or wait, and the pool recovers by itself when there is
 * enough again.
 */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs(OS.LINUX)
class ScarcityIT {

    private static final String NOBODY = "65534";

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    private final String pool = "scarce-" + UUID.randomUUID().toString().substring(0, 8);
    private Signs signs;
    private ChildJvm child;

    @BeforeEach
    void setUp() {
        signs = Signs.in(directory);
    }

    @AfterEach
    void tearDown() {
        if (child != null) {
            child.close();
        }
    }

    /** Changes a limit of the child, as the user that it runs as. */
    private void limit(List<String> prefix, String limit) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("prlimit", "--pid", Long.toString(child.pid()), limit));
        assertThat(ChildJvm.exitCode(command.toArray(String[]::new)))
                .as("exit code of %s", command)
                .isZero();
    }

    /** Returns what the child may have of something, as {@code /proc} names it. */
    private String softLimit(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(child.pid()), "limits")).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+")[0])
                .findFirst()
                .orElseThrow();
    }

    private void start(List<String> prefix, String classPath, String scarce) {
        List<String> arguments = List.of(directory.toString(), pool, scarce);
        child = ChildJvm.start(directory, prefix, List.of(), classPath, ScarcityScenario.class, arguments);
        kill("first");
        child.awaitOutput("ready");
    }

    private void kill(String which) {
        child.awaitOutput(which + " worker ");
        String output = child.output();
        int begin = output.indexOf(which + " worker ") + (which + " worker ").length();
        long pid = Long.parseLong(output.substring(begin, output.indexOf('.', begin)));
        Lifecycle.signal("KILL", pid);
        Lifecycle.awaitDeath(pid);
    }

    /** Takes the worker away, now that there is no way to get another. */
    private void loseWorker() {
        signs.give("scarce");
        child.awaitOutput("scarce");
        assertThat(child.output()).contains("serves: " + ScarcityScenario.SERVED);
        kill("second");
        signs.give("killed");
        child.awaitOutput("waiting");
    }

    private void expectRecovery() throws InterruptedException {
        child.awaitOutput("recovered");
        assertThat(child.end()).as("exit code; stderr: %s", child.errors()).isZero();
        assertThat(child.output()).contains("closed");
        child.expectNothingLeft(pool);
    }

    @Test
    void descriptors_noneLeft_tasksFailWithTheReasonAndThePoolRecovers() throws Exception {
        assumeTrue(ChildJvm.exitCode("prlimit", "--version") == 0, "there is no prlimit");
        start(List.of(), System.getProperty("java.class.path"), "");

        String before = softLimit("Max open files");
        limit(List.of(), "--nofile=8:");
        loseWorker();

        assertThat(child.output()).containsPattern("task: .*WorkerStartException.*Too many open files");
        limit(List.of(), "--nofile=" + before + ":");
        signs.give("plenty");
        expectRecovery();
    }

    // It may not even have a thread to find out with; then tasks wait, and nothing that there is to do gets lost.
    @Test
    void processes_noneLeft_tasksFailWithTheReasonOrWaitAndThePoolRecovers() throws Exception {
        assumeTrue(ChildJvm.exitCode("prlimit", "--version") == 0, "there is no prlimit");
        List<String> prefix = List.of();
        String classPath = System.getProperty("java.class.path");
        if ("root".equals(System.getProperty("user.name"))) {
            prefix = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
            assumeTrue(ChildJvm.exitCode("setpriv", "--version") == 0, "root has no limit, and there is no setpriv");
            open(directory);
            classPath = copy(classPath);
        }
        start(prefix, classPath, "threads");

        String before = softLimit("Max processes");
        limit(prefix, "--nproc=1:");
        loseWorker();

        assertThat(child.output())
                .containsPattern("task: (waits|.*WorkerStartException.*"
                        + "(Too many processes or threads|cannot create more threads|unable to create native thread))");
        limit(prefix, "--nproc=" + before + ":");
        signs.give("plenty");
        expectRecovery();
    }

    @Test
    void disk_isFull_tasksFailWithTheReasonAndThePoolRecovers() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("tmp"));
        List<String> prefix = new ArrayList<>(List.of("unshare", "-m"));
        if (ChildJvm.exitCode("unshare", "-m", "true") != 0) {
            prefix.add(1, "-r");
        }
        prefix.addAll(List.of("sh", "-c", "mount -t tmpfs -o size=1m tmpfs \"$0\" && exec \"$@\"", disk.toString()));
        List<String> trial = new ArrayList<>(prefix);
        trial.add("true");
        assumeTrue(ChildJvm.exitCode(trial.toArray(String[]::new)) == 0, "nothing may be mounted here");
        start(
                prefix,
                System.getProperty("java.class.path"),
                disk.resolve("filler").toString());

        loseWorker();

        assertThat(child.output())
                .contains("full: No space left")
                .containsPattern("task: .*WorkerStartException.*No space left");
        signs.give("plenty");
        expectRecovery();
    }

    /** Lets anybody in, for a child that runs as somebody else. */
    private static void open(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(
                Files.createDirectory(directory.resolve("tmp")), PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    /** Copies a class path to where anybody can read it. */
    private String copy(String classPath) throws IOException {
        Path copies = Files.createDirectory(directory.resolve("classes"));
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            Path source = Path.of(entry);
            if (Files.exists(source)) {
                Path target = copies.resolve(entries.size() + "-" + source.getFileName());
                copyAll(source, target);
                entries.add(target.toString());
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void copyAll(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, target.resolve(source.relativize(file).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
