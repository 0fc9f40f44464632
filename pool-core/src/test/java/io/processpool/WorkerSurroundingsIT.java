package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a worker finds around it: files, descriptors, options that keep others out of it, and it out of others. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
@ExtendWith(LeavesNothingBehind.class)
class WorkerSurroundingsIT {

    @TempDir
    private Path directory;

    private static ProcessPool pool(boolean untrusted) {
        return ProcessPool.builder().workers(1).untrusted(untrusted).build();
    }

    private static Set<String> descriptors() {
        Set<String> targets = new TreeSet<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                try {
                    targets.add(Files.readSymbolicLink(link).toString());
                } catch (IOException e) {
                    continue; // that of the listing itself
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return targets;
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static String temporary() {
        return System.getProperty("java.io.tmpdir");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void descriptors_ofThePoolsProcess_areNotInherited(boolean untrusted) throws IOException {
        Path file = directory.resolve("open");
        try (ServerSocket server = new ServerSocket(0);
                FileChannel open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                ProcessPool pool = pool(untrusted)) {
            Set<String> here = descriptors();
            Set<String> there = new TreeSet<>(pool.apply(() -> new ArrayList<>(descriptors())));

            assertThat(server.isBound() && open.isOpen()).isTrue();
            assertThat(here).contains(file.toString()).anyMatch(target -> target.startsWith("socket:"));
            there.retainAll(here);
            assertThat(there)
                    .as("open in both processes")
                    .noneMatch(target -> target.startsWith("socket:") || target.startsWith("pipe:"))
                    .doesNotContain(file.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void files_ofAWorker_areForItsUserAlone(boolean untrusted) {
        String place = directory.toString();
        try (ProcessPool pool = pool(untrusted)) {
            String mode = pool.apply(() -> mode(Files.createFile(Path.of(place, "made"))));
            String directoryMode = pool.apply(() -> mode(Files.createDirectory(Path.of(place, "made-directory"))));

            assertThat(mode).isEqualTo("rw-------");
            assertThat(directoryMode).isEqualTo("rwx------");
        }
    }

    @Test
    void umask_commandPrefix_canWidenIt() {
        String place = directory.toString();
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .commandPrefix(List.of("/bin/sh", "-c", "umask 022; exec \"$@\"", "sh"))
                .build()) {
            assertThat(pool.<String>apply(() -> mode(Files.createFile(Path.of(place, "made")))))
                    .isEqualTo("rw-r--r--");
        }
    }

    @Test
    void environment_withNamesThatShellsLose_isKept() {
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .environment(Map.of("my.setting", "a", "other-setting", "b"))
                .build()) {
            assertThat(pool.<String>apply(() -> System.getenv("my.setting") + System.getenv("other-setting")))
                    .isEqualTo("ab");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void temporaryDirectory_isItsOwnAndGoesWithIt(boolean untrusted) {
        List<String> places = new ArrayList<>();
        try (ProcessPool pool =
                ProcessPool.builder().workers(1).untrusted(untrusted).build()) {
            String first = pool.apply(() -> temporary());
            places.add(first);

            assertThat(pool.<String>apply(() -> mode(Path.of(temporary())))).isEqualTo("rwx------");
            assertThat(pool.<String>apply(() -> System.getenv("TMPDIR"))).isEqualTo(first);
            pool.apply(() -> Files.writeString(Files.createTempFile("left", "behind"), "x")
                    .toString());
            pool.apply(() ->
                    Files.createDirectories(Path.of(temporary(), "a", "b")).toString());
            assertThat(Path.of(first)).isNotEmptyDirectory();

            pool.kill(Lifecycle.only(pool).id());
            await().atMost(Lifecycle.PATIENCE).until(() -> !Files.exists(Path.of(first)));
            String second = pool.apply(() -> temporary());
            places.add(second);
            assertThat(second).isNotEqualTo(first);
            pool.apply(() -> Files.createTempFile("left", "behind").toString());

            pool.recycle(Lifecycle.only(pool).id());
            await().atMost(Lifecycle.PATIENCE).until(() -> !Files.exists(Path.of(second)));
            places.add(pool.apply(() -> temporary()));
        }
        assertThat(places).doesNotHaveDuplicates().allMatch(place -> !Files.exists(Path.of(place)));
    }

    @Test
    void temporaryDirectory_ofTheUser_isKept() {
        String place = directory.toString();
        try (ProcessPool pool = ProcessPool.builder()
                .workers(1)
                .jvmArguments(List.of("-Djava.io.tmpdir=" + place))
                .environment(Map.of("TMPDIR", place))
                .build()) {
            assertThat(pool.<String>apply(() -> temporary())).isEqualTo(place);
            assertThat(pool.<String>apply(() -> System.getenv("TMPDIR"))).isEqualTo(place);
            pool.apply(() -> Files.createFile(Path.of(place, "kept")).toString());
        }
        assertThat(directory.resolve("kept")).exists();
    }

    private static String option(String name) {
        return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption(name)
                .getValue();
    }

    @Test
    void attaching_isRefused_unlessTheUserAllowsIt() {
        try (ProcessPool pool = pool(false);
                ProcessPool open = ProcessPool.builder()
                        .workers(1)
                        .jvmArguments(List.of("-XX:-DisableAttachMechanism"))
                        .build()) {
            assertThat(pool.<String>apply(() -> option("DisableAttachMechanism")))
                    .isEqualTo("true");
            assertThat(open.<String>apply(() -> option("DisableAttachMechanism")))
                    .isEqualTo("false");
            assertThat(pool.threadDump(Lifecycle.only(pool).id())).contains("processpool-task");
        }
    }

    /** The option is one thing, that a tool of the JDK is turned away another. */
    @Test
    void jcmd_isTurnedAway_unlessTheUserAllowsIt() {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        assumeTrue(Files.isExecutable(Path.of(jcmd)), "there is no jcmd");
        try (ProcessPool pool = pool(false);
                ProcessPool open = ProcessPool.builder()
                        .workers(1)
                        .jvmArguments(List.of("-XX:-DisableAttachMechanism"))
                        .build()) {
            long pid = pool.apply(Deeds::pid);
            long openPid = open.apply(Deeds::pid);

            assertThat(ChildJvm.exitCode(jcmd, Long.toString(openPid), "VM.version"))
                    .isZero();
            // It would wait for ten seconds for an answer; the one before took a fraction of one.
            assertThat(ChildJvm.exitCode(
                            jcmd, "-J-Dsun.tools.attach.attachTimeout=3000", Long.toString(pid), "VM.version"))
                    .isNotZero();
            assertThat(pool.apply(Deeds::pid)).as("and the worker goes on").isEqualTo(pid);
        }
    }
}
