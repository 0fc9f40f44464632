package io.processpool;

import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What of the settings reaches the worker processes. */
@ExtendWith(LeavesNothingBehind.class)
class LaunchIT {

    @TempDir
    Path directory;

    /** Asks every worker of a pool; all run at the same time, so that each answers once. */
    private List<String> askAll(ProcessPool pool, int workers, TaskCallable<String> question) {
        Signs signs = Signs.in(directory);
        List<TaskFuture<String>> answers = IntStream.range(0, workers)
                .mapToObj(i -> pool.applyAsync(() -> {
                    Deeds.gated(signs, "here-" + i, "all-here");
                    return WorkerContext.current().workerId() + ":" + question.call();
                }))
                .toList();
        signs.expect("here-", workers);
        signs.give("all-here");
        return answers.stream().map(Lifecycle::result).toList();
    }

    // ---- environment, directory, arguments ------------------------------------------------------------------------

    // F9
    @Test
    void environment_reachesWorkersAndTheirReplacements() {
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .environment(Map.of("MODEL", "large one", "DEVICE", "gpu{worker}", "EMPTY", ""))
                .build()) {
            TaskCallable<String> ask = () -> System.getenv("MODEL") + "|" + System.getenv("DEVICE") + "|"
                    + System.getenv("EMPTY") + "|" + (System.getenv("PATH") != null);
            assertThat(pool.apply(ask)).isEqualTo("large one|gpu0||true");

            Lifecycle.failureOf(
                    pool.applyAsync(() -> {
                        Deeds.halt(1);
                        return 1;
                    }),
                    WorkerLostException.class);

            assertThat(pool.apply(ask)).isEqualTo("large one|gpu0||true");
        }
    }

    @Test
    void placeholder_isTheSlotOfEachWorker() {
        try (ProcessPool pool = ProcessPool.builder()
                .workers(3)
                .environment(Map.of("SLOT", "<{worker}>"))
                .jvmArguments(List.of("-Dslot={worker}", "-Dtwice={worker}-{worker}"))
                .build()) {
            assertThat(askAll(
                            pool,
                            3,
                            () -> System.getenv("SLOT") + System.getProperty("slot") + System.getProperty("twice")))
                    .containsExactlyInAnyOrder("0:<0>00-0", "1:<1>11-1", "2:<2>22-2");
        }
    }

    @Test
    void workingDirectory_isThatOfTheWorkers() throws IOException {
        Path work = Files.createDirectory(directory.resolve("a b"));
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).workingDirectory(work).build()) {
            assertThat(pool.apply(() -> new File("").getAbsolutePath())).isEqualTo(work.toString());
            pool.apply(() -> Files.writeString(Path.of("relative.txt"), "x").toString());
            assertThat(work.resolve("relative.txt")).exists();
        }
    }

    @Test
    void workingDirectory_doesNotExist_isRefused() {
        assertThatThrownBy(() -> ProcessPool.builder().workingDirectory(directory.resolve("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("workingDirectory=" + directory.resolve("none"));
    }

    @Test
    void jvmArguments_withDifficultCharacters_arriveAsTheyAre() {
        String value = "a b\t\"quoted\" 'single' \\back\\slash #hash $HOME * %PATH% é 漢字";
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .jvmArguments(List.of("-Ddifficult=" + value, "-Dempty="))
                .build()) {
            assertThat(pool.apply(() -> System.getProperty("empty"))).isEmpty();
            String ascii = value.replaceAll("[^\\x00-\\x7f]", "");
            assertThat(pool.apply(() -> System.getProperty("difficult")).replaceAll("[^\\x00-\\x7f]|[\\ufffd]", ""))
                    .startsWith(ascii.substring(0, 40));
        }
    }

    @Test
    void jvmArguments_contradictOurs_win() {
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .maxHeap(64L << 20)
                .jvmArguments(List.of("-Xmx96m", "-XX:+UseParallelGC"))
                .build()) {
            assertThat(pool.apply(() -> Runtime.getRuntime().maxMemory())).isGreaterThan(64L << 20);
            assertThat(pool.apply(() -> ManagementFactory.getGarbageCollectorMXBeans()
                            .get(0)
                            .getName()))
                    .startsWith("PS");
        }
    }

    @Test
    void maxHeap_isTheLimitOfTheWorkersHeap() {
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).maxHeap(80L << 20).build()) {
            assertThat(pool.apply(() -> Runtime.getRuntime().maxMemory())).isBetween(70L << 20, 80L << 20);
        }
    }

    @Test
    void maxHeap_notSet_allWorkersTogetherFitIntoTheMachine() {
        try (ProcessPool pool = ProcessPool.builder().workers(4).build()) {
            long memory = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                    .getTotalMemorySize();
            assertThat(4 * pool.apply(() -> Runtime.getRuntime().maxMemory())).isLessThan(memory * 6 / 10);
        }
    }

    // J11
    @Test
    void workers_notSet_areAsManyAsProcessors() {
        try (ProcessPool pool = ProcessPool.builder().build()) {
            assertThat(pool.snapshot().targetWorkers())
                    .isPositive()
                    .isEqualTo(Runtime.getRuntime().availableProcessors());
        }
    }

    // ---- prefix ---------------------------------------------------------------------------------------------------

    @Test
    @EnabledOnOs(OS.LINUX)
    void commandPrefix_nice_lowersThePriority() {
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .commandPrefix(List.of("nice", "-n", "7"))
                .build()) {
            // the 19th field of stat, counted from behind the name in parentheses
            String nice = pool.apply(() -> {
                String stat = Files.readString(Path.of("/proc/self/stat"));
                return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16];
            });
            assertThat(Integer.parseInt(nice)).isGreaterThanOrEqualTo(7);
            assertThat(Lifecycle.only(pool).pid()).isEqualTo(pool.apply(Deeds::pid));
        }
    }

    // F8
    @Test
    @EnabledOnOs(OS.LINUX)
    void commandPrefix_taskset_pinsEachWorkerToItsProcessor() {
        int workers = Math.min(2, Runtime.getRuntime().availableProcessors());
        try (ProcessPool pool = ProcessPool.builder()
                .workers(workers)
                .commandPrefix(List.of("taskset", "-c", "{worker}"))
                .build()) {
            assertThat(askAll(
                            pool,
                            workers,
                            () -> Files.readAllLines(Path.of("/proc/self/status")).stream()
                                    .filter(line -> line.startsWith("Cpus_allowed_list:"))
                                    .map(line -> line.substring(line.indexOf(':') + 1)
                                            .strip())
                                    .findFirst()
                                    .orElseThrow()))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, workers)
                            .mapToObj(i -> i + ":" + i)
                            .toList());
        }
    }

    // A wrapper that stays in between, as `script` or a supervisor would
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void commandPrefix_wrapperStaysAlive_worksAndEverythingEnds() {
        try (ProcessPool pool = ProcessPool.builder()
                .name(Lifecycle.unique("wrapped"))
                .workers(1)
                .commandPrefix(List.of("sh", "-c", "\"$@\"; exit $?", "sh"))
                .build()) {
            assertThat(pool.apply(() -> "through the wrapper")).isEqualTo("through the wrapper");

            TaskFuture<Integer> task = pool.applyAsync(() -> {
                Deeds.halt(19);
                return 1;
            });

            assertThat(Lifecycle.failureOf(task, WorkerLostException.class).exitCode())
                    .isEqualTo(19);
            assertThat(pool.apply(() -> "again")).isEqualTo("again");
        }
        assertThat(ChildJvm.workersOf(Lifecycle.unique("wrapped"))).isEmpty();
    }

    // ---- debugger -------------------------------------------------------------------------------------------------

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Says what a debugger says first; returns the answer. */
    private static String handshake(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("JDWP-Handshake".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(14), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void debugPort_aDebuggerCanAttachToEachWorkerWithoutStoppingIt() throws IOException {
        int port = freePort();
        try (ProcessPool pool = ProcessPool.builder().workers(2).debugPort(port).build()) {
            awaitIdle(pool, 2);

            assertThat(handshake(port)).isEqualTo("JDWP-Handshake");
            assertThat(handshake(port + 1)).isEqualTo("JDWP-Handshake");
            assertThat(pool.map(i -> i, List.of(1, 2, 3))).containsExactly(1, 2, 3);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void debugPort_isOpenOnLoopbackOnly() throws IOException {
        int port = freePort();
        try (ProcessPool pool = ProcessPool.builder().workers(1).debugPort(port).build()) {
            awaitIdle(pool, 1);
            String suffix = String.format(":%04X", port);
            List<String> listening = new ArrayList<>();
            for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String[] fields = line.strip().split("\\s+");
                    if (fields[1].endsWith(suffix) && fields[3].equals("0A")) {
                        listening.add(fields[1]);
                    }
                }
            }
            assertThat(listening).containsExactly("0100007F" + suffix);
        }
    }

    // A worker and its successor live side by side for a while.
    @Test
    void debugPort_workerIsRecycled_successorStarts() throws IOException {
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).debugPort(freePort()).build()) {
            long pid = pool.apply(Deeds::pid);

            pool.recycle(0);

            await().atMost(Lifecycle.PATIENCE).until(() -> pool.apply(Deeds::pid) != pid);
        }
    }

    // ---- class path -----------------------------------------------------------------------------------------------

    @Test
    void classPath_longerThanACommandLineMayBe_works() throws IOException {
        List<String> entries =
                new ArrayList<>(List.of(System.getProperty("java.class.path").split(File.pathSeparator)));
        Path entry = directory;
        for (int i = 0; i < 800; i++) {
            entry = Files.createDirectory(directory.resolve("library-" + i + "-" + "x".repeat(180)));
            entries.add(entry.toString());
        }
        assertThat(String.join(File.pathSeparator, entries)).hasSizeGreaterThan(160 * 1024);
        Files.writeString(entry.resolve("only-in-the-last.txt"), "found");
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).classPath(entries).build()) {
            assertThat(pool.apply(() -> {
                        try (InputStream in = ClassLoader.getSystemResourceAsStream("only-in-the-last.txt")) {
                            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                        }
                    }))
                    .isEqualTo("found");
        }
    }

    // ---- what must not be inherited -------------------------------------------------------------------------------

    /** An agent that does nothing, but that its JVM knows of. */
    public static final class IdleAgent {
        private IdleAgent() {}

        /** Called by the JVM. */
        public static void premain(String arguments, Instrumentation instrumentation) {
            System.setProperty("idle.agent", "loaded");
        }
    }

    /** The main class of a JVM with a debugger, an agent and JMX; notes what its worker has of it. */
    static final class Instrumented {
        private Instrumented() {}

        public static void main(String[] args) {
            Signs signs = Signs.in(Path.of(args[0]));
            signs.note("agent", System.getProperty("idle.agent"));
            try (ProcessPool pool = ProcessPool.create(1)) {
                pool.apply(() -> ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                                .toList())
                        .forEach(argument -> signs.note("arguments", argument));
                signs.note(
                        "worker",
                        pool.apply(() -> System.getProperty("idle.agent") + " " + System.getenv("JAVA_TOOL_OPTIONS")
                                + " " + System.getProperty("from.tool.options")));
            }
            signs.give("end");
        }
    }

    private Path agentJar() throws IOException {
        Path jar = directory.resolve("agent.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", IdleAgent.class.getName());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new JarEntry("empty"));
            out.closeEntry();
        }
        return jar;
    }

    @Test
    void parent_debuggerAgentsAndJmx_areNotInherited() throws Exception {
        try (ChildJvm child = ChildJvm.start(
                directory,
                List.of("env", "JAVA_TOOL_OPTIONS=-Dfrom.tool.options=yes"),
                List.of(
                        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0",
                        "-javaagent:" + agentJar(),
                        "-Dcom.sun.management.jmxremote.port=0",
                        "-Dcom.sun.management.jmxremote.authenticate=false",
                        "-Dcom.sun.management.jmxremote.ssl=false",
                        "-Xlog:gc:file=" + directory.resolve("gc.log"),
                        "-XX:+HeapDumpOnOutOfMemoryError"),
                Instrumented.class,
                List.of(directory.toString()))) {

            assertThat(child.end()).as(child.errors()).isZero();

            Signs signs = Signs.in(directory);
            assertThat(signs.notes("agent")).containsExactly("loaded");
            assertThat(signs.notes("arguments"))
                    .isNotEmpty()
                    .noneMatch(argument -> argument.contains("jdwp")
                            || argument.contains("javaagent")
                            || argument.contains("jmxremote")
                            || argument.contains("gc.log")
                            || argument.contains("HeapDump"));
            assertThat(signs.notes("worker")).containsExactly("null null null");
        }
    }

    // ---- output ---------------------------------------------------------------------------------------------------

    @Test
    void output_ofAWorker_isLoggedWithPoolAndWorker() {
        try (CapturedLog log = CapturedLog.of("io.processpool.worker.talking");
                ProcessPool pool =
                        ProcessPool.builder().name("talking").workers(1).build()) {
            TaskFuture<Long> task = pool.applyAsync(() -> {
                System.out.println("to stdout");
                System.err.println("to stderr");
                return Deeds.pid();
            });
            long pid = result(task);

            await().atMost(Lifecycle.PATIENCE).untilAsserted(() -> {
                assertThat(log.events(Level.INFO, "to stdout")).hasSize(1);
                assertThat(log.events(Level.WARN, "to stderr")).hasSize(1);
            });
            assertThat(log.events(Level.INFO, "to stdout").get(0).getMDCPropertyMap())
                    .containsEntry("pool", "talking")
                    .containsEntry("worker", "0")
                    .containsEntry("pid", Long.toString(pid));
        }
    }

    // stdin is not the task's to read, and stdout not the protocol's
    @Test
    void standardStreams_abusedByATask_harmNobody() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            assertThat(pool.apply(() -> System.in.read())).isEqualTo(-1);
            pool.apply(() -> {
                System.out.close();
                System.err.close();
                return 0;
            });
            assertThat(pool.apply(() -> "still here")).isEqualTo("still here");
        }
    }
}
