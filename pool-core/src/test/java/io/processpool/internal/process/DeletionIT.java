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
}
