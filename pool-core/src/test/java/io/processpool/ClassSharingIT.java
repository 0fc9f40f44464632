package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.LibraryJars;
import io.processpool.testing.ShortTempDir;
import io.processpool.testing.Signs;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives of loaded classes: made, used, not used, and never left half done. */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class ClassSharingIT {

    private static final String DIRECTORY = "processpool.archiveDirectory";
    private static final String DELAY = "processpool.archiveDelay";
    private static final String LOG = "io.processpool.internal.process";
    private static final String MADE = "Archive of classes made";

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    private Path archives;
    private List<String> jars;
    private CapturedLog log;

    @BeforeEach
    void setUp() throws IOException {
        assumeTrue(nobodyElseCanWrite(directory), "below a directory that others may write to");
        archives = directory.resolve("archives");
        Path own = Files.createDirectory(directory.resolve("jars"));
        jars = new ArrayList<>(LibraryJars.in(own));
        // The one that tests change must not be the one that everybody else has an archive for.
        jars.set(
                1, Files.copy(Path.of(jars.get(1)), own.resolve("changing.jar")).toString());
        System.setProperty(DIRECTORY, archives.toString());
        System.setProperty(DELAY, "PT0.02S");
        log = CapturedLog.of(LOG);
    }

    @AfterEach
    void tearDown() {
        System.clearProperty(DIRECTORY);
        System.clearProperty(DELAY);
        log.close();
    }

    private static boolean nobodyElseCanWrite(Path path) throws IOException {
        for (Path at = path.toRealPath(); at != null; at = at.getParent()) {
            int mode = (Integer) Files.getAttribute(at, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            if ((mode & 0022) != 0 && (mode & 01000) == 0) {
                return false;
            }
        }
        return true;
    }

    private ProcessPool.Builder builder() {
        // The names of the classes that a worker loads, and where from; of no influence on the archive.
        return ProcessPool.builder()
                .workers(1)
                .classPath(jars)
                .jvmArguments(List.of("-Xlog:class+load:file=" + directory.resolve("loaded-%p")));
    }

    private List<Path> archives() {
        return files(".jsa");
    }

    private List<Path> files(String suffix) {
        if (!Files.exists(archives)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(archives)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitSettled(int count) {
        await("so many archives are made")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(log.events(Level.DEBUG, "rchive of classes")).hasSizeGreaterThanOrEqualTo(count));
    }

    /** Runs a pool until the archive is there; returns the new one. */
    private Path make() {
        int before = log.events(Level.DEBUG, MADE).size();
        try (ProcessPool pool = builder().build()) {
            pool.apply(() -> 1);
            await("an archive is made")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(log.events(Level.DEBUG, MADE))
                            .as("all that was said: %s", log.events(Level.DEBUG, ""))
                            .hasSizeGreaterThan(before));
        }
        List<ILoggingEvent> made = log.events(Level.DEBUG, MADE);
        return (Path) made.get(made.size() - 1).getArgumentArray()[2];
    }

    private static List<String> options() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-XX:SharedArchiveFile="))
                .toList();
    }

    private long sharedByTop(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(directory.resolve("loaded-" + pid))) {
            return lines.filter(line -> line.contains("io.processpool.internal"))
                    .filter(line -> line.contains("shared objects file (top)"))
                    .count();
        }
    }

    /** What a worker of a new pool tells of itself. */
    private record Told(List<String> options, long shared) {}

    private Told ask(ProcessPool.Builder builder) throws IOException {
        try (ProcessPool pool = builder.build()) {
            List<String> options = List.copyOf(pool.apply(ClassSharingIT::options));
            return new Told(options, sharedByTop(pool.apply(Deeds::pid)));
        }
    }

    // ---- made and used --------------------------------------------------------------------------------------------

    @Test
    void archive_missing_isMadeAndUsedByLaterWorkersAndPools() throws IOException {
        try (ProcessPool pool = builder().build()) {
            long first = pool.apply(Deeds::pid);
            awaitSettled(1);
            assertThat(sharedByTop(first)).isZero();

            pool.recycle(0);
            await().atMost(PATIENCE).until(() -> pool.apply(Deeds::pid) != first);

            assertThat(sharedByTop(pool.apply(Deeds::pid))).isGreaterThan(50);
        }
        assertThat(ask(builder()).shared()).isGreaterThan(50);
        assertThat(archives()).hasSize(1);
        assertThat(Files.getPosixFilePermissions(archives)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void archive_classPathChanged_isAnother() throws IOException {
        Path first = make();
        LibraryJars.touch(jars.get(1));

        assertThat(ask(builder()).options()).isEmpty();
        make();

        assertThat(archives()).hasSize(2).contains(first);
        assertThat(ask(builder()).shared()).isPositive();
    }

    @Test
    void archive_twoPoolsAtOnce_isMadeOnce() {
        try (ProcessPool one = builder().build();
                ProcessPool other = builder().build()) {
            one.apply(() -> 1);
            other.apply(() -> 1);
            awaitSettled(1);
        }
        assertThat(log.events(Level.DEBUG, MADE)).hasSize(1);
        assertThat(archives()).hasSize(1);
    }

    // ---- confined workers -----------------------------------------------------------------------------------------

    /** As docs/memory.md has it: all can be read, and nothing written. */
    private static final List<String> READ_ONLY = List.of(
            "bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc");

    /** As docs/security.md has it, with what a test has in {@code /tmp}. */
    private List<String> sandbox() {
        List<String> prefix = new ArrayList<>(List.of("bwrap", "--ro-bind", "/", "/", "--tmpfs", "/tmp"));
        prefix.addAll(List.of("--ro-bind", "{directory}", "{directory}"));
        prefix.addAll(List.of("--ro-bind", directory.toString(), directory.toString()));
        jars.stream()
                .filter(jar -> jar.startsWith("/tmp/"))
                .forEach(jar -> prefix.addAll(List.of("--ro-bind", jar, jar)));
        prefix.addAll(
                List.of("--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--unshare-net", "--die-with-parent"));
        return prefix;
    }

    /** Returns a builder whose workers tell on stdout which classes they load, since they cannot write files. */
    private ProcessPool.Builder confined(List<String> prefix) {
        List<String> command = new ArrayList<>(prefix);
        command.replaceAll(word -> word.replace("{directory}", directory.toString()));
        command.add("true");
        assumeTrue(ChildJvm.exitCode(command.toArray(String[]::new)) == 0, "not possible here: " + prefix);
        return ProcessPool.builder()
                .workers(1)
                .classPath(jars)
                .commandPrefix(prefix)
                .jvmArguments(List.of("-Xlog:class+load", "-Djava.io.tmpdir=/tmp"));
    }

    private static long sharedByTop(CapturedLog output) {
        return output.events(Level.INFO, "shared objects file (top)").stream()
                .filter(event -> event.getFormattedMessage().contains("io.processpool.internal"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void archive_ofWorkersThatCanWriteNothing_isMadeAndUsed(boolean untrusted) {
        List<String> prefix = untrusted ? sandbox() : READ_ONLY;
        try (ProcessPool pool = confined(prefix).untrusted(untrusted).build()) {
            pool.apply(() -> 1);
            awaitSettled(1);
        }
        assertThat(log.events(Level.DEBUG, MADE))
                .as("all that was said: %s", log.events(Level.DEBUG, ""))
                .hasSize(1);
        assertThat(archives()).hasSize(1);
        assertThat(files(".failed")).isEmpty();

        try (CapturedLog output = CapturedLog.of("io.processpool.worker");
                ProcessPool pool = confined(prefix).untrusted(untrusted).build()) {
            List<String> options = List.copyOf(pool.apply(ClassSharingIT::options));

            assertThat(options)
                    .containsExactly("-XX:SharedArchiveFile=" + archives().get(0));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(sharedByTop(output)).isGreaterThan(50));
        }
    }

    @Test
    void archive_whereWorkersCannotReadIt_isNotMade() throws IOException {
        Files.createDirectory(
                archives, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<String> prefix = new ArrayList<>(READ_ONLY);
        prefix.addAll(List.of("--tmpfs", archives.toString()));
        try (ProcessPool pool = confined(prefix).build()) {
            pool.apply(() -> 1);
            awaitSettled(1);
        }
        assertThat(log.events(Level.DEBUG, "Workers could not read archives here"))
                .hasSize(1);
        assertThat(archives()).isEmpty();
        assertThat(files(".failed")).hasSize(1);
    }

    /** It sees what workers see, as long as it can write there. */
    @Test
    void training_ofWorkersWithAPrefix_runsBehindIt() {
        Signs signs = Signs.in(directory);
        String note = "printf '%s\\n' \"$*\" >> '" + signs.file("commands") + "'; exec \"$@\"";
        try (ProcessPool pool =
                builder().commandPrefix(List.of("/bin/sh", "-c", note, "sh")).build()) {
            pool.apply(() -> 1);
            awaitSettled(1);
        }
        assertThat(log.events(Level.DEBUG, MADE)).hasSize(1);
        assertThat(signs.notes("commands").stream().filter(command -> command.contains("-training")))
                .hasSize(1);
    }

    // ---- not used -------------------------------------------------------------------------------------------------

    @Test
    void archive_damaged_isNotUsedAndMadeAnew() throws IOException {
        Path archive = make();
        byte[] bytes = Files.readAllBytes(archive);
        for (int i = bytes.length / 2; i < bytes.length / 2 + 4096; i++) {
            bytes[i] ^= 0x5a;
        }
        Files.write(archive, bytes);

        assertThat(ask(builder()).options()).isEmpty();
        make();

        assertThat(archives()).hasSize(1);
        assertThat(ask(builder()).shared()).isPositive();
    }

    @Test
    void archive_ofOtherJars_isRefusedByTheJvmInSilence() throws IOException {
        Path archive = make();
        LibraryJars.touch(jars.get(1));
        Path other = make();
        Path wrong = archives.resolve(other.getFileName().toString().substring(0, 32)
                + archive.getFileName().toString().substring(32));
        Files.move(archive, wrong);
        Files.delete(other);

        try (CapturedLog output = CapturedLog.of("io.processpool.worker")) {
            Told told = ask(builder());

            assertThat(told.options()).containsExactly("-XX:SharedArchiveFile=" + wrong);
            assertThat(told.shared()).isZero();
            assertThat(output.events(Level.WARN, "")).isEmpty();
            assertThat(output.events(Level.INFO, "")).isEmpty();
        }
    }

    @Test
    void archive_workerDiesOfIt_nextOnesStartWithout() throws IOException {
        // As if the JVM could not bear it.
        Path archive = make();
        try (ProcessPool pool = builder()
                .initializer(() -> {
                    if (!options().isEmpty()) {
                        Deeds.halt(134);
                    }
                })
                .build()) {
            assertThat(pool.apply(() -> options().isEmpty())).isTrue();
        }
        assertThat(archive).exists();
    }

    @Test
    void directory_writableByGroup_isNotUsed() throws IOException {
        make();
        Files.setPosixFilePermissions(archives, PosixFilePermissions.fromString("rwxrwx---"));

        assertThat(ask(builder()).options()).isEmpty();
    }

    @Test
    void switchedOff_nothingIsMadeNorUsed() throws IOException {
        make();

        assertThat(ask(builder().classDataSharing(false)).options()).isEmpty();
    }

    @Test
    void classPath_withDirectories_hasNoArchive() throws IOException {
        Path classes = Files.createDirectory(directory.resolve("classes"));
        jars = Stream.concat(jars.stream(), Stream.of(classes.toString())).toList();
        try (ProcessPool pool = builder().build()) {
            pool.apply(() -> 1);
            await().atMost(PATIENCE)
                    .until(() -> !log.events(Level.DEBUG, "No archive of classes is made")
                            .isEmpty());
        }
        assertThat(log.events(Level.DEBUG, "a directory on the class path")).isNotEmpty();
        assertThat(archives).doesNotExist();
    }

    @Test
    void pool_shortLived_makesNone() {
        System.clearProperty(DELAY);
        try (ProcessPool pool = builder().build()) {
            pool.apply(() -> 1);
        }
        assertThat(archives).doesNotExist();
        assertThat(log.events(Level.DEBUG, "rchive of classes")).isEmpty();
    }

    // ---- ends -----------------------------------------------------------------------------------------------------

    private static void awaitTraining(String pool) {
        await("training of " + pool)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> ChildJvm.workersOf(pool).stream().anyMatch(line -> line.contains(pool + "-training")));
    }

    @Test
    void pool_closedWhileTraining_leavesNothing() {
        String name = unique("closed-while-training");
        try (ProcessPool pool = builder().name(name).build()) {
            awaitTraining(name);
            pool.terminate();
        }
        assertThat(ChildJvm.workersOf(name)).isEmpty();
        assertThat(files(".jsa")).isEmpty();
        assertThat(files(".tmp")).isEmpty();
        assertThat(files(".failed")).isEmpty();
    }

    /** The main class of a JVM with a pool: the name, the directory of the archives, the class path of the workers. */
    static final class Trainee {
        private Trainee() {}

        public static void main(String[] args) throws Exception {
            System.setProperty(DIRECTORY, args[1]);
            System.setProperty(DELAY, "PT1S");
            try (ProcessPool pool = ProcessPool.builder()
                    .name(args[0])
                    .workers(1)
                    .maxTasksPerWorker(1000)
                    .classPath(List.of(args).subList(2, args.length))
                    .build()) {
                pool.apply(() -> 1);
                while (true) {
                    LockSupport.park(pool); // until the test kills this JVM
                }
            }
        }
    }

    @Test
    void process_killedWhileTraining_leavesNothing() {
        String name = unique("killed-while-training");
        List<String> arguments = Stream.concat(Stream.of(name, archives.toString()), jars.stream())
                .toList();
        try (ChildJvm jvm = ChildJvm.start(directory, List.of(), List.of(), Trainee.class, arguments)) {
            awaitTraining(name);
            jvm.close();

            jvm.expectNothingLeft(name);
        }
        assertThat(files(".jsa")).isEmpty();
        assertThat(files(".tmp")).isEmpty();
    }
}
