package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ExtractionsTests {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path temp;

    private Path root;
    private final AtomicInteger made = new AtomicInteger();
    private final CountDownLatch gate = new CountDownLatch(1);
    private Extractions extractions;

    @BeforeEach
    void setUp() throws IOException {
        root = Files.createDirectory(temp.resolve("root"));
        extractions = new Extractions(() -> {
            made.incrementAndGet();
            return List.of(root);
        });
    }

    @AfterEach
    void nothingIsLeft() {
        await().untilAsserted(() -> assertThat(root).isEmptyDirectory());
    }

    private BootArchive archive() throws IOException {
        return BootArchiveFixture.jar()
                .classes("com/", "")
                .classes("com/Main.class", "main")
                .library("lib/b.jar")
                .library("lib/a.jar")
                .write(temp.resolve("app.jar"));
    }

    private static List<String> names(Path directory, List<Path> files) {
        return files.stream().map(file -> directory.relativize(file).toString()).toList();
    }

    @Test
    void lease_jar_hasTheOrderOfTheArchive() throws IOException {
        try (Extractions.Lease lease = extractions.lease(archive(), LIMIT)) {
            assertThat(names(lease.directory(), lease.classPath()))
                    .containsExactly("classes/app.jar", "1/b.jar", "2/a.jar");
            assertThat(lease.classPath().get(1)).hasBinaryContent(BootArchiveFixture.nested("lib/b.jar"));
        }
    }

    @Test
    void lease_war_hasWhatTheContainerProvidesLast() throws IOException {
        BootArchive war = BootArchiveFixture.war()
                .library("lib-provided/same.jar")
                .library("lib/same.jar")
                .write(temp.resolve("app.war"));

        try (Extractions.Lease lease = extractions.lease(war, LIMIT)) {
            assertThat(names(lease.directory(), lease.classPath())).containsExactly("1/same.jar", "2/same.jar");
            assertThat(lease.classPath().get(0)).hasBinaryContent(BootArchiveFixture.nested("lib/same.jar"));
            assertThat(lease.classPath().get(1)).hasBinaryContent(BootArchiveFixture.nested("lib-provided/same.jar"));
        }
    }

    @Test
    void lease_classes_areAJarWithTheManifestOfTheArchive() throws IOException {
        BootArchive archive = BootArchiveFixture.jar()
                .manifest("Implementation-Version: 1.2.3")
                .manifest("Class-Path: elsewhere.jar")
                .classes("com/", "")
                .classes("com/Main.class", "main")
                .classes("META-INF/", "")
                .classes("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
                .classes("META-INF/services/some.Service", "x")
                .write(temp.resolve("app.jar"));

        try (Extractions.Lease lease = extractions.lease(archive, LIMIT);
                JarFile jar = new JarFile(lease.classPath().get(0).toFile())) {
            Manifest manifest = jar.getManifest();
            assertThat(manifest.getMainAttributes().getValue("Implementation-Version"))
                    .isEqualTo("1.2.3");
            assertThat(manifest.getMainAttributes().getValue("Class-Path")).isNull();
            assertThat(jar.getEntry("com/").isDirectory()).isTrue();
            assertThat(jar.getInputStream(jar.getEntry("com/Main.class"))).hasContent("main");
            assertThat(jar.getInputStream(jar.getEntry("META-INF/services/some.Service")))
                    .hasContent("x");
        }
    }

    /** As Boot's own layouts never are, but as the launcher would take it. */
    @Test
    void lease_compressedJarAndNoClasses_isExtracted() throws IOException {
        byte[] odd = BootArchiveFixture.nested("odd"); // made again, it may have another time in it
        BootArchive archive =
                BootArchiveFixture.jar().entry("BOOT-INF/lib/odd.zip", odd).write(temp.resolve("app.jar"));

        try (Extractions.Lease lease = extractions.lease(archive, LIMIT)) {
            assertThat(lease.classPath()).hasSize(1);
            assertThat(lease.classPath().get(0)).hasBinaryContent(odd);
        }
    }

    @Test
    void lease_directory_isPrivate() throws IOException {
        try (Extractions.Lease lease = extractions.lease(archive(), LIMIT)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(lease.directory())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void lease_twice_isSharedUntilBothAreClosed() throws IOException {
        BootArchive archive = archive();
        Extractions.Lease first = extractions.lease(archive, LIMIT);
        Extractions.Lease second = extractions.lease(archive, LIMIT);

        assertThat(second.directory()).isEqualTo(first.directory());
        first.close();
        first.close();
        assertThat(second.isIntact()).isTrue();
        second.close();
        assertThat(first.directory()).doesNotExist();
        assertThat(made).hasValue(1);
    }

    @Test
    void lease_afterTheLastWasClosed_extractsAnew() throws IOException {
        Extractions.Lease first = extractions.lease(archive(), LIMIT);
        first.close();

        try (Extractions.Lease second = extractions.lease(archive(), LIMIT)) {
            assertThat(second.directory()).isNotEqualTo(first.directory());
            assertThat(second.isIntact()).isTrue();
        }
    }

    @Test
    void lease_manyAtOnce_extractsOnce() throws Exception {
        BootArchive archive = archive();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<Extractions.Lease>> futures = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                futures.add(threads.submit(() -> extractions.lease(archive, LIMIT)));
            }
            Set<Path> directories = new HashSet<>();
            for (Future<Extractions.Lease> future : futures) {
                directories.add(future.get().directory());
            }
            assertThat(directories).hasSize(1);
            assertThat(made).hasValue(1);
            for (Future<Extractions.Lease> future : futures) {
                future.get().close();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Whoever comes while the last one leaves gets a whole extraction: the old one, or a new one. */
    @Test
    void lease_whileOthersClose_isAlwaysIntact() throws Exception {
        BootArchive archive = archive();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> futures = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                futures.add(threads.submit(() -> {
                    boolean intact = true;
                    for (int round = 0; round < 100; round++) {
                        try (Extractions.Lease lease = extractions.lease(archive, LIMIT)) {
                            intact &= lease.isIntact();
                        }
                    }
                    return intact;
                }));
            }
            for (Future<Boolean> future : futures) {
                assertThat(future.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void lease_filesWereDeleted_isNotGivenToOthers() throws IOException {
        BootArchive archive = archive();
        try (Extractions.Lease first = extractions.lease(archive, LIMIT)) {
            Files.delete(first.classPath().get(1));
            assertThat(first.isIntact()).isFalse();

            try (Extractions.Lease second = extractions.lease(archive, LIMIT)) {
                assertThat(second.directory()).isNotEqualTo(first.directory());
                assertThat(second.isIntact()).isTrue();
            }
        }
    }

    @Test
    void lease_tooSlow_isGivenUpAndLeavesNothing() throws Exception {
        Extractions slow = new Extractions(() -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return List.of(root);
        });
        BootArchive archive = archive();
        Thread opener = new Thread(() -> {
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(thread -> thread.getName().equals("processpool-extraction")));
            gate.countDown();
        });

        try {
            assertThatIOException()
                    .isThrownBy(() -> {
                        opener.start();
                        slow.lease(archive, Duration.ZERO);
                    })
                    .withMessage("not done within PT0S");
        } finally {
            gate.countDown();
            opener.join();
        }
        assertThat(root).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BOOT-INF/lib/../../../evil.jar",
                "BOOT-INF/lib/..",
                "BOOT-INF/lib/./a.jar",
                "BOOT-INF/lib//a.jar",
                "BOOT-INF/lib/..\\evil.jar",
                "BOOT-INF/classes/../../evil.txt",
                "BOOT-INF/classes/..",
                "BOOT-INF/lib/*",
                "BOOT-INF/lib/a:b.jar"
            })
    void lease_namesThatMislead_areRefused(String name) throws IOException {
        BootArchive archive = BootArchiveFixture.jar()
                .library("lib/a.jar")
                .entry(name, new byte[1])
                .write(temp.resolve("app.jar"));

        assertThatIOException()
                .isThrownBy(() -> extractions.lease(archive, LIMIT))
                .withMessageStartingWith("an entry has a name that ");
        assertThat(temp.resolve("evil.jar")).doesNotExist();
        assertThat(temp.resolve("evil.txt")).doesNotExist();
    }

    @Test
    void lease_damagedArchive_leavesNothingAndIsTriedAnew() throws IOException {
        BootArchive archive = archive();
        byte[] whole = Files.readAllBytes(archive.path());
        byte[] damaged = whole.clone();
        // In the last header of the directory, the length of the last jar.
        int header = lastIndexOf(damaged, new byte[] {'P', 'K', 1, 2});
        damaged[header + 20]++;
        damaged[header + 24]++;
        Files.write(archive.path(), damaged);

        assertThatIOException()
                .isThrownBy(() -> extractions.lease(archive, LIMIT))
                .withMessageStartingWith("an entry is not what the directory of the archive says: BOOT-INF/lib/a.jar");
        assertThat(root).isEmptyDirectory();

        Files.write(archive.path(), whole);
        try (Extractions.Lease lease = extractions.lease(archive, LIMIT)) {
            assertThat(lease.isIntact()).isTrue();
        }
    }

    private static int lastIndexOf(byte[] bytes, byte[] wanted) {
        int at = bytes.length - wanted.length;
        while (!Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
            at--;
        }
        return at;
    }

    @Test
    void lease_noRoomAnywhere_saysWhereItLooked() throws IOException {
        Path notThere = temp.resolve("missing");
        Extractions nowhere = new Extractions(() -> List.of(Path.of("/proc"), notThere));
        BootArchive archive = archive();

        assertThatIOException()
                .isThrownBy(() -> nowhere.lease(archive, LIMIT))
                .withMessageMatching("no place for \\d+ bytes that leaves as much room, and can be written to")
                .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(2));
    }

    @Test
    void lease_firstPlaceIsFull_takesTheNext() throws IOException {
        Extractions some = new Extractions(() -> List.of(Path.of("/proc"), root));

        try (Extractions.Lease lease = some.lease(archive(), LIMIT)) {
            assertThat(lease.directory().getParent()).isEqualTo(root);
        }
    }
}
