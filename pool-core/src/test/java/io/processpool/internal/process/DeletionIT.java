package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Deletes what its owner may not read or write; in a process of its own, since root may do everything unless told not to. */
@Timeout(120)
@EnabledOnOs({OS.LINUX, OS.MAC})
class DeletionIT {

    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

    @TempDir
    private Path directory;

    @Test
    void directories_thatMayNotBeReadOrWritten_areDeletedAndNothingOutside() throws Exception {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETPRIV) && System.getProperty("user.name").equals("root")) {
            command.addAll(List.of(SETPRIV.toString(), "--bounding-set=-all", "--inh-caps=-all"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(DeletionMain.class.getName(), directory.toString()));

        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assumeThat(output).doesNotContain("this user may do everything");
        assertThat(output.lines()).containsExactly("deleted: true", "outside: r-xr-xr-x");
    }

    /** A path longer than the system takes is made by going down step by step; so it has to be deleted. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void directories_deeperThanAPathMayBe_areDeletedAndNothingOutside() throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.createFile(outside.resolve("file"));
        String script = """
                for i in 1 2 3 4 5 6; do
                    mkdir -p "$2" && : > file && ln -s "$1" link && cd -P "$2" || exit 1
                done
                mkdir a b c && : > a/file && : > b/file
                """;
        Process process = new ProcessBuilder("/bin/sh", "-c", script, "sh", outside.toString(), "x/".repeat(500))
                .directory(root.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();

        assertThat(RuntimeDirectory.deleteRecursively(root)).isTrue();

        assertThat(outside.resolve("file")).exists();
    }
}
