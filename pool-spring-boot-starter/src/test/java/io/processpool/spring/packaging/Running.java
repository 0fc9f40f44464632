package io.processpool.spring.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An application in a JVM of its own, with a directory for temporary files of its own, seen from outside. */
final class Running implements AutoCloseable {

    /** SEVERE and WARNING are those of a server's log; stack traces have tabs. */
    private static final Pattern TROUBLE = Pattern.compile("WARN|ERROR|SEVERE|LEAK|\tat ");

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final Path directory;
    private final Set<ProcessHandle> family = new LinkedHashSet<>();

    private Running(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
    }

    /**
     * Starts one.
     *
     * @param directory its working directory, where its output goes as well
     * @param arguments what follows {@code java} on the command line
     */
    static Running start(Path directory, List<String> arguments) {
        return start(directory, List.of(), arguments);
    }

    /**
     * Starts one.
     *
     * @param directory its working directory, where its output goes as well
     * @param prefix a command that executes what follows it, may be empty
     * @param arguments what follows {@code java} on the command line
     */
    static Running start(Path directory, List<String> prefix, List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(java());
        // As quick to start, and as small, as it can be.
        command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        command.add("-Dstdout.encoding=UTF-8");
        command.add("-Djava.io.tmpdir=" + directory.resolve("tmp"));
        command.addAll(arguments);
        try {
            Files.createDirectories(directory.resolve("tmp"));
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(directory.resolve("output.txt").toFile())
                    .redirectErrorStream(true)
                    .start();
            return new Running(process, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns a prefix for {@link #start} that lets the application heed a signal. It is empty most of the time. But
     * whatever a shell runs in the background may be started with SIGINT ignored, and passes that on to all its
     * descendants. Skips the test where that cannot be undone.
     */
    static List<String> heeding(String signal) {
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

    private static int exitCode(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            assertThat(process.waitFor(10, TimeUnit.SECONDS))
                    .as("%s ends", List.of(command))
                    .isTrue();
            return process.exitValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Returns its process id. */
    long pid() {
        return process.pid();
    }

    /** Returns what it has written so far. */
    String output() {
        try {
            return Files.readString(directory.resolve("output.txt"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asserts that it has logged no warning, no error and no stack trace. Tells those lines alone, if there are any. */
    void expectNoTrouble() {
        assertThat(output().lines().filter(TROUBLE.asPredicate())).isEmpty();
    }

    /** Writes a line to its standard input. */
    void tell(String line) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until what it writes matches so often, and returns the last match. */
    MatchResult awaitOutput(String regex, int times) {
        Pattern pattern = Pattern.compile(regex);
        List<MatchResult> matches = new ArrayList<>();
        await(regex).atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            matches.clear();
            String output = output();
            Matcher matcher = pattern.matcher(output);
            while (matcher.find()) {
                matches.add(matcher.toMatchResult());
            }
            assertThat(matches.size() >= times || !process.isAlive())
                    .as("%s is in: %s", regex, output)
                    .isTrue();
        });
        assertThat(matches).as("%s in: %s", regex, output()).hasSizeGreaterThanOrEqualTo(times);
        return matches.get(matches.size() - 1);
    }

    /** Waits until the application serves, for the nth time; returns its address. */
    URI awaitOpen(int times) {
        return URI.create(
                "http://127.0.0.1:" + awaitOutput("SHOP OPEN (\\d+)\\R", times).group(1));
    }

    /** Asks the application. */
    static String get(URI address, String path) {
        return ask(address, path).join();
    }

    /** Asks the application without waiting for the answer. */
    static CompletableFuture<String> ask(URI address, String path) {
        HttpRequest request =
                HttpRequest.newBuilder(address.resolve(path)).timeout(PATIENCE).build();
        return HTTP.sendAsync(request, BodyHandlers.ofString()).thenApply(response -> {
            assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
            return response.body();
        });
    }

    /** Returns the workers, which must be so many children of the application, and remembers them. */
    List<Long> workers(int count) {
        List<Long> workers = new ArrayList<>();
        await("workers").atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            List<ProcessHandle> found = process.descendants().toList();
            family.addAll(found);
            workers.clear();
            found.forEach(worker -> workers.add(worker.pid()));
            assertThat(workers).as("workers; output: %s", output()).hasSize(count);
        });
        return workers;
    }

    /** Sends a signal to single processes. Never to a group: not every {@code kill} means one by a negative pid. */
    static void signal(String name, List<Long> pids) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        assertThat(pids).isNotEmpty().allMatch(pid -> pid > 1);
        try {
            Process kill = new ProcessBuilder(command).inheritIO().start();
            assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(kill.exitValue()).as("exit code of %s", command).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until it has ended; returns its exit code. */
    int end() {
        try {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(family::add);
                assertThat(System.nanoTime() - deadline)
                        .as("it has ended: %s", output())
                        .isNegative();
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Asserts that a worker, or whatever was its child, is gone or goes within seconds. */
    static void awaitEnd(List<Long> pids) {
        await("end of " + pids)
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> pids.stream().noneMatch(Running::isAlive));
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(Running::isAlive).orElse(false);
    }

    /** One that has ended counts as alive as long as it descends from this JVM; init may take seconds to note its end. */
    private static boolean isAlive(ProcessHandle process) {
        return process.isAlive()
                && (!hasEnded(process) || ProcessHandle.current().descendants().anyMatch(process::equals));
    }

    private static boolean hasEnded(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
        } catch (IOException e) {
            return false; // no /proc, or it has just gone for good
        }
    }

    /** Asserts that within seconds there is no process of its family, and none of its temporary files. */
    void expectNothingLeft() {
        expectNothingLeft("nothing");
    }

    /**
     * Asserts the same of an application that could not tidy up.
     *
     * @param notOurs a pattern of the names of what others leave
     */
    void expectNothingLeft(String notOurs) {
        assertThat(process.isAlive()).isFalse();
        await("nothing is left")
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    assertThat(family).filteredOn(Running::isAlive).isEmpty();
                    assertThat(names(directory.resolve("tmp")))
                            .filteredOn(name -> !name.matches(notOurs))
                            .isEmpty();
                    assertThat(runtimeDirectories()).isEmpty();
                });
    }

    /** Where the path of its own directory is too long for a socket, a pool has it elsewhere. */
    private List<String> runtimeDirectories() {
        return Stream.of(System.getenv("XDG_RUNTIME_DIR"), "/tmp", "/var/tmp", System.getProperty("user.home"))
                .filter(root -> root != null && Files.isDirectory(Path.of(root)))
                .flatMap(root -> names(Path.of(root)).stream())
                .filter(name -> name.startsWith("processpool-" + pid() + "-"))
                .toList();
    }

    private static List<String> names(Path directory) {
        String[] names = directory.toFile().list();
        return names == null ? List.of() : Arrays.asList(names);
    }

    /** Kills it if it has not ended. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }
}
