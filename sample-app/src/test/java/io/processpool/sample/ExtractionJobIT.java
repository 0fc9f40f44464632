package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.PoolSnapshot;
import io.processpool.ProcessPool;
import io.processpool.RemoteException;
import io.processpool.TaskFailedException;
import io.processpool.TaskTimeoutException;
import io.processpool.WorkerOutOfMemoryException;
import io.processpool.sample.bundled.BundledDocuments;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The job on the bundled documents, with real workers. */
class ExtractionJobIT {

    private static final int THUMBNAIL = 200;

    @TempDir
    static Path folder;

    private static Path output;
    private static Summary summary;
    private static Map<String, Boolean> untrusted;
    private static Map<String, DocumentResult> results;

    @BeforeAll
    static void runJob() throws IOException {
        output = folder.resolve("output");
        Path documents = folder.resolve("documents");
        BundledDocuments.writeTo(documents);
        Path stale = Files.createDirectories(output.resolve("never-ends.pdf"));
        Files.createFile(stale.resolve("page-001.png"));

        new ApplicationContextRunner()
                .withUserConfiguration(SampleApplication.class)
                .withInitializer(new ConfigDataApplicationContextInitializer())
                .withPropertyValues(
                        "sample.documents=" + documents,
                        "sample.output=" + output,
                        "sample.timeout=10s",
                        "sample.thumbnail=" + THUMBNAIL,
                        "processpool.max-heap=192MB",
                        "processpool.pools.render.workers=2")
                .run(context -> {
                    summary = context.getBean(ExtractionJob.class)
                            .run(DocumentScanner.scan(documents, output).documents());
                    untrusted = context.getBeansOfType(ProcessPool.class).values().stream()
                            .map(ProcessPool::snapshot)
                            .collect(Collectors.toMap(PoolSnapshot::name, PoolSnapshot::untrusted));
                });
        results = summary.results().stream().collect(Collectors.toMap(DocumentResult::name, Function.identity()));
    }

    @AfterAll
    static void nothingIsLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(
                        () -> assertThat(ProcessHandle.current().descendants()).isEmpty());
        assertThat(output).isDirectoryNotContaining("glob:**/.work-*");
    }

    @ParameterizedTest
    @CsvSource({
        "charts.pdf,        2, Pages per second",
        "formats.pdf,      17, Turned by 270",
        "invoice.pdf,       1, Invoice 2026-0042",
        "letters/Ada.pdf,   1, 'Dear Ada,'",
        "letters/Grace.PDF, 1, 'Dear Grace,'",
        "novel.pdf,        24, Chapter 24",
        "photographs.pdf,   2, Compressed as JPEG",
        "scripts.pdf,       5, ψυχοφθόρα"
    })
    void ordinaryDocument_hasItsTextAndAllThumbnails(String name, int pages, String text) throws IOException {
        assertThat(results.get(name).failure()).isNull();
        assertThat(results.get(name).pages()).isEqualTo(pages);

        Path place = output.resolve(name);
        assertThat(place.resolve("text.txt"))
                .content()
                .contains(text)
                .satisfies(content -> assertThat(
                                content.chars().filter(c -> c == '\f').count())
                        .isEqualTo(pages));
        for (int page = 1; page <= pages; page++) {
            BufferedImage image = thumbnail(place, page);
            assertThat(Math.max(image.getWidth(), image.getHeight())).isBetween(THUMBNAIL - 1, THUMBNAIL);
            assertThat(Math.min(image.getWidth(), image.getHeight())).isBetween(THUMBNAIL / 2, THUMBNAIL);
        }
        try (Stream<Path> files = Files.list(place)) {
            assertThat(files).hasSize(pages + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"charts.pdf, 1", "photographs.pdf, 2", "novel.pdf, 24"})
    void thumbnail_showsSomething(String name, int page) throws IOException {
        BufferedImage image = thumbnail(output.resolve(name), page);
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        long colours = IntStream.of(pixels).distinct().count();
        assertThat(colours).isGreaterThan(10);
    }

    @Test
    void damaged_failsWithWhatPdfBoxSays() {
        assertFailed("damaged.pdf", TaskFailedException.class, "IOException: .+");
        assertThat(results.get("damaged.pdf").failure().cause())
                .cause()
                .isInstanceOfSatisfying(RemoteException.class, it -> {
                    assertThat(it.className()).isEqualTo(IOException.class.getName());
                    assertThat(it.getStackTrace()[0].getClassName()).startsWith("org.apache.pdfbox.");
                });
    }

    /** Whoever sends a document must not get further than the worker that reads it. */
    @Test
    void pools_readWhatIsHostile_areUntrusted() {
        assertThat(untrusted).containsEntry("inspect", true).containsEntry("render", true);
    }

    @Test
    void memoryHog_failsForMemory() {
        assertFailed(
                "memory-hog.pdf", WorkerOutOfMemoryException.class, "worker out of memory \\(pid \\d+, heap 192 MB\\)");
    }

    @Test
    void neverEnds_failsForTime() {
        assertFailed("never-ends.pdf", TaskTimeoutException.class, "not done within 10\\.0 s \\(was in \\w+\\.\\w+\\)");
    }

    @Test
    void summary_countsThemAll() {
        assertThat(summary.results()).hasSize(11);
        assertThat(summary.failed()).isEqualTo(3);
        assertThat(summary.pages()).isEqualTo(53);
        assertThat(summary.workers()).as("one that counts, two that render").isEqualTo(3);
        // One died of its memory. The other, which would not stop, may still be in its grace period.
        assertThat(summary.workersLost()).isBetween(1L, 2L);
        assertThat(summary.workersStarted()).isBetween(4L, 5L);
    }

    private static void assertFailed(String name, Class<? extends Throwable> type, String reason) {
        DocumentResult result = results.get(name);
        assertThat(result.pages()).isZero();
        assertThat(result.failure().cause()).isInstanceOf(type);
        assertThat(result.failure().reason()).matches(reason);
        assertThat(output.resolve(name)).doesNotExist();
    }

    private static BufferedImage thumbnail(Path place, int page) throws IOException {
        return ImageIO.read(place.resolve(String.format("page-%03d.png", page)).toFile());
    }
}
