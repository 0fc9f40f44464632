package io.processpool.sample;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings, from {@code sample.*} properties or the short options of {@link CommandLine}. Paths are strings here:
 * Spring would convert a relative one to whatever has its name on the class path.
 *
 * @param documents a folder of PDFs or one PDF; null for the bundled documents
 * @param output the folder to write to
 * @param timeout how long a document of up to 50 pages may take; null for 10 s with the bundled documents, else 60 s
 * @param thumbnail the longer side of a thumbnail in pixels
 * @param serve whether to wait for documents on HTTP instead
 */
@ConfigurationProperties("sample")
public record SampleProperties(
        @Nullable String documents,
        @DefaultValue("processpool-sample-output") String output,
        @Nullable Duration timeout,
        @DefaultValue("320") int thumbnail,
        @DefaultValue("false") boolean serve) {

    private static final int PAGES_PER_TIMEOUT = 50;

    /** Checks the values. */
    public SampleProperties {
        require(timeout == null || timeout.toMillis() > 0, "timeout must be positive: " + timeout);
        require(thumbnail >= 16 && thumbnail <= 4000, "thumbnail must be 16 to 4000: " + thumbnail);
    }

    /** Returns the absolute path of the output folder. */
    Path outputFolder() {
        return Path.of(output).toAbsolutePath().normalize();
    }

    /** Returns how long a document may take: a long one is not a slow one. */
    Duration timeoutFor(int pages) {
        Duration some = timeout != null ? timeout : Duration.ofSeconds(documents == null ? 10 : 60);
        return some.multipliedBy(Math.max(1, (pages + PAGES_PER_TIMEOUT - 1) / PAGES_PER_TIMEOUT));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
