package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.processpool.WorkerStartException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class RuntimeDirectoryTests {

    /** No system gives pids as high as that. */
    private static final long DEAD_PID = 99_999_999L;

    @TempDir
    Path temp;

    private static void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "x");
    }

    @Test
    void create_nameAndMode_tellTheOwner() throws IOException {
        try (RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp))) {
            assertThat(directory.path()).hasParent(temp).isDirectory().isEqualTo(Path.of(directory.toString()));
            assertThat(directory.path().getFileName().toString())
                    .matches("processpool-" + ProcessHandle.current().pid() + "-\\d+-[0-9a-f]{8}");
            assumeTrue(Files.getFileStore(temp).supportsFileAttributeView("posix"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void create_fromOutside_isInTheTemporaryDirectoryOrAShorterOne() {
        try (RuntimeDirectory directory = RuntimeDirectory.create()) {
            assertThat(directory
                            .resolve("x".repeat(RuntimeDirectory.MAX_SOCKET_NAME))
                            .toString()
                            .getBytes(StandardCharsets.UTF_8))
                    .hasSizeLessThanOrEqualTo(RuntimeDirectory.MAX_SOCKET_PATH);
            assertThat(directory.path()).isAbsolute().isDirectory();
        }
    }

    // ---- when somebody has deleted it -----------------------------------------------------------------------------

    @Test
    void has_untilSomebodyDeletesSomething_isTrue() throws IOException {
        try (RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp))) {
            assertThat(directory.has("s")).isFalse();
            write(directory.resolve("s"));
            assertThat(directory.has("s")).isTrue();

            Files.delete(directory.resolve(RuntimeDirectory.LOCK_FILE));
            assertThat(directory.has("s")).isFalse();
        }
    }

    @Test
    void has_exchangedForALink_isFalse() throws IOException {
        try (RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp))) {
            Path moved = temp.resolve("moved");
            Files.move(directory.path(), moved);
            Files.createSymbolicLink(directory.path(), moved);

            assertThat(directory.has(RuntimeDirectory.LOCK_FILE)).isFalse();
            Files.delete(directory.path());
        }
    }

    @Test
    void renew_deleted_isAnotherPrivateDirectory() throws IOException {
        Path first;
        try (RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp))) {
            first = directory.path();
            RuntimeDirectory.deleteRecursively(first);
            write(first.resolve("of somebody else"));

            directory.renew();

            assertThat(directory.path()).isNotEqualTo(first).hasParent(temp);
            assertThat(directory.has(RuntimeDirectory.LOCK_FILE)).isTrue();
            assertThat(directory.resolve("x").getParent()).isEqualTo(directory.path());
            assertThat(RuntimeDirectory.deleteIfUnlocked(directory.path())).isFalse();
            assumeTrue(Files.getFileStore(temp).supportsFileAttributeView("posix"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())))
                    .isEqualTo("rwx------");
        }
        RuntimeDirectory.deleteRecursively(first);
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void renew_partlyDeleted_closeDeletesBoth() throws IOException {
        try (RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp))) {
            write(directory.resolve("left"));
            Files.delete(directory.resolve(RuntimeDirectory.LOCK_FILE));
            directory.renew();
            write(directory.resolve("another"));
        }

        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void renew_closed_isRefused() {
        RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp));
        directory.close();

        assertThatThrownBy(directory::renew).isInstanceOf(WorkerStartException.class);
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void create_pathTooLongForASocket_takesTheNextPlace() throws IOException {
        Path deep = Files.createDirectories(temp.resolve("d".repeat(90)));

        try (RuntimeDirectory directory =
                RuntimeDirectory.create(List.of(deep, Path.of("/tmp").toAbsolutePath()))) {
            assertThat(directory.path().getParent()).isNotEqualTo(deep);
        }
    }

    @Test
    void create_onlyLongPaths_takesOne() throws IOException {
        Path deep = Files.createDirectories(temp.resolve("d".repeat(90)));

        try (RuntimeDirectory directory = RuntimeDirectory.create(List.of(deep))) {
            assertThat(directory.path()).hasParent(deep);
        }
    }

    @Test
    void create_nowhereWritable_namesThePlaces() {
        Path missing = temp.resolve("missing");

        assertThatThrownBy(() -> RuntimeDirectory.create(List.of(missing)))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining(missing.toString())
                .hasMessageContaining("java.io.tmpdir");
    }

    @Test
    void newPath_eachTime_isAnother() {
        try (RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp))) {
            assertThat(directory.newPath("a", ".b")).isNotEqualTo(directory.newPath("a", ".b"));
        }
    }

    @Test
    void close_twice_deletesEverythingOnce() throws IOException {
        RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp));
        write(directory.resolve("a/b/c"));
        write(directory.resolve("d"));

        directory.close();
        directory.close();

        assertThat(temp).isEmptyDirectory();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void deleteRecursively_symbolicLinks_areNotFollowed() throws IOException {
        write(temp.resolve("precious/file"));
        Path doomed = Files.createDirectory(temp.resolve("doomed"));
        Files.createSymbolicLink(doomed.resolve("link"), temp.resolve("precious"));
        Path link = Files.createSymbolicLink(temp.resolve("top"), temp.resolve("precious"));

        assertThat(RuntimeDirectory.deleteRecursively(doomed)).isTrue();
        assertThat(RuntimeDirectory.deleteRecursively(link)).isTrue();
        assertThat(RuntimeDirectory.deleteRecursively(temp.resolve("missing"))).isTrue();

        assertThat(temp.resolve("precious/file")).exists();
        assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    private Path leftover(long pid, long start) throws IOException {
        Path directory = temp.resolve("processpool-" + pid + "-" + start + "-0123abcd");
        write(directory.resolve("worker.sock"));
        write(directory.resolve(RuntimeDirectory.LOCK_FILE));
        return directory;
    }

    @Test
    void deleteIfUnlocked_ownerLives_isSpared() {
        try (RuntimeDirectory directory = RuntimeDirectory.create(List.of(temp))) {
            assertThat(RuntimeDirectory.deleteIfUnlocked(directory.path())).isFalse();
            assertThat(directory.resolve(RuntimeDirectory.LOCK_FILE)).exists();
        }
    }

    @Test
    void deleteIfUnlocked_nobodyHasTheLock_isDeleted() throws IOException {
        Path directory = temp.resolve("left");
        write(directory.resolve(RuntimeDirectory.LOCK_FILE));
        write(directory.resolve("1/some.jar"));

        assertThat(RuntimeDirectory.deleteIfUnlocked(directory)).isTrue();
        assertThat(directory).doesNotExist();
        assertThat(RuntimeDirectory.deleteIfUnlocked(directory)).isTrue();
    }

    /** Then somebody else is deleting it, or it never was what it is taken for. */
    @Test
    void deleteIfUnlocked_noLockFile_isSpared() throws IOException {
        write(temp.resolve("other/some.jar"));

        assertThat(RuntimeDirectory.deleteIfUnlocked(temp.resolve("other"))).isFalse();
        assertThat(temp.resolve("other/some.jar")).exists();
    }

    @Test
    void sweep_deadOwner_isDeleted() throws IOException {
        Path dead = leftover(DEAD_PID, 1);

        Leftovers.sweep(List.of(temp, temp.resolve("missing")));

        assertThat(dead).doesNotExist();
    }

    @Test
    void sweep_pidReused_isDeleted() throws IOException {
        Path dead = leftover(ProcessHandle.current().pid(), 1000);

        Leftovers.sweep(List.of(temp));

        assertThat(dead).doesNotExist();
    }

    @Test
    void sweep_livingOwner_isSpared() throws IOException {
        try (RuntimeDirectory own = RuntimeDirectory.create(List.of(temp))) {
            Path unknownStart = leftover(ProcessHandle.current().pid(), 0);

            Leftovers.sweep(List.of(temp));

            assertThat(own.path()).exists();
            assertThat(unknownStart).exists();
        }
    }

    /** As in another container that shares the directory: its pids mean nothing here. */
    @Test
    void sweep_locked_isSpared() throws IOException {
        Path directory = leftover(DEAD_PID, 1);
        try (var channel = FileChannel.open(directory.resolve(RuntimeDirectory.LOCK_FILE), StandardOpenOption.WRITE)) {
            assertThat(channel.tryLock()).isNotNull();

            Leftovers.sweep(List.of(temp));

            assertThat(directory).exists();
        }
    }

    @Test
    void sweep_noLockFileYet_isSparedWhileYoung() throws IOException {
        Path directory = leftover(DEAD_PID, 1);
        Files.delete(directory.resolve(RuntimeDirectory.LOCK_FILE));

        Leftovers.sweep(List.of(temp));
        assertThat(directory).exists();

        Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minusSeconds(120)));
        Leftovers.sweep(List.of(temp));
        assertThat(directory).doesNotExist();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void sweep_symbolicLink_isNotTouched() throws IOException {
        write(temp.resolve("precious/" + RuntimeDirectory.LOCK_FILE));
        Path link = Files.createSymbolicLink(
                temp.resolve("processpool-" + DEAD_PID + "-1-00000000"), temp.resolve("precious"));

        Leftovers.sweep(List.of(temp));

        assertThat(link).exists();
        assertThat(temp.resolve("precious/" + RuntimeDirectory.LOCK_FILE)).exists();
    }

    @Test
    void sweep_otherNames_areSpared() throws IOException {
        for (String name : List.of(
                "processpool-abc", "processpool-1-2", "processpool-" + DEAD_PID + "-1-xyz", "processpool-1-2-3-4")) {
            write(temp.resolve(name).resolve(RuntimeDirectory.LOCK_FILE));
        }
        write(temp.resolve("processpool-" + DEAD_PID + "-1-0000file"));

        Leftovers.sweep(List.of(temp));

        assertThat(temp.toFile().list()).hasSize(5);
    }

    @Test
    void sweep_public_neverThrows() {
        RuntimeDirectory.sweep();
    }
}
