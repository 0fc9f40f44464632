package io.processpool.internal.engine;

import io.processpool.internal.process.RuntimeDirectory;
import io.processpool.internal.transport.SharedMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory that a pool shares with its workers: a piece for each, used again when the worker's process has ended. There
 * is none where the system has no directory for it, or too little room. Safe for use by many threads.
 */
final class SharedMemories implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SharedMemories.class);

    /** So many pieces must fit before one is made: others need such memory, too, and it is scarce in containers. */
    private static final int ROOM = 8;

    private final @Nullable RuntimeDirectory directory;

    private final AtomicInteger made = new AtomicInteger();

    // Guarded by this.
    private final ArrayDeque<SharedMemory> free = new ArrayDeque<>();
    private final Map<Worker, SharedMemory> lent = new HashMap<>();
    private boolean closed;

    private SharedMemories(@Nullable RuntimeDirectory directory) {
        this.directory = directory;
    }

    /** Makes a supply. */
    static SharedMemories open() {
        return new SharedMemories(RuntimeDirectory.createInMemory());
    }

    /** Makes one that has nothing to give. */
    static SharedMemories none() {
        return new SharedMemories(null);
    }

    /** Returns where the files are, or null if there are none. */
    @Nullable
    Path path() {
        return directory == null ? null : directory.path();
    }

    /** Gets memory for a worker that is about to be launched, if there can be some. */
    void prepare(Worker worker) {
        if (directory == null) {
            return;
        }
        SharedMemory memory = again();
        if (memory == null) {
            memory = make(directory);
        }
        if (memory != null && !lend(memory, worker)) {
            delete(memory.file());
        }
    }

    /** Takes a piece that was used before, and that nobody can write to any more. */
    private synchronized @Nullable SharedMemory again() {
        for (Iterator<SharedMemory> pieces = free.iterator(); pieces.hasNext(); ) {
            SharedMemory memory = pieces.next();
            if (!memory.isInUse()) {
                pieces.remove();
                memory.reset();
                return memory;
            }
        }
        return null;
    }

    private @Nullable SharedMemory make(RuntimeDirectory in) {
        Path file = in.resolve("worker-" + made.incrementAndGet());
        try {
            if (Files.getFileStore(in.path()).getUsableSpace() < ROOM * SharedMemory.size()) {
                LOG.debug("too little room in {}: a worker talks through its socket only", in);
                return null;
            }
            return SharedMemory.create(file, RuntimeDirectory.privateFile());
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            LOG.debug("{} cannot be made: a worker talks through its socket only", file, e);
            delete(file);
            return null;
        }
    }

    private synchronized boolean lend(SharedMemory memory, Worker worker) {
        if (!closed) {
            lent.put(worker, memory);
        }
        return !closed;
    }

    /** Returns the memory of a worker, or null if there is none. */
    synchronized @Nullable SharedMemory of(Worker worker) {
        return lent.get(worker);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("{} cannot be deleted", file, e);
        }
    }

    /**
     * A worker does not need its memory any more.
     *
     * @param exited whether its process has ended for certain; if not, it may still write, and nobody else gets the memory
     */
    synchronized void takeBack(Worker worker, boolean exited) {
        SharedMemory memory = lent.remove(worker);
        if (memory != null && exited) {
            free.addLast(memory);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        free.forEach(SharedMemory::release);
        free.clear();
        lent.clear();
        if (directory != null) {
            directory.close();
        }
    }
}
