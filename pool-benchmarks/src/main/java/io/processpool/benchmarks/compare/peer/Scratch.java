package io.processpool.benchmarks.compare.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that are needed for a while: each in a new directory, deleted when it is closed, or at the end of this JVM. */
public final class Scratch implements AutoCloseable {

    private final Path directory;
    private final Path file;

    private Scratch(Path directory, Path file) {
        this.directory = directory;
        this.file = file;
    }

    /** Makes room for a file, which is not created. */
    public static Scratch file(String name) throws IOException {
        Path directory = Files.createTempDirectory("compare");
        Path file = directory.resolve(name);
        // The last one comes first.
        directory.toFile().deleteOnExit();
        file.toFile().deleteOnExit();
        return new Scratch(directory, file);
    }

    /** Returns the path of the file. */
    public Path path() {
        return file;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(directory);
    }
}
