package io.processpool.benchmarks.chaos;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A JVM with a {@link Household}, with temporary files of its own. Used by one thread. */
final class Parent implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final Path temporary;
    private final BufferedReader output;
    private List<ProcessHandle> workers = List.of();

    private Parent(Process process, Path temporary) {
        this.process = process;
        this.temporary = temporary;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts one.
     *
     * @param directory for its files; its temporary ones are in {@code tmp} below
     */
    static Parent start(Death death, Path directory) throws IOException {
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        Path signs = Files.createTempDirectory(directory, "signs");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(death.options(directory));
        command.addAll(List.of("-cp", classPath(), Household.class.getName(), death.name(), signs.toString()));
        return new Parent(
                new ProcessBuilder(command)
                        .redirectError(
                                Redirect.appendTo(directory.resolve("stderr").toFile()))
                        .start(),
                temporary);
    }

    private static String classPath() {
        return String.join(
                File.pathSeparator,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .toList());
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Waits until all workers are busy; returns them. */
    List<ProcessHandle> awaitBusy() throws IOException, InterruptedException, TimeoutException {
        String[] words = readLine().split(" ");
        if (!words[0].equals("busy") || words.length != 1 + Household.WORKERS) {
            throw new IOException("unexpected: " + String.join(" ", words));
        }
        workers = Arrays.stream(words)
                .skip(1)
                .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
                .toList();
        return workers;
    }

    String readLine() throws IOException, InterruptedException, TimeoutException {
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
            try {
                return String.valueOf(output.readLine());
            } catch (IOException e) {
                return e.toString();
            }
        });
        try {
            return line.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e);
        }
    }

    /** Gives it a word to go on. */
    void tell(char word) throws IOException {
        process.getOutputStream().write(word);
        process.getOutputStream().flush();
    }

    /** Waits for its end. */
    void awaitEnd() throws InterruptedException, TimeoutException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new TimeoutException("the pool's process has not ended within " + PATIENCE);
        }
    }

    /** Returns its workers that still exist. */
    List<ProcessHandle> workersLeft() {
        return workers.stream().filter(Parent::exists).toList();
    }

    /** Tells whether a process exists; one that only waits for somebody to take note of its end does not. */
    private static boolean exists(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state != 'Z' && state != 'X';
        } catch (IOException e) {
            return process.isAlive();
        }
    }

    /** Returns what its pool has left in its temporary directory and in shared memory. */
    List<String> filesLeft() {
        return Stream.concat(
                        Residue.list(temporary, ""),
                        Stream.of("/dev/shm")
                                .map(Path::of)
                                .filter(Files::isDirectory)
                                .flatMap(memory -> Residue.list(memory, "processpool-" + process.pid() + "-")))
                .toList();
    }

    /** Kills what is left of it. */
    @Override
    public void close() {
        process.destroyForcibly();
        workers.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }
}
