package io.processpool.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The part of the command that ends whole pools with their JVMs. A class of its own, to run beside {@link ChaosIT}. */
class ChaosParentsIT {

    // Each way to end once; frozen for longer than a worker may be silent.
    @Test
    void parents_oneOfEachKind_leaveNothing() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        int exit = Chaos.run(
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                "parents --repeat 6 --freeze 5 --within 10000".split(" "));

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("parents ended   6", "orphans         0;", "served [2, 4, 6] lost 0", "violations 0")
                .containsPattern("kill +1 ")
                .containsPattern("crash on exhaustion +1 ");
        assertThat(exit).isZero();
    }
}
