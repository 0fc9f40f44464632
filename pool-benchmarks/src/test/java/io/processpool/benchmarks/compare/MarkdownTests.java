package io.processpool.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarkdownTests {

    private static final List<Result> RESULTS =
            List.of(Results.rate(Target.atLeast(5, Contestant.PP4J)), Results.time(), Results.alone());

    @TempDir
    Path directory;

    @Test
    void table_columnsAreThoseThatHaveFigures_dashWhereOneLacks() {
        assertThat(Markdown.table(RESULTS)).isEqualTo("""
                        | work | ProcessPool | thread pool | PP4J 2.2 | target |
                        |---|---|---|---|---|
                        | tiny & many, tasks/s | **10,000** (9,000 to 12,000) | 1,000,000 (0.010 ×) | 1,000 (10 ×) | ≥ 5 × PP4J 2.2: reached (10 × PP4J 2.2) |
                        | round trip, µs | **50** (40 to 60) | – | 100 (2 ×) |  |
                        | kill, ms | **4** (2 to 8) | – | – |  |""");
    }

    @Test
    void write_replacesWhatStandsBetweenTheMarkers_andNothingElse() throws IOException {
        Path page = directory.resolve("page.md");
        Files.writeString(page, "# Title\n" + Markdown.BEGIN + "\nold\n" + Markdown.END + "\nThe rest.\n");

        Markdown.write(page, "A machine", RESULTS);

        assertThat(page)
                .content()
                .startsWith("# Title\n" + Markdown.BEGIN + "\nA machine.\n\n| work |")
                .endsWith("\n" + Markdown.END + "\nThe rest.\n")
                .doesNotContain("old");
    }

    @Test
    void write_noMarkers_isTheWholeFile() throws IOException {
        Path page = directory.resolve("new.md");

        Markdown.write(page, "A machine", RESULTS);

        assertThat(page).content().startsWith(Markdown.BEGIN).endsWith(Markdown.END + "\n");
    }
}
