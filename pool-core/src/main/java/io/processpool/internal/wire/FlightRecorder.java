package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small file, mapped by the worker, that survives its sudden death. It tells the pool which item was running, and
 * holds the results that were finished and not yet sent, so that results may be sent in bundles and still exactly the
 * task at fault fails.
 *
 * <pre>
 *   0   current   8 bytes   batch &lt;&lt; 32 | index of the item that was started last; -2 before the first, -1 as
 *                           long as the worker has not opened the file
 *   8   pending   4 bytes   how many bytes of finished records follow
 *  64   records             {@link ResultRecord}s, one after the other
 * </pre>
 *
 * The last record may be a run that grows, as long as its own length is 0. The worker writes records first and their length
 * afterwards; what it has sent to the pool for certain, it removes by setting the length to zero. A record may therefore
 * arrive both ways; the pool takes the first.
 */
public final class FlightRecorder {

    /** The size of the file. */
    public static final int SIZE = 1 << 16;

    private static final long UNOPENED = -1;
    private static final long OPENED = -2;

    private static final int CURRENT = 0;
    private static final int PENDING = 8;
    private static final int RECORDS = 64;

    /** The most bytes of records. */
    public static final int CAPACITY = SIZE - RECORDS;

    /** What a recorder held when its worker died. */
    public record Contents(boolean started, int batch, int index, List<ResultRecord> finished) {}

    private final MappedByteBuffer map;
    private int pending;

    FlightRecorder(MappedByteBuffer map) {
        this.map = map;
    }

    /** Creates the file and lets go of it. */
    public static void create(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            create(channel);
        }
    }

    /** Fills the file, in full, so that writing to it later cannot meet a full disk. */
    static void create(FileChannel file) throws IOException {
        byte[] empty = new byte[SIZE];
        for (int i = 0; i < 8; i++) {
            empty[CURRENT + i] = -1;
        }
        ByteBuffer bytes = ByteBuffer.wrap(empty);
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    /** Opens the file in the worker. */
    public static FlightRecorder open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FlightRecorder recorder = new FlightRecorder(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
            recorder.map.putLong(CURRENT, OPENED);
            return recorder;
        }
    }

    /** Notes that an item begins to run. */
    public void started(int batch, int index) {
        map.putLong(CURRENT, (long) batch << 32 | index);
    }

    /** Keeps finished records, if there is room. */
    public boolean keep(byte[] records, int offset, int length) {
        if (length > CAPACITY - pending) {
            return false;
        }
        if (length > 0
                && length <= Long.BYTES
                && offset + Long.BYTES <= records.length
                && pending + Long.BYTES <= CAPACITY) {
            map.putLong(
                    RECORDS + pending,
                    ByteBuffer.wrap(records).getLong(offset) & -1L << Long.SIZE - Byte.SIZE * length);
        } else {
            map.put(RECORDS + pending, records, offset, length);
        }
        pending += length;
        VarHandle.releaseFence();
        map.putInt(PENDING, pending);
        return true;
    }

    /** Returns how many bytes of records there are. */
    public int length() {
        return pending;
    }

    /**
     * Changes eight bytes of what was kept. All at once in compiled code; in code that is interpreted only where their place
     * is a multiple of eight.
     */
    public void amend(int position, long bytes) {
        map.putLong(RECORDS + position, bytes);
    }

    /** Forgets the records: they have been sent. */
    public void clear() {
        pending = 0;
        map.putInt(PENDING, 0);
    }

    /** Reads the file of a worker that has died; returns null if it has never opened it. */
    public static @Nullable Contents read(Path file) throws IOException {
        return parse(Files.readAllBytes(file));
    }

    /** Reads the bytes of the file. */
    static @Nullable Contents parse(byte[] all) throws IOException {
        if (all.length != SIZE) {
            throw new ProtocolException("flight recorder of " + all.length + " bytes, expected " + SIZE);
        }
        ByteBuffer buffer = ByteBuffer.wrap(all);
        long current = buffer.getLong(CURRENT);
        if (current == UNOPENED) {
            return null;
        }
        int length = buffer.getInt(PENDING);
        if (length < 0 || length > CAPACITY) {
            throw new ProtocolException("flight recorder holds " + length + " bytes, allowed are " + CAPACITY);
        }
        List<ResultRecord> finished = records(Bytes.of(all, RECORDS, length).open());
        return new Contents(current != OPENED, (int) (current >>> 32), (int) current, finished);
    }

    /** Reads records up to the first that is damaged: those before it are whole, and count. */
    private static List<ResultRecord> records(BytesIn in) {
        List<ResultRecord> whole = new ArrayList<>();
        try {
            while (in.remaining() > 0) {
                whole.add(ResultRecord.read(in));
            }
        } catch (IOException e) {
            return whole; // the worker died while it changed this one
        }
        return whole;
    }
}
