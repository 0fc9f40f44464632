package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.processpool.ClassPathMode;
import io.processpool.testing.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class UnpackerTests {

    @TempDir
    Path temp;

    private Path root;
    private Extractions extractions;

    @BeforeEach
    void setUp() throws IOException {
        root = Files.createDirectory(temp.resolve("root"));
        extractions = new Extractions(() -> List.of(root));
    }

    private Unpacker unpacker(ClassPathMode mode) {
        return new Unpacker("unpack", mode, Duration.ofSeconds(60), extractions);
    }

    private BootArchive archive() throws IOException {
        return BootArchiveFixture.jar().library("lib/a.jar").write(temp.resolve("app.jar"));
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "EXTRACTED"})
    void unpack_smallArchive_isExtractedUntilTheEnd(ClassPathMode mode) throws IOException {
        try (Unpacker unpacker = unpacker(mode)) {
            assertThat(unpacker.directory()).isNull();

            List<Path> classPath = unpacker.unpack(archive());

            assertThat(classPath).hasSize(1);
            assertThat(unpacker.unpack(archive())).isEqualTo(classPath);
            assertThat(unpacker.directory().getParent()).isEqualTo(root);
            assertThat(unpacker.isIntact()).isTrue();
        }
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void unpack_launcherMode_doesNothing() throws IOException {
        try (Unpacker unpacker = unpacker(ClassPathMode.LAUNCHER)) {
            assertThat(unpacker.unpack(archive())).isNull();
            assertThat(unpacker.unpack(BootArchiveFixture.jar().explode(temp.resolve("exploded"))))
                    .isNull();
            assertThat(root).isEmptyDirectory();
        }
    }

    @Test
    void unpack_severalPools_shareUntilTheLastEnds() throws IOException {
        Unpacker first = unpacker(ClassPathMode.AUTO);
        Unpacker second = unpacker(ClassPathMode.EXTRACTED);

        assertThat(first.unpack(archive())).isEqualTo(second.unpack(archive()));
        first.close();
        assertThat(second.isIntact()).isTrue();
        second.close();
        assertThat(root).isEmptyDirectory();
    }

    /** Its class path depends on settings that only it knows how to read. */
    @Test
    void unpack_archiveWithSettings_isLeftToItsLauncher() throws IOException {
        BootArchive archive = BootArchiveFixture.jar()
                .manifest("Main-Class: " + BootArchiveFixture.LAUNCHER)
                .library("lib/a.jar")
                .write(temp.resolve("app.jar"));

        expectRefusal(archive, "settings of its own");
    }

    @Test
    void unpack_refusedName_isLeftToTheLauncher() throws IOException {
        expectRefusal(
                BootArchiveFixture.jar().library("lib/../a.jar").write(temp.resolve("app.jar")), "leads elsewhere");
    }

    @Test
    void unpack_noRoom_isLeftToTheLauncher() throws IOException {
        extractions = new Extractions(() -> List.of(Path.of("/proc")));

        expectRefusal(archive(), "no place for ");
    }

    private void expectRefusal(BootArchive archive, String reason) {
        try (CapturedLog log = CapturedLog.of(Unpacker.class.getName());
                Unpacker auto = unpacker(ClassPathMode.AUTO)) {
            assertThat(auto.unpack(archive)).isNull();
            assertThat(auto.directory()).isNull();
            assertThat(log.events(Level.WARN, "")).isEmpty();
        }
        try (CapturedLog log = CapturedLog.of(Unpacker.class.getName());
                Unpacker extracted = unpacker(ClassPathMode.EXTRACTED)) {
            assertThat(extracted.unpack(archive)).isNull();
            assertThat(log.events(Level.WARN, ""))
                    .singleElement()
                    .asString()
                    .contains(reason, "(pool=unpack, classPathMode=EXTRACTED)");
        }
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void unpack_largeArchive_onlyIfToldSo() throws IOException {
        BootArchive archive = BootArchiveFixture.jar()
                .entry("BOOT-INF/classes/large.bin", new byte[(int) Unpacker.AUTO_LIMIT + 1])
                .write(temp.resolve("app.jar"));

        try (Unpacker auto = unpacker(ClassPathMode.AUTO);
                Unpacker extracted = unpacker(ClassPathMode.EXTRACTED)) {
            assertThat(auto.unpack(archive)).isNull();
            assertThat(extracted.unpack(archive))
                    .singleElement()
                    .satisfies(file -> assertThat(file)
                            .satisfies(jar -> assertThat(Files.size(jar)).isGreaterThan(Unpacker.AUTO_LIMIT)));
        }
    }

    @Test
    void isIntact_filesWereDeleted_unpacksAnew() throws IOException {
        try (Unpacker unpacker = unpacker(ClassPathMode.AUTO)) {
            List<Path> before = unpacker.unpack(archive());
            Files.delete(before.get(0));

            assertThat(unpacker.isIntact()).isFalse();
            assertThat(unpacker.isIntact()).isTrue();
            List<Path> after = unpacker.unpack(archive());
            assertThat(after)
                    .isNotEqualTo(before)
                    .allSatisfy(file -> assertThat(file).exists());
        }
    }

    @Test
    void unpack_explodedJar_indexDecidesTheOrder() throws IOException {
        Path home = temp.resolve("exploded");
        BootArchive archive = BootArchiveFixture.jar()
                .library("lib/a.jar")
                .library("lib/b.jar")
                .library("lib/c.jar")
                .library("lib/d.jar")
                .entry(
                        "BOOT-INF/classpath.idx",
                        "- \"BOOT-INF/lib/d.jar\"\n- \"BOOT-INF/lib/gone.jar\"\r\n- \"BOOT-INF/lib/b.jar\"".getBytes())
                .explode(home);

        try (Unpacker unpacker = unpacker(ClassPathMode.AUTO)) {
            assertThat(unpacker.unpack(archive).stream()
                            .map(file -> home.relativize(file).toString()))
                    .containsExactly(
                            "BOOT-INF/classes",
                            "BOOT-INF/lib/a.jar",
                            "BOOT-INF/lib/c.jar",
                            "BOOT-INF/lib/d.jar",
                            "BOOT-INF/lib/b.jar");
            assertThat(unpacker.directory()).isNull();
        }
    }

    @Test
    void unpack_explodedWar_hasWhatTheContainerProvidesLast() throws IOException {
        Path home = temp.resolve("exploded");
        BootArchive archive = BootArchiveFixture.war()
                .library("lib-provided/a.jar")
                .library("lib/b.jar")
                .explode(home);

        try (Unpacker unpacker = unpacker(ClassPathMode.EXTRACTED)) {
            assertThat(unpacker.unpack(archive))
                    .containsExactly(
                            home.resolve("WEB-INF/classes"),
                            home.resolve("WEB-INF/lib/b.jar"),
                            home.resolve("WEB-INF/lib-provided/a.jar"));
        }
    }
}
