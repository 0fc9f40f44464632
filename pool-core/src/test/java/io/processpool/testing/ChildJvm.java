package io.processpool.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JVM of its own with the class path of this one, so that a test can see what becomes of a pool when its JVM ends. */
public final class ChildJvm implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path temporary;
    private final Path out;
    private final Path err;

    private ChildJvm(Process process, Path temporary, Path out, Path err) {
        this.process = process;
        this.temporary = temporary;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts one.
     *
     * @param directory where its output goes, and its temporary files: in one that {@link ShortTempDir} makes, nobody but
     *     other children of the same test finds what it leaves
     * @param prefix a command that executes what follows it, may be empty
     * @param options its JVM options
     * @param main its main class
     * @param arguments the arguments of that
     */
    public static ChildJvm start(
            Path directory, List<String> prefix, List<String> options, Class<?> main, List<String> arguments) {
        return start(directory, prefix, options, System.getProperty("java.class.path"), main, arguments);
    }

    /** Starts one with a class path of its own. */
    public static ChildJvm start(
            Path directory,
            List<String> prefix,
            List<String> options,
            String classPath,
            Class<?> main,
            List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        Path temporary = directory.resolve("tmp");
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(arguments);
        Path out = directory.resolve("child.out");
        Path err = directory.resolve("child.err");
        try {
            Files.createDirectories(temporary);
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            return new ChildJvm(process, temporary, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns a prefix for {@link #start} that lets the child heed a signal. It is empty most of the time. But whatever a
     * shell runs in the background may be started with SIGINT ignored, and passes that on to all its descendants; so does
     * {@code nohup} with SIGHUP. Skips the test where that cannot be undone.
     */
    public static List<String> heeding(String signal) {
        boolean heeded = exitCode("sh", "-c", "kill -" + signal + " $$") != 0;
        if (heeded) {
            return List.of();
        }
        List<String> prefix = List.of("env", "--default-signal=" + signal);
        assumeTrue(
                exitCode(prefix.get(0), prefix.get(1), "true") == 0,
                "this JVM and its children ignore SIG" + signal + ", and the env command here cannot change that");
        return prefix;
    }

    /** Runs a command, and returns its exit code; its output goes nowhere. */
    public static int exitCode(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("%s ends", List.of(command))
                    .isTrue();
            return process.exitValue();
        } catch (IOException e) {
            return -1; // there is no such command
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until it has written a text to stdout. */
    public void awaitOutput(String text) {
        await("'" + text + "' in the output").atMost(PATIENCE).untilAsserted(() -> {
            assertThat(output()).as("stderr: %s", errors()).contains(text);
        });
    }

    /** Returns its process id. */
    public long pid() {
        return process.pid();
    }

    /** Waits until it has ended; returns its exit code. */
    public int end() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("the JVM has ended; it wrote: %s", errors())
                .isTrue();
        return process.exitValue();
    }

    /** Returns what it wrote to stdout. */
    public String output() {
        return read(out);
    }

    /** Returns what it wrote to stderr. */
    public String errors() {
        return read(err);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the runtime directories of its pools. */
    public List<Path> directories() {
        List<Path> found = new ArrayList<>();
        for (Path parent : List.of(temporary, Path.of("/tmp"), Path.of("/dev/shm"))) {
            if (!Files.isDirectory(parent)) {
                continue;
            }
            try (Stream<Path> entries = Files.list(parent)) {
                entries.filter(entry -> entry.getFileName().toString().startsWith("processpool-" + process.pid() + "-"))
                        .forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    /** Waits until neither workers of the pool nor its directory are there. */
    public void expectNothingLeft(String pool) {
        await("nothing is left").atMost(PATIENCE.dividedBy(3)).untilAsserted(() -> {
            assertThat(workersOf(pool)).as("workers").isEmpty();
            assertThat(directories()).as("runtime directories").isEmpty();
        });
    }

    /** Returns the processes that are workers of a pool of that name, whoever's children they are. */
    public static List<String> workersOf(String pool) {
        return ProcessHandle.allProcesses()
                .map(handle -> handle.pid() + " " + handle.info().commandLine().orElse(""))
                .filter(line -> line.contains("-Dprocesspool.worker=" + pool + "-"))
                .toList();
    }

    /** Kills it if it has not ended. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
