package io.processpool.internal.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file that two processes map, with a ring of bytes for each direction.
 *
 * <pre>
 *      0   control of the ring to the worker    256 bytes
 *    256   control of the ring to the pool      256 bytes
 *   4096   bytes to the worker                  {@link #CAPACITY}
 *          bytes to the pool                    {@link #CAPACITY}
 *
 *   control:
 *      0   written   8 bytes   how many bytes the writer has put in since the beginning
 *     64   read      8 bytes   how many of them the reader has taken out
 *    128   reader    4 bytes   count &lt;&lt; 2 | whether the reader looks by itself, see {@link RingReader}
 *    192   writer    4 bytes   not 0 if the writer waits for room: a number that differs each time
 * </pre>
 *
 * Numbers are in native order, each on a cache line of its own, and written by one side only. An aligned number of up to
 * eight bytes is read and written as a whole; the fences around say what is visible before what.
 */
final class RingMemory {

    /** How many bytes one direction holds. A power of two. */
    static final int CAPACITY = 1 << 19;

    static final int WRITTEN = 0;
    static final int READ = 64;
    static final int READER = 128;
    static final int WRITER = 192;

    private static final int CONTROL = 256;
    private static final int DATA = 4096;
    static final int SIZE = DATA + 2 * CAPACITY;

    private final MappedByteBuffer map;

    /** How often a reader of this side has told what it does. */
    private final AtomicInteger changes = new AtomicInteger();

    private RingMemory(MappedByteBuffer map) {
        this.map = map;
        map.order(ByteOrder.nativeOrder());
    }

    /** Creates the file, in full, so that writing to the memory later cannot meet a full disk, and maps it. */
    static RingMemory create(Path file, FileAttribute<?>... attributes) throws IOException {
        Set<StandardOpenOption> options =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, options, attributes)) {
            ByteBuffer empty = ByteBuffer.allocate(SIZE);
            while (empty.hasRemaining()) {
                channel.write(empty);
            }
            return new RingMemory(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
        }
    }

    /** Maps a file that the other side has created. */
    static RingMemory open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            if (channel.size() != SIZE) {
                throw new IOException(file + " has " + channel.size() + " bytes, expected " + SIZE);
            }
            return new RingMemory(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
        }
    }

    /** Makes it as it was when it was created; only while nobody else has it mapped. */
    void reset() {
        for (int i = 0; i < 2 * CONTROL; i += Long.BYTES) {
            map.putLong(i, 0);
        }
    }

    /** Returns what the pool reads and writes. */
    RingEnd poolEnd() {
        return new RingEnd(writer(0), reader(1));
    }

    /** Returns what the worker reads and writes. */
    RingEnd workerEnd() {
        return new RingEnd(writer(1), reader(0));
    }

    private RingWriter writer(int ring) {
        return new RingWriter(map, ring * CONTROL, DATA + ring * CAPACITY);
    }

    private RingReader reader(int ring) {
        return new RingReader(map, ring * CONTROL, DATA + ring * CAPACITY, changes);
    }
}
