package io.processpool.spring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that an application is run from. It runs a task in each of its pools and ends by returning from
 * {@code main}. That the class path of Surefire will do is shown by the other tests of this module.
 */
@Timeout(60)
class PackagingIT {

    private static final String PRINTED = "FIRST RECEIPTS first/default/(\\d+) first/printing/(\\d+)\\R";

    @TempDir
    static Path packed;

    private static Archives shop;
    private static Path jar;
    private static Path war;

    @TempDir
    Path directory;

    @BeforeAll
    static void pack() throws IOException {
        shop = Archives.ofShop(packed);
        jar = shop.jar();
        war = shop.war();
    }

    private String run(Path where, String... arguments) {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.add("--spring.main.web-application-type=none");
        try (Running running = Running.start(where, command)) {
            assertThat(running.end()).as(running.output()).isZero();
            running.expectNothingLeft();
            assertThat(running.output()).containsPattern(PRINTED).contains("SHOP OPEN");
            running.expectNoTrouble();
            return running.output();
        }
    }

    /** Started with a relative path, as most are. */
    @Test
    void fatJar() {
        run(directory, "-jar", directory.relativize(jar).toString());
    }

    @Test
    void executableWar() {
        run(directory, "-jar", directory.relativize(war).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jar", "war"})
    void explodedArchive(String extension) throws IOException {
        boolean isJar = extension.equals("jar");
        explode(isJar ? jar : war, directory);
        run(directory, "org.springframework.boot.loader.launch." + (isJar ? "JarLauncher" : "WarLauncher"));
    }

    /** Boot's own recommendation for containers: the libraries beside a plain jar. */
    @Test
    void extractedJar() throws Exception {
        Process extraction = new ProcessBuilder(
                        Running.java(),
                        "-Djarmode=tools",
                        "-jar",
                        jar.toString(),
                        "extract",
                        "--destination",
                        "extracted")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("extraction.txt").toFile())
                .start();
        assertThat(extraction.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(extraction.exitValue()).isZero();

        String output = run(directory, "-jar", "extracted/" + jar.getFileName());

        assertThat(output).contains("LOADER AppClassLoader");
    }

    /** What {@code spring-boot:run} and IDEs start. */
    @Test
    void classPathOfDirectoryAndJars() {
        String classPath = shop.classPathWith(List.of());

        String output = run(directory, "-cp", classPath, "example.shop.ShopApplication");

        assertThat(output).contains("LOADER AppClassLoader", "CLASS PATH " + classPath);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jar", "war"})
    void classPathMode_launcher_startsWorkersFromTheArchive(String extension) {
        Path archive = extension.equals("jar") ? jar : war;

        String output = run(directory, "-jar", archive.toString(), "--processpool.class-path=launcher");

        assertThat(output).contains("LOADER LaunchedClassLoader", "CLASS PATH " + archive + System.lineSeparator());
    }

    @Test
    void classPathMode_extracted_startsWorkersFromFiles() {
        String output = run(directory, "-jar", jar.toString(), "--processpool.class-path=extracted");

        assertThat(output)
                .contains("LOADER LaunchedClassLoader", "CLASS PATH " + jar + File.pathSeparator)
                .containsPattern("CLASS PATH .*" + directory.resolve("tmp") + "/processpool-.*/spring-core-[0-9.]+jar");
    }

    private static void explode(Path archive, Path target) throws IOException {
        try (JarFile file = new JarFile(archive.toFile())) {
            for (JarEntry entry : Collections.list(file.entries())) {
                Path path = target.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    try (InputStream in = file.getInputStream(entry)) {
                        Files.copy(in, path);
                    }
                }
            }
        }
    }
}
