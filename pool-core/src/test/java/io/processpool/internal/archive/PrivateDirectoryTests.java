package io.processpool.internal.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
@EnabledOnOs({OS.LINUX, OS.MAC})
class PrivateDirectoryTests {

    @TempDir
    Path temp;

    private int self;

    @BeforeEach
    void setUp() throws IOException {
        self = PrivateDirectory.uid(temp);
        for (Path above = temp.toRealPath().getParent(); above != null; above = above.getParent()) {
            int mode = (Integer) Files.getAttribute(above, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            assumeTrue((mode & 0022) == 0 || (mode & 01000) != 0, "below a directory that others may write to");
        }
        mode(temp, "rwx------");
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private Path find(boolean create, Path... candidates) throws UnsuitableException {
        return PrivateDirectory.find(List.of(candidates), temp, create);
    }

    @Test
    void find_missing_isCreatedOnlyWhenWanted() throws Exception {
        Path wanted = temp.resolve("cache/processpool");

        assertThat(find(false, wanted)).isNull();
        assertThat(wanted).doesNotExist();
        assertThat(find(true, wanted)).isEqualTo(wanted.toRealPath());
        assertThat(Files.getPosixFilePermissions(wanted)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(find(false, wanted)).isEqualTo(wanted.toRealPath());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx---rwx", "rwxr-x---", "rwx-----x"})
    void find_openToOthers_isRefused(String mode) throws Exception {
        Path open = Files.createDirectory(temp.resolve("open"));
        mode(open, mode);

        assertThatThrownBy(() -> find(true, open)).isInstanceOf(UnsuitableException.class);
    }

    @Test
    void find_firstIsUnsafe_takesTheNext() throws Exception {
        Path open = Files.createDirectory(temp.resolve("open"));
        mode(open, "rwxrwxrwx");

        assertThat(find(true, open, temp.resolve("good")))
                .isEqualTo(temp.resolve("good").toRealPath());
    }

    @Test
    void find_belowADirectoryThatOthersMayWrite_isRefusedUnlessSticky() throws Exception {
        Path shared = Files.createDirectory(temp.resolve("shared"));
        Path own = Files.createDirectory(shared.resolve("own"));
        mode(own, "rwx------");
        mode(shared, "rwxrwxrwx");

        assertThatThrownBy(() -> find(false, own)).hasMessageContaining("can be written by others");

        Files.setAttribute(shared, "unix:mode", 01777);
        assertThat(find(false, own)).isEqualTo(own.toRealPath());
    }

    @Test
    void find_symbolicLink_isRefused() throws Exception {
        Path target = Files.createDirectory(temp.resolve("target"));
        mode(target, "rwx------");
        Path link = Files.createSymbolicLink(temp.resolve("link"), target);

        assertThatThrownBy(() -> find(true, link)).hasMessageContaining("is no directory");
    }

    @Test
    void requirePrivate_ofAnotherUser_isRefused() {
        assertThatThrownBy(() -> PrivateDirectory.requirePrivate(temp, self + 1))
                .isInstanceOf(UnsuitableException.class)
                .hasMessageContaining("belongs to user " + self);
    }

    @Test
    void requireOwn_fileOpenToOthers_isRefused() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));
        mode(file, "rw-r--r--");
        assertThatThrownBy(() -> PrivateDirectory.requireOwn(file, self)).hasMessageContaining("mode=644");

        mode(file, "rw-------");
        PrivateDirectory.requireOwn(file, self);
    }
}
