package io.processpool.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page names every experiment and every peer, and has a place for the table. */
class PerformancePageTests {

    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([^`]+)` \\|");

    @Test
    void page_listsWhatThereIs() throws IOException {
        String page = page();

        assertThat(ids(page, "### Who takes part"))
                .isEqualTo(Stream.of(Contestant.values()).map(Contestant::id).toList());
        assertThat(ids(page, "### The works")).isEqualTo(Catalogue.ids());
    }

    @Test
    void page_hasTheMarkersOfTheTable() throws IOException {
        assertThat(page()).containsOnlyOnce(Markdown.BEGIN).containsOnlyOnce(Markdown.END);
    }

    private static String page() throws IOException {
        return Files.readString(Path.of("..", "docs", "performance.md"));
    }

    private static List<String> ids(String page, String heading) {
        String chapter =
                page.substring(page.indexOf(heading) + heading.length()).split("\n#", 2)[0];
        return FIRST_CELL
                .matcher(chapter)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }
}
