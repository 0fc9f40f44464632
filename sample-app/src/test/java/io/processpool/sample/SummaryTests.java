package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTests {

    @Test
    void lines_areAlignedAndNameTheFailures() {
        Summary summary = new Summary(
                List.of(
                        new DocumentResult("a.pdf", 40, 9_000, null),
                        new DocumentResult("b.pdf", 0, 0, new Failure(new IOException(), "worker out of memory")),
                        new DocumentResult("c.pdf", 2, 99, null)),
                Duration.ofMillis(3_500),
                2,
                3,
                1);

        assertThat(summary.lines())
                .containsExactly(
                        "documents           3",
                        "  succeeded         2",
                        "  failed            1",
                        "pages              42",
                        "characters       9099",
                        "seconds             3.5",
                        "pages/s            12.0",
                        "workers             2",
                        "  started           3",
                        "  lost              1",
                        "failed: b.pdf - worker out of memory");
    }

    @Test
    void lines_noTimeAtAll_divideByNothing() {
        assertThat(new Summary(List.of(), Duration.ZERO, 1, 1, 0).lines()).contains("pages/s             0.0");
    }
}
