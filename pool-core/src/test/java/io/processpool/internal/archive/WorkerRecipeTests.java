package io.processpool.internal.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class WorkerRecipeTests {

    @TempDir
    Path temp;

    private Path one;
    private Path other;

    @BeforeEach
    void setUp() throws IOException {
        one = jar("one.jar", "");
        other = jar("other.jar", "");
    }

    private Path jar(String name, String classPath) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
        Path jar = temp.resolve(name);
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    private static String classPath(Path... entries) {
        return String.join(
                File.pathSeparator,
                List.of(entries).stream().map(Path::toString).toList());
    }

    private static String key(List<String> options, Path... entries) throws UnsuitableException {
        return new WorkerRecipe(List.of(), options, classPath(entries)).key();
    }

    private static void touch(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
    }

    @Test
    void key_sameRecipe_isTheSame() throws Exception {
        assertThat(key(List.of("-Xmx1g"), one, other))
                .matches("[0-9a-f]{32}")
                .isEqualTo(key(List.of("-Xmx1g"), one, other));
    }

    @Test
    void key_jarChangedOrMoved_isAnother() throws Exception {
        String before = key(List.of(), one, other);

        assertThat(key(List.of(), other, one)).isNotEqualTo(before);
        assertThat(key(List.of(), one)).isNotEqualTo(before);
        touch(other);
        String touched = key(List.of(), one, other);
        assertThat(touched).isNotEqualTo(before);
        Files.write(other, new byte[7], java.nio.file.StandardOpenOption.APPEND);
        touch(other);
        assertThat(key(List.of(), one, other)).isNotEqualTo(touched);
    }

    @Test
    void key_jarThatAManifestLeadsTo_counts() throws Exception {
        Path leading = jar("leading.jar", "one.jar missing.jar leading.jar");
        String before = key(List.of(), leading);

        touch(one);

        assertThat(key(List.of(), leading)).isNotEqualTo(before);
    }

    @Test
    void key_wildcard_countsTheJarsOfTheDirectory() throws Exception {
        Path wildcard = temp.resolve("*");
        String before = key(List.of(), wildcard);

        jar("third.jar", "");

        assertThat(key(List.of(), wildcard)).isNotEqualTo(before);
    }

    @Test
    void key_directoryOnTheClassPath_isUnsuitable() {
        assertThatThrownBy(() -> key(List.of(), one, temp))
                .isInstanceOf(UnsuitableException.class)
                .hasMessage("a directory on the class path: " + temp);
        assertThatThrownBy(() -> key(List.of(), jar("leading.jar", "./")))
                .isInstanceOf(UnsuitableException.class)
                .hasMessageStartingWith("a directory on the class path");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-XX:+UseParallelGC",
                "-Xmx40g",
                "-XX:-UseCompressedOops",
                "-ea",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--enable-preview"
            })
    void key_optionThatMatters_isAnother(String option) throws Exception {
        assertThat(key(List.of(option), one)).isNotEqualTo(key(List.of(), one));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Drun=7",
                "-Xlog:gc:file=gc-{worker}.log",
                "-verbose:gc",
                "-XX:StartFlightRecording=filename=a.jfr",
                "-XX:ErrorFile=hs_err.log",
                "-XX:+HeapDumpOnOutOfMemoryError"
            })
    void key_optionWithoutInfluence_isTheSame(String option) throws Exception {
        assertThat(key(List.of(option), one)).isEqualTo(key(List.of(), one));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-javaagent:agent.jar",
                "-agentlib:jdwp=transport=dt_socket",
                "-Xshare:off",
                "-XX:SharedArchiveFile=own.jsa",
                "-XX:AOTCache=own.aot",
                "-XX:+AutoCreateSharedArchive",
                "--patch-module=java.base=x",
                "--module-path=mods",
                "-XX:VMOptionsFile=options",
                "-Djava.system.class.loader=Own"
            })
    void key_optionThatRulesItOut_isUnsuitable(String option) {
        assertThatThrownBy(() -> key(List.of("-Xshare:auto", option), one))
                .isInstanceOf(UnsuitableException.class)
                .hasMessageStartingWith("the JVM option -");
    }

    @Test
    void key_otherPrefix_isAnother() throws Exception {
        WorkerRecipe prefixed = new WorkerRecipe(List.of("nice"), List.of(), classPath(one));

        assertThat(prefixed.key()).isNotEqualTo(key(List.of(), one));
    }

    @Test
    void jdk_otherHome_isAnother() throws Exception {
        assertThat(WorkerRecipe.jdk(temp)).isNotEqualTo(WorkerRecipe.jdk(Path.of(System.getProperty("java.home"))));
    }
}
