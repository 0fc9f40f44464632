package io.processpool.internal.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of a {@link FlightRecorder}, as the pool has it: kept open as long as the worker lives, so that it can be read
 * after the worker's death even if somebody has deleted it meanwhile. What the worker has mapped stays the same file. It is
 * read, never mapped: a worker may cut it short, or write what it likes.
 */
public final class RecorderFile implements AutoCloseable {

    /** Fails if there is anything of this name, a link too; and it is not opened by its name again. */
    private static final Set<StandardOpenOption> OPTIONS =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);

    private final Path path;
    private final FileChannel file;

    private RecorderFile(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /** Creates the file. */
    public static RecorderFile create(Path path) throws IOException {
        FileChannel file = FileChannel.open(path, OPTIONS);
        try {
            FlightRecorder.create(file);
            return new RecorderFile(path, file);
        } catch (IOException | RuntimeException e) {
            file.close();
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
        ByteBuffer all = ByteBuffer.allocate((int) Math.min(file.size(), FlightRecorder.SIZE + 1));
        while (all.hasRemaining() && file.read(all, all.position()) >= 0) {
            continue;
        }
        return FlightRecorder.parse(Arrays.copyOf(all.array(), all.position()));
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
