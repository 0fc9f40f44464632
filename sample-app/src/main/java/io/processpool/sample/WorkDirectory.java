package io.processpool.sample;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

/**
 * A directory for what is unfinished or temporary. It lies in the output folder, so that moving a finished document
 * out of it is one atomic step, and goes away with the application.
 */
final class WorkDirectory implements Closeable {

    private final Path root;

    WorkDirectory(Path output) throws IOException {
        this.root = Files.createTempDirectory(Files.createDirectories(output), ".work-");
    }

    /** Returns a folder in it, which is made if it does not exist. */
    Path folder(String name) {
        try {
            return Files.createDirectories(root.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        FileSystemUtils.deleteRecursively(root);
    }
}
