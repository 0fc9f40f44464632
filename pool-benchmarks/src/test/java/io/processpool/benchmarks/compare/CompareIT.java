package io.processpool.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a whole, with those peers that start quickly. */
class CompareIT {

    @TempDir
    Path directory;

    @Test
    void compare_measuresPrintsWritesAndLeavesNoProcess() throws Exception {
        Set<Long> before = children();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Path table = directory.resolve("table.md");
        Path chart = directory.resolve("images").resolve("chart.svg");

        int exit = Compare.run(
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                "--quick",
                "--rounds",
                "1",
                "--only",
                "submit,trip",
                "--peers",
                "threads,raw",
                "--markdown",
                table.toString(),
                "--svg",
                chart.toString());

        String output = bytes.toString(StandardCharsets.UTF_8);
        assertThat(exit).as(output).isZero();
        assertThat(output)
                .contains("applyAsync tiny, submit all then get (tasks/s)", "apply round trip (µs)")
                .containsPattern("thread pool +[0-9.,]+ ")
                .containsPattern("raw socket +[0-9.,]+ ")
                .doesNotContain("failed");
        assertThat(table).content().contains("| apply round trip, µs | **");
        assertThat(chart).content().startsWith("<svg").endsWith("</svg>\n");
        assertThat(children()).isSubsetOf(before);
    }

    private static Set<Long> children() {
        return ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }
}
