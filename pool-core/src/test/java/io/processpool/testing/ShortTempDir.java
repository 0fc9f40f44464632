package io.processpool.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Makes temporary directories with so short a path that a JVM can have its sockets below. With a longer path it takes
 * {@code /tmp} instead, where the next pool of any other JVM tidies up what it was to leave behind, or to remove itself.
 */
public final class ShortTempDir implements TempDirFactory {

    private static final Path SHORT = Path.of("/tmp");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
        return Files.isDirectory(SHORT) ? Files.createTempDirectory(SHORT, "test") : Files.createTempDirectory("test");
    }
}
