package io.processpool.internal.wire;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The file of a {@link FlightRecorder}, as the pool has it: kept open as long as the worker lives, so that it can be read
 * after the worker's death even if somebody has deleted it meanwhile. What the worker has mapped stays the same file.
 */
public final class RecorderFile implements AutoCloseable {

    private final Path path;
    private final RandomAccessFile file;

    private RecorderFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /** Creates the file. */
    public static RecorderFile create(Path path) throws IOException {
        FlightRecorder.create(path);
        try {
            return new RecorderFile(path, new RandomAccessFile(path.toFile(), "r"));
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(path);
            throw e;
        }
    }

    /** Returns where the worker finds it. */
    public Path path() {
        return path;
    }

    /** Reads what a worker that has died has left; returns null if it has never opened the file. */
    public FlightRecorder.@Nullable Contents read() throws IOException {
        byte[] all = new byte[(int) Math.min(file.length(), FlightRecorder.SIZE + 1)];
        file.seek(0);
        file.readFully(all);
        return FlightRecorder.parse(all);
    }

    /** Closes and deletes the file. */
    @Override
    public void close() throws IOException {
        file.close();
        Files.deleteIfExists(path);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
