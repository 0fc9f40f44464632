package io.processpool.internal.transport;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import org.jspecify.annotations.Nullable;

/**
 * A file of memory that a pool can {@linkplain SocketConnection#offer offer} to one worker at a time. The memory itself
 * is given back to the system when it is {@linkplain #release() released}, or when the file is deleted, no worker has it
 * mapped, and this object is garbage; so it is better to use it again, for the next worker, than to make another.
 */
public final class SharedMemory {

    private final Path file;
    private final RingMemory memory;
    private volatile @Nullable SocketConnection user;

    private SharedMemory(Path file, RingMemory memory) {
        this.file = file;
        this.memory = memory;
    }

    /** Returns how many bytes one takes. */
    public static long size() {
        return RingMemory.SIZE;
    }

    /** Creates the file, which must not exist, with attributes such as its mode. */
    public static SharedMemory create(Path file, FileAttribute<?>... attributes) throws IOException {
        return new SharedMemory(file, RingMemory.create(file, attributes));
    }

    /** Returns the file, which the creator has to delete. */
    public Path file() {
        return file;
    }

    /** Whether a connection uses it, or has ended so recently that a thread may still be about to touch it. */
    public boolean isInUse() {
        SocketConnection connection = user;
        return connection != null && !connection.isOver();
    }

    /** Makes it ready for another worker. The process of the former must have ended, and it must not be in use here. */
    public void reset() {
        user = null;
        memory.reset();
    }

    /**
     * Gives the memory back to the system, unless it is in use: the map stays as long as this JVM does not collect it, and
     * without this the memory would as well.
     */
    public void release() {
        if (isInUse()) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        } catch (IOException e) {
            return; // somebody has deleted the file: it goes with the map
        }
    }

    /** Returns this side's end, for a connection. */
    RingEnd poolEnd(SocketConnection by) {
        user = by;
        return memory.poolEnd();
    }
}
