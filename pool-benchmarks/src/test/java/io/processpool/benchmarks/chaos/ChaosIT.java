package io.processpool.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command, for some seconds; all of it but {@code parents}, see {@link ChaosParentsIT}. */
class ChaosIT {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private int run(String line) throws Exception {
        return Chaos.run(new PrintStream(bytes, true, StandardCharsets.UTF_8), line.split(" "));
    }

    private String output() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void soak_someSeconds_findsNothing() throws Exception {
        int exit = run("--minutes 0.15 --tasks 30000 --seed 5 --rate 6");

        assertThat(output())
                .contains("violations 0")
                .containsPattern("tasks +[0-9,]+ submitted, [0-9,]+ ended, 0 lost")
                .containsPattern("acts +[0-9]+: kill ");
        assertThat(exit).isZero();
    }

    @Test
    void crowd_someSeconds_findsNothing() throws Exception {
        int exit = run("crowd --seconds 5 --threads 16 --seed 3");

        assertThat(output()).contains("violations 0").containsPattern("cancelled +[1-9]");
        assertThat(exit).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--minutes 0", "--tasks x", "--rate", "--what 1", "parents --repeat -1"})
    void nonsense_isRefused(String line) throws Exception {
        assertThat(run(line)).isEqualTo(2);
    }

    @Test
    void help_tellsTheOptions() throws Exception {
        assertThat(run("--help")).isZero();
        assertThat(output()).contains("--minutes", "--tasks", "--seed", "--rate", "parents", "--repeat");
    }
}
