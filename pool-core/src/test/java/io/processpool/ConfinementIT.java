package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Workers behind tools that confine them, as docs/memory.md shows: they work, end when they are killed, and nothing is left.
 * Each test needs its tool, and the right to use it.
 */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class ConfinementIT {

    private static final Duration SHORT = Duration.ofMillis(700);

    // As docs/memory.md has them.
    private static final List<String> NO_NEW_PRIVILEGES = List.of("setpriv", "--no-new-privs");
    private static final List<String> NO_CAPABILITIES =
            List.of("setpriv", "--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all");
    private static final List<String> OPEN_FILES = List.of("prlimit", "--nofile=30{worker}");
    private static final List<String> PROCESSOR_TIME = List.of("prlimit", "--cpu=4:60");
    private static final List<String> ADDRESSES = List.of("prlimit", "--as=3221225472");
    private static final List<String> TAKEN_FIRST = List.of("choom", "-n", "500", "--");
    private static final List<String> NO_NETWORK =
            List.of("bwrap", "--unshare-net", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev");
    private static final List<String> ALONE = List.of(
            "bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc");

    // As docs/security.md has it.
    private static final List<String> SANDBOX = List.of(
            "bwrap",
            "--ro-bind",
            "/",
            "/",
            "--tmpfs",
            "/tmp",
            "--ro-bind",
            "{directory}",
            "{directory}",
            "--dev",
            "/dev",
            "--proc",
            "/proc",
            "--unshare-pid",
            "--unshare-net",
            "--die-with-parent");

    private static final String TEMPORARY_OF_THE_SANDBOX = "-Djava.io.tmpdir=/tmp";

    /** Skips the test if a prefix cannot be used here; returns it. */
    private static List<String> usable(List<String> prefix) {
        List<String> command = prefix.stream()
                .map(word -> word.replace("{worker}", "0").replace("{directory}", System.getProperty("java.io.tmpdir")))
                .collect(Collectors.toCollection(ArrayList::new));
        command.add("true");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean works = process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
            process.destroyForcibly();
            assumeTrue(works, "not possible here: " + String.join(" ", prefix));
        } catch (IOException e) {
            assumeTrue(false, "not there: " + prefix.get(0));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return prefix;
    }

    private static ProcessPool.Builder builder(String name, List<String> prefix) {
        return ProcessPool.builder()
                .name(Lifecycle.unique(name))
                .workers(1)
                .maxHeap(64 << 20)
                .cancelGrace(Duration.ofMillis(100))
                .commandPrefix(prefix);
    }

    /** Returns a line of {@code /proc/self/status} of the worker. */
    private static String status(ProcessPool pool, String key) {
        return pool.apply(
                name -> Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith(name + ":"))
                        .map(line -> line.substring(name.length() + 1).strip())
                        .findFirst()
                        .orElse("?"),
                key);
    }

    /** Runs a task that only a kill ends, and one that ends the worker: both reach the JVM, whatever lies in between. */
    private static void assertKillsReachTheWorker(ProcessPool pool, String name) {
        List<String> before = ChildJvm.workersOf(Lifecycle.unique(name));
        assertThat(before).isNotEmpty();
        TaskFuture<Integer> endless = pool.applyAsync(
                () -> {
                    while (true) {
                        Thread.onSpinWait();
                    }
                },
                TaskOptions.defaults().timeout(SHORT));
        Lifecycle.failureOf(endless, TaskTimeoutException.class);
        await().atMost(Lifecycle.PATIENCE)
                .untilAsserted(() ->
                        assertThat(ChildJvm.workersOf(Lifecycle.unique(name))).doesNotContainAnyElementsOf(before));
        TaskFuture<Integer> halts = pool.applyAsync(() -> {
            Runtime.getRuntime().halt(7);
            return 1;
        });
        assertThat(Lifecycle.failureOf(halts, WorkerLostException.class).exitCode())
                .isEqualTo(7);
        assertThat(pool.apply(() -> "again")).isEqualTo("again");
    }

    private static void assertNothingIsLeft(String name) {
        await().atMost(Lifecycle.PATIENCE)
                .untilAsserted(() ->
                        assertThat(ChildJvm.workersOf(Lifecycle.unique(name))).isEmpty());
    }

    @Test
    void documentation_prefixes_areThoseThatAreTestedHere() throws IOException {
        assertThat(prefixesIn("memory.md"))
                .containsExactlyInAnyOrderElementsOf(Stream.of(
                                TAKEN_FIRST,
                                OPEN_FILES,
                                PROCESSOR_TIME,
                                ADDRESSES,
                                NO_NEW_PRIVILEGES,
                                NO_CAPABILITIES,
                                NO_NETWORK,
                                ALONE)
                        .map(ConfinementIT::inJava)
                        .toList());
        assertThat(prefixesIn("security.md")).contains(inJava(SANDBOX));
        assertThat(Path.of("../docs/security.md")).content().contains('"' + TEMPORARY_OF_THE_SANDBOX + '"');
    }

    private static List<String> prefixesIn(String page) throws IOException {
        Matcher prefixes = Pattern.compile("commandPrefix\\(List\\.of\\(([^)]*)\\)")
                .matcher(Files.readString(Path.of("../docs", page)));
        return prefixes.results()
                .map(found -> found.group(1).replaceAll("\\s+", " ").strip())
                .toList();
    }

    private static String inJava(List<String> prefix) {
        return prefix.stream().collect(Collectors.joining("\", \"", "\"", "\""));
    }

    // ---- setpriv --------------------------------------------------------------------------------------------------

    @Test
    void setpriv_noNewPrivileges_holdsInTheWorker() {
        List<String> prefix = usable(NO_NEW_PRIVILEGES);
        try (ProcessPool pool = builder("nnp", prefix).build()) {
            assertThat(status(pool, "NoNewPrivs")).isEqualTo("1");
            assertThat(Lifecycle.only(pool).pid())
                    .as("setpriv has become the worker")
                    .isEqualTo(pool.apply(Deeds::pid));

            assertKillsReachTheWorker(pool, "nnp");
        }
        assertNothingIsLeft("nnp");
    }

    @Test
    void setpriv_capabilitiesOfRoot_areGone() {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root has something to give away");
        List<String> prefix = usable(NO_CAPABILITIES);
        try (ProcessPool pool = builder("caps", prefix).build()) {
            assertThat(status(pool, "CapEff")).isEqualTo("0000000000000000");

            assertKillsReachTheWorker(pool, "caps");
        }
        assertNothingIsLeft("caps");
    }

    /** The directory of the pool belongs to its user alone, and so do the socket and the arguments in it. */
    @Test
    void setpriv_anotherUser_cannotStartAndSaysWhy() {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can become another user");
        List<String> prefix = usable(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        try (ProcessPool pool =
                builder("user", prefix).startTimeout(Duration.ofSeconds(20)).build()) {
            WorkerStartException failure = catchThrowableOfType(WorkerStartException.class, () -> pool.apply(() -> 1));

            assertThat(failure).hasMessageContaining("could not open").hasMessageContaining(".args");
        }
        assertNothingIsLeft("user");
    }

    // ---- limits ---------------------------------------------------------------------------------------------------

    @Test
    void prlimit_openFiles_isThatOfTheSlot() {
        List<String> prefix = usable(OPEN_FILES);
        try (ProcessPool pool = builder("nofile", prefix).build()) {
            String limit = pool.apply(() -> Files.readAllLines(Path.of("/proc/self/limits")).stream()
                    .filter(line -> line.startsWith("Max open files"))
                    .findFirst()
                    .orElseThrow());

            assertThat(limit).containsPattern("Max open files\\s+300\\s+300\\s");
            assertKillsReachTheWorker(pool, "nofile");
        }
        assertNothingIsLeft("nofile");
    }

    @Test
    void prlimit_processorTime_endsAWorkerThatComputesForEver() {
        List<String> prefix = usable(PROCESSOR_TIME);
        try (ProcessPool pool = builder("cpu", prefix).build()) {
            TaskFuture<Integer> endless = pool.applyAsync(() -> {
                while (true) {
                    Thread.onSpinWait();
                }
            });

            assertThat(Lifecycle.failureOf(endless, WorkerLostException.class).signalName())
                    .isEqualTo("SIGXCPU");
            assertThat(pool.apply(() -> "again")).isEqualTo("again");
        }
        assertNothingIsLeft("cpu");
    }

    @Test
    void prlimit_addressSpace_boundsNativeMemoryAsWell() {
        List<String> prefix = usable(ADDRESSES);
        try (ProcessPool pool = builder("space", prefix)
                .jvmArguments(List.of("-XX:ReservedCodeCacheSize=64m", "-XX:CompressedClassSpaceSize=64m"))
                .build()) {
            assertThat(pool.apply(() -> "works")).isEqualTo("works");

            assertKillsReachTheWorker(pool, "space");
        }
        assertNothingIsLeft("space");
    }

    @Test
    void choom_workersAreWhatTheKernelTakesFirst() {
        List<String> prefix = usable(TAKEN_FIRST);
        try (ProcessPool pool = builder("choom", prefix).build()) {
            assertThat(pool.apply(() -> Files.readString(Path.of("/proc/self/oom_score_adj"))
                            .strip()))
                    .isEqualTo("500");

            assertKillsReachTheWorker(pool, "choom");
        }
        assertNothingIsLeft("choom");
    }

    // ---- bwrap ----------------------------------------------------------------------------------------------------

    @Test
    void bwrap_withoutNetworkAndWritableFiles_confinesTheWorker() throws IOException {
        List<String> prefix = usable(NO_NETWORK);
        Path file = Files.createTempFile("confined", "");
        try (ProcessPool pool = builder("bwrap", prefix).build()) {
            assertThat(pool.apply(() -> Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
                            .map(NetworkInterface::getName)
                            .collect(Collectors.toList())))
                    .isSubsetOf("lo");
            boolean writable = pool.apply(path -> Files.isWritable(Path.of(path)), file.toString());
            assertThat(writable).isFalse();
            byte[] large = pool.apply(n -> new byte[n], 3 << 20);
            assertThat(large).hasSize(3 << 20);

            assertKillsReachTheWorker(pool, "bwrap");
        } finally {
            Files.delete(file);
        }
        assertNothingIsLeft("bwrap");
    }

    /** Of the directory for temporary files it has one of its own, and can only read what the pool has put in the other. */
    @Test
    void bwrap_sandboxForUntrusted_hidesTemporaryFilesAndWorks() throws IOException {
        assumeTrue(
                !Path.of("").toAbsolutePath().startsWith("/tmp"),
                "the classes lie where the sandbox has nothing of them");
        List<String> prefix = usable(SANDBOX);
        Path file = Files.createTempFile(Path.of("/tmp"), "not-for-workers", "");
        try (ProcessPool pool = builder("sandbox", prefix)
                .untrusted(true)
                .jvmArguments(List.of(TEMPORARY_OF_THE_SANDBOX))
                .build()) {
            boolean visible = pool.apply(path -> Files.exists(Path.of(path)), file.toString());
            assertThat(visible).isFalse();
            assertThat(pool.apply(() -> Files.writeString(Files.createTempFile("own", ""), "x")
                            .getParent()
                            .toString()))
                    .isEqualTo("/tmp");
            String command = pool.apply(() ->
                    String.join("\n", ProcessHandle.current().info().arguments().orElseThrow()));
            String directory = Path.of(command.substring(command.indexOf('@') + 1))
                    .getParent()
                    .toString();
            boolean readable = pool.apply(path -> Files.isReadable(Path.of(path)), directory);
            boolean writable = pool.apply(path -> Files.isWritable(Path.of(path)), directory);
            assertThat(readable).isTrue();
            assertThat(writable).isFalse();
            byte[] large = pool.apply(n -> new byte[n], 3 << 20);
            assertThat(large).hasSize(3 << 20);

            assertKillsReachTheWorker(pool, "sandbox");
        } finally {
            Files.delete(file);
        }
        assertNothingIsLeft("sandbox");
    }

    /** The worker does not see the pool's process, nor any other; the pool sees the worker. */
    @Test
    void bwrap_withItsOwnProcesses_confinesTheWorker() {
        List<String> prefix = usable(ALONE);
        try (ProcessPool pool = builder("all", prefix).build()) {
            assertThat(pool.apply(() -> ProcessHandle.allProcesses().count())).isLessThan(5);
            assertThat(pool.apply(Deeds::pid)).isLessThan(10);
            assertStaysThoughItDoesNotSeeThePool(pool);
            assertThat(Lifecycle.only(pool).residentBytes())
                    .as("memory of the JVM, not of bwrap")
                    .isGreaterThan(20 << 20);

            assertKillsReachTheWorker(pool, "all");
        }
        assertNothingIsLeft("all");
    }

    private static void assertStaysThoughItDoesNotSeeThePool(ProcessPool pool) {
        long pid = Lifecycle.only(pool).pid();
        await().during(Duration.ofSeconds(3))
                .atMost(Lifecycle.PATIENCE)
                .untilAsserted(() -> assertThat(Lifecycle.only(pool).pid()).isEqualTo(pid));
    }

    @Test
    void bwrap_memoryOfTheWorker_countsForRecycling() {
        List<String> prefix = usable(ALONE);
        try (ProcessPool pool = builder("weigh", prefix)
                .maxHeap(256 << 20)
                .maxWorkerMemory(150 << 20)
                .build()) {
            long first = Lifecycle.only(pool).pid();
            pool.apply(() -> {
                for (int i = 0; i < 17; i++) {
                    byte[] leak = new byte[10 << 20];
                    java.util.Arrays.fill(leak, (byte) 1);
                    WorkerContext.current().state().put("leak-" + i, leak);
                }
                return null;
            });

            await().atMost(Lifecycle.PATIENCE)
                    .untilAsserted(() -> assertThat(pool.snapshot().workers())
                            .hasSize(1)
                            .noneMatch(worker -> worker.pid() == first));
        }
        assertNothingIsLeft("weigh");
    }

    @Test
    void environment_ofAConfinedWorker_isWhatIsGiven() {
        List<String> prefix = usable(NO_NEW_PRIVILEGES);
        try (ProcessPool pool =
                builder("env", prefix).environment(Map.of("SLOT", "{worker}")).build()) {
            assertThat(pool.apply(() -> System.getenv("SLOT"))).isEqualTo("0");
        }
    }
}
