package io.processpool.spring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootVersion;

/**
 * The project of the README, made of a {@code pom.xml}, a class and a yml, does what it says there. By default the test
 * compiles and packs it itself, which needs no network. With {@code -Dfresh-project.maven=mvn} it has that Maven build
 * it as well, out of a repository with the modules of this build; what this build has not downloaded comes from Maven
 * Central.
 */
class FreshProjectIT {

    private static final String ANSWER = "Primes below 1000, 10000, 100000: [168, 1229, 9592]";
    private static final String MAVEN = "fresh-project.maven";

    @TempDir
    Path directory;

    private Path project;

    @BeforeEach
    void copyProject() throws IOException {
        project = directory.resolve("project");
        Archives.copy(Path.of("target", "test-classes", "fresh-project"), project);
    }

    private void runs(Path jar) {
        try (Running running = Running.start(directory, List.of("-jar", jar.toString()))) {
            assertThat(running.end()).as(running.output()).isZero();
            running.expectNothingLeft();
            assertThat(running.output()).contains(ANSWER);
            running.expectNoTrouble();
        }
    }

    @Test
    @Timeout(60)
    void freshProject_compiledAndPacked_runs() throws IOException {
        Path classes = Files.createDirectories(project.resolve("target/classes"));
        Archives.copy(project.resolve("src/main/resources"), classes);
        Archives archives = new Archives(directory, classes, "com.example.Primes", Archives.PLAIN);

        compile(project.resolve("src/main/java/com/example/Primes.java"), classes, archives.classPathWith(List.of()));

        runs(archives.jar());
    }

    private static void compile(Path source, Path classes, String classPath) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
            boolean done = compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of("--release", "17", "-parameters", "-cp", classPath, "-d", classes.toString()),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            assertThat(done).as(messages.toString()).isTrue();
        }
        assertThat(messages.toString()).isEmpty();
    }

    @Test
    void pom_hasTheVersionsOfThisBuild() throws IOException {
        Matcher versions = Pattern.compile("<artifactId>(.+)</artifactId>\\s+<version>(.+)</version>")
                .matcher(Files.readString(project.resolve("pom.xml")));
        Matcher own = Pattern.compile("<artifactId>processpool-parent</artifactId>\\s+<version>(.+)</version>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(own.find()).isTrue();

        assertThat(versions.results().map(found -> found.group(1) + ":" + found.group(2)))
                .containsExactly(
                        "spring-boot-starter-parent:" + SpringBootVersion.getVersion(),
                        "primes:1.0",
                        "pool-spring-boot-starter:" + own.group(1));
    }

    @Test
    @Timeout(300)
    @EnabledIfSystemProperty(named = MAVEN, matches = ".+")
    void freshProject_builtByMaven_runs() throws Exception {
        Path reactor = directory.resolve("reactor");
        install(reactor, Path.of("..", "pom.xml"), "processpool-parent");
        install(reactor, Path.of("..", "pool-core", "pom.xml"), "pool-core");
        install(reactor, Path.of("pom.xml"), "pool-spring-boot-starter");
        Path settings = Files.writeString(directory.resolve("settings.xml"), settings(reactor));

        Path log = directory.resolve("maven.txt");
        Process maven = new ProcessBuilder(
                        System.getProperty(MAVEN),
                        "-B",
                        "-s",
                        settings.toString(),
                        "-Dmaven.repo.local=" + directory.resolve("local"),
                        "package")
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(maven.waitFor(240, TimeUnit.SECONDS)).isTrue();
        } finally {
            maven.destroyForcibly();
        }
        assertThat(maven.exitValue()).as(Files.readString(log)).isZero();

        runs(project.resolve("target/primes-1.0.jar"));
    }

    /** Puts a module where Maven looks for it in a repository. */
    private static void install(Path repository, Path pom, String module) throws IOException {
        String version = "0.1.0-SNAPSHOT";
        Path home = Files.createDirectories(repository.resolve("io/processpool/" + module + "/" + version));
        Files.copy(pom, home.resolve(module + "-" + version + ".pom"));
        for (Path jar : Archives.jars(Pattern.quote(module) + "-[0-9].*[.]jar")) {
            Files.copy(jar, home.resolve(module + "-" + version + ".jar"));
        }
    }

    /** The local repository of this build is read like a remote one, so that nothing is written to it. */
    private static String settings(Path reactor) {
        String local = System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository");
        String repositories = repository("reactor", reactor) + repository("downloaded", Path.of(local));
        return """
                <settings>
                  <profiles>
                    <profile>
                      <id>fresh</id>
                      <repositories>%s</repositories>
                      <pluginRepositories>%s</pluginRepositories>
                    </profile>
                  </profiles>
                  <activeProfiles>
                    <activeProfile>fresh</activeProfile>
                  </activeProfiles>
                </settings>
                """.formatted(repositories, repositories.replace("repository>", "pluginRepository>"));
    }

    private static String repository(String id, Path path) {
        return "<repository><id>" + id + "</id><url>" + path.toUri() + "</url></repository>";
    }
}
