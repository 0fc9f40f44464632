package io.processpool.internal.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/** Flight recorders by the thousand, each for a few records, in one file that is mapped once. */
public final class Recorders {

    private static final int PLACE = 512;

    /** Far more than there are tests at the same time. */
    private static final int PLACES = 1 << 16;

    private static final MappedByteBuffer MEMORY = map();
    private static final AtomicInteger NEXT = new AtomicInteger();

    private Recorders() {}

    private static MappedByteBuffer map() {
        try {
            Path file = Files.createTempFile("recorders", null);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                return channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) PLACES * PLACE);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns one that holds nothing. */
    public static FlightRecorder next() {
        int at = Math.floorMod(NEXT.getAndIncrement(), PLACES) * PLACE;
        FlightRecorder recorder = new FlightRecorder(MEMORY.slice(at, PLACE));
        recorder.clear();
        return recorder;
    }
}
