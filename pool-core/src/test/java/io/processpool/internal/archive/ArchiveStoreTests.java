package io.processpool.internal.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
@EnabledOnOs({OS.LINUX, OS.MAC})
class ArchiveStoreTests {

    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    Path temp;

    private Path directory;
    private Path made;

    @BeforeEach
    void setUp() throws IOException {
        directory = Files.createDirectory(temp.resolve("archives"));
        made = Files.writeString(temp.resolve("made"), "classes");
    }

    private ArchiveStore at(Instant time) {
        return new ArchiveStore(directory, Clock.fixed(time, ZoneOffset.UTC));
    }

    private ArchiveStore store() {
        return at(NOW);
    }

    @Test
    void find_installed_isTheArchive() throws IOException {
        Path installed = store().install("key", made);

        assertThat(store().find("key")).isEqualTo(installed);
        assertThat(store().find("other")).isNull();
        assertThat(installed).hasContent("classes");
        assertThat(Files.getPosixFilePermissions(installed)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void find_damagedOrEmpty_isNone() throws IOException {
        Path installed = store().install("key", made);

        Files.writeString(installed, "clAsses");
        assertThat(store().find("key")).isNull();
        Files.writeString(installed, "");
        assertThat(store().find("key")).isNull();
    }

    @Test
    void find_writableByOthers_isNone() throws IOException {
        Path installed = store().install("key", made);
        Files.setPosixFilePermissions(installed, PosixFilePermissions.fromString("rw-rw----"));

        assertThat(store().find("key")).isNull();
    }

    @Test
    void find_symbolicLink_isNone() throws IOException {
        Path installed = store().install("key", made);
        Path elsewhere = Files.move(installed, temp.resolve("elsewhere"));
        Files.createSymbolicLink(installed, elsewhere);

        assertThat(store().find("key")).isNull();
    }

    @Test
    void find_directoryMissing_isNone() {
        assertThat(new ArchiveStore(temp.resolve("nowhere")).find("key")).isNull();
    }

    @Test
    void find_longAfterItWasMade_keepsItYoung() throws IOException {
        Path installed = store().install("key", made);
        Instant later = NOW.plus(Duration.ofDays(20));

        at(later).find("key");

        assertThat(Files.getLastModifiedTime(installed).toInstant()).isEqualTo(later);
    }

    @Test
    void install_nothingMade_leavesNothing() {
        assertThatThrownBy(() -> store().install("key", temp.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void noteFailure_isForgottenAfterADay() throws IOException {
        assertThat(store().hasFailed("key")).isFalse();

        store().noteFailure("key");

        assertThat(at(NOW.plus(Duration.ofHours(23))).hasFailed("key")).isTrue();
        Instant later = NOW.plus(Duration.ofHours(25));
        assertThat(at(later).hasFailed("key")).isFalse();
        at(later).tidyUp("key");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void tidyUp_unusedUnfinishedAndDamaged_areDeleted() throws IOException {
        at(NOW.minus(Duration.ofDays(31))).install("old", made);
        Path used = at(NOW.minus(Duration.ofDays(29))).install("used", made);
        Path damaged = store().install("key", made);
        Files.writeString(damaged, "else");
        Files.createFile(directory.resolve("other.tmp"));
        Path foreign = Files.createFile(directory.resolve("README"));

        store().tidyUp("key");

        assertThat(directory).isDirectoryContaining(used::equals).isDirectoryContaining(foreign::equals);
        assertThat(directory.toFile().list()).hasSize(2);
    }

    @Test
    void tidyUp_tooMany_leastRecentlyUsedAreDeleted() throws IOException {
        for (int i = 0; i < 25; i++) {
            Path archive = store().install("key" + i, made);
            Files.setLastModifiedTime(archive, FileTime.from(NOW.minusSeconds(100 - i)));
        }

        store().tidyUp("other");

        assertThat(directory.toFile().list()).hasSize(20);
        assertThat(store().find("key4")).isNull();
        assertThat(store().find("key5")).isNotNull();
    }
}
