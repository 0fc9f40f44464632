package io.processpool.benchmarks.chaos;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How often each task has begun, in a file that all workers map: four bytes for each task. The pages belong to the kernel,
 * so what a worker has counted survives its death.
 */
final class Tally {

    private static final VarHandle COUNT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final MappedByteBuffer map;

    private Tally(MappedByteBuffer map) {
        this.map = map;
    }

    /** Makes the file, with room for so many tasks. */
    static Tally create(Path file, int tasks) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new Tally(channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) tasks * Integer.BYTES));
        }
    }

    /** Maps the file, as a worker. */
    static Tally open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new Tally(channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size()));
        }
    }

    /** A task begins. */
    void begin(int id) {
        int before = (int) COUNT.getAndAdd(map, id * Integer.BYTES, 1);
        assert before >= 0;
    }

    /** Returns how often it has begun. */
    int begun(int id) {
        return (int) COUNT.getVolatile(map, id * Integer.BYTES);
    }
}
