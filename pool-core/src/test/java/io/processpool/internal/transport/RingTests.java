package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.internal.wire.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes through memory that is mapped twice; and what the two sides tell each other about sleeping. */
@Timeout(120)
class RingTests {

    private static final int CAPACITY = RingMemory.CAPACITY;

    /** Where the numbers of the ring to the worker are in the file. */
    private static final int WRITTEN = RingMemory.WRITTEN;

    private static final int READ = RingMemory.READ;
    private static final int READER = RingMemory.READER;

    @TempDir
    Path directory;

    private RingMemory memory;
    private RingWriter writer;
    private RingReader reader;
    private MappedByteBuffer raw;

    @BeforeEach
    void map() throws IOException {
        Path file = directory.resolve("memory");
        memory = RingMemory.create(file);
        writer = memory.poolEnd().out();
        reader = RingMemory.open(file).workerEnd().in();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            raw = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
            raw.order(ByteOrder.nativeOrder());
        }
    }

    /** Writes as much as there is room for; returns how much. */
    private int write(byte[] source, int from) throws ProtocolException {
        int at = from;
        ByteBuffer room = writer.room();
        while (room.hasRemaining() && at < source.length) {
            int step = Math.min(room.remaining(), source.length - at);
            room.put(source, at, step);
            at += step;
            writer.publish();
            room = writer.room();
        }
        return at - from;
    }

    /** Reads all that is there. */
    private byte[] read() throws ProtocolException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer bytes = reader.bytes();
        while (bytes.hasRemaining()) {
            byte[] piece = new byte[bytes.remaining()];
            bytes.get(piece);
            all.writeBytes(piece);
            reader.taken();
            bytes = reader.bytes();
        }
        return all.toByteArray();
    }

    // ---- bytes ----------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096, 100_003, CAPACITY - 1, CAPACITY})
    void write_manyTimesAroundTheRing_comesOutAsItWentIn(int size) throws IOException {
        Random random = new Random(size);
        for (int round = 0; round < Math.min(2000, 5 * CAPACITY / size + 3); round++) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);

            assertThat(write(bytes, 0)).isEqualTo(size);
            assertThat(reader.isEmpty()).isFalse();
            assertThat(Arrays.equals(read(), bytes)).isTrue();
            assertThat(reader.isEmpty()).isTrue();
        }
    }

    @Test
    void room_full_isNoneUntilSomethingIsTaken() throws IOException {
        byte[] bytes = SocketConnectionFixture.random(CAPACITY + 10, 1);

        assertThat(write(bytes, 0)).isEqualTo(CAPACITY);
        assertThat(writer.room().hasRemaining()).isFalse();
        assertThat(writer.hasRoom()).isFalse();
        ByteBuffer some = reader.bytes();
        some.position(some.position() + 4);
        assertThat(writer.hasRoom()).as("before it is given back").isFalse();
        reader.taken();

        assertThat(writer.room().remaining()).isEqualTo(4);
        assertThat(write(bytes, CAPACITY)).isEqualTo(4);
        assertThat(read()).isEqualTo(Arrays.copyOfRange(bytes, 4, CAPACITY + 4));
    }

    @Test
    void write_toOneSide_isNotReadByThatSide() throws IOException {
        write(new byte[100], 0);

        assertThat(memory.poolEnd().in().isEmpty()).isTrue();
        assertThat(reader.isEmpty()).isFalse();
    }

    @Test
    void reset_afterUse_isAsNew() throws IOException {
        write(new byte[1000], 0);
        writer.askForRoom();
        reader.busy();

        memory.reset();
        writer = memory.poolEnd().out();
        reader = memory.workerEnd().in();

        assertThat(reader.isEmpty()).isTrue();
        assertThat(reader.mustRing()).isFalse();
        assertThat(writer.mustRing(false)).as("asleep").isTrue();
        assertThat(write(new byte[2 * CAPACITY], 0)).isEqualTo(CAPACITY);
    }

    @Test
    void open_somethingElse_isRefused() throws IOException {
        Path small = Files.write(directory.resolve("small"), new byte[RingMemory.SIZE - 1]);
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("memory"));

        assertThatIOException()
                .isThrownBy(() -> RingMemory.open(small))
                .withMessageContaining("has " + (RingMemory.SIZE - 1) + " bytes");
        assertThatIOException().isThrownBy(() -> RingMemory.open(link));
        assertThatThrownBy(() -> RingMemory.open(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatIOException().isThrownBy(() -> RingMemory.create(small));
    }

    // ---- who has to be woken --------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "asleep, false, true",
        "asleep, true, true",
        "awake, false, false",
        "awake, true, false",
        "busy, false, false",
        "busy, true, true"
    })
    void mustRing_eachState_ringsOnceForEachTimeThatItIsNeeded(String state, boolean urgent, boolean rings) {
        for (int time = 0; time < 3; time++) {
            become(state);

            assertThat(writer.mustRing(urgent)).isEqualTo(rings);
            assertThat(writer.mustRing(urgent)).as("once more").isFalse();
        }
    }

    private void become(String state) {
        switch (state) {
            case "asleep" -> reader.asleep();
            case "awake" -> reader.awake();
            default -> reader.busy();
        }
    }

    @Test
    void mustRing_readerHasNotSaidAnything_rings() {
        assertThat(writer.mustRing(false)).isTrue();
    }

    @Test
    void mustRing_busyAndRungForNothingUrgent_stillRingsForWhatIs() {
        reader.busy();

        assertThat(writer.mustRing(false)).isFalse();
        assertThat(writer.mustRing(true)).isTrue();
    }

    /** A thread of the former user that is late must not make the writer believe that it has rung already. */
    @Test
    void asleep_memoryIsUsedAgain_neverHasANumberThatWasThere() {
        RingReader former = memory.poolEnd().in();
        former.asleep();
        int word = raw.getInt(256 + READER);
        memory.reset();
        RingReader next = memory.poolEnd().in();

        next.asleep();
        assertThat(raw.getInt(256 + READER)).isNotEqualTo(word);
        former.asleep();
        int late = raw.getInt(256 + READER);
        next.asleep();
        assertThat(raw.getInt(256 + READER)).isNotEqualTo(late);
    }

    @Test
    void askForRoom_full_isRungForOnceWhenHalfIsFree() throws IOException {
        write(new byte[CAPACITY], 0);
        assertThat(writer.askForRoom()).isTrue();

        int taken = 0;
        while (taken < CAPACITY / 2) {
            assertThat(reader.mustRing()).as("after %s bytes", taken).isFalse();
            ByteBuffer bytes = reader.bytes();
            taken += bytes.remaining();
            bytes.position(bytes.limit());
            reader.taken();
        }

        assertThat(reader.mustRing()).isTrue();
        assertThat(reader.mustRing()).as("once more").isFalse();
        read();
        assertThat(reader.mustRing()).as("for the same wish").isFalse();
        write(new byte[CAPACITY], 0);
        writer.askForRoom();
        read();
        assertThat(reader.mustRing()).as("for another").isTrue();
    }

    @Test
    void askForRoom_thereIsSome_isNotRungFor() throws IOException {
        write(new byte[CAPACITY], 0);
        read();

        assertThat(writer.askForRoom()).isFalse();
        assertThat(reader.mustRing()).isFalse();
    }

    // ---- the other side cannot be trusted -------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(longs = {-1, 99, 100 + CAPACITY + 1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 100})
    void bytes_impossibleNumberOfWrittenBytes_isRefused(long written) throws IOException {
        write(new byte[100], 0);
        read();
        raw.putLong(WRITTEN, written);

        assertThat(reader.isEmpty()).isFalse();
        assertThatThrownBy(() -> reader.bytes())
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(written + " bytes, of which 100 were read");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 99, CAPACITY + 101, Long.MAX_VALUE, Long.MIN_VALUE})
    void room_impossibleNumberOfReadBytes_isRefused(long read) throws IOException {
        write(new byte[100], 0);
        read();
        write(new byte[CAPACITY], 0);
        assertThat(writer.room().hasRemaining()).isFalse();
        raw.putLong(READ, read);

        assertThatThrownBy(() -> writer.room()).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> writer.askForRoom()).isInstanceOf(ProtocolException.class);
    }

    @Test
    void states_anyNumbers_doNoHarm() {
        Random random = new Random(5);
        for (int i = 0; i < 10_000; i++) {
            raw.putInt(READER, random.nextInt());
            raw.putInt(RingMemory.WRITER, random.nextInt());
            writer.mustRing(random.nextBoolean());
            reader.mustRing();
        }
        assertThat(reader.isEmpty()).isTrue();
    }

    // ---- both at once ---------------------------------------------------------------------------------------------

    /** Each side sleeps on a semaphore that only the other's bell raises: a lost wake-up is a wait that does not end. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void writeAndRead_byTwoThreadsThatSleep_losesNeitherABellNorAByte(long seed) throws Exception {
        long total = 24L << 20;
        Semaphore toReader = new Semaphore(0);
        Semaphore toWriter = new Semaphore(0);
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            try {
                writeAll(total, new Random(seed), toReader, toWriter);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });

        readAll(total, new Random(-seed), toReader, toWriter);

        written.get(30, TimeUnit.SECONDS);
        assertThat(reader.isEmpty()).isTrue();
    }

    private void writeAll(long total, Random random, Semaphore toReader, Semaphore toWriter)
            throws IOException, InterruptedException {
        long at = 0;
        while (at < total) {
            int size = random.nextInt(4) == 0 ? random.nextInt(CAPACITY) : random.nextInt(3000);
            long until = Math.min(total, at + size);
            while (at < until) {
                ByteBuffer room = writer.room();
                if (!room.hasRemaining()) {
                    if (writer.mustRing(true)) {
                        toReader.release();
                    }
                    if (writer.askForRoom()) {
                        assertThat(toWriter.tryAcquire(30, TimeUnit.SECONDS))
                                .as("woken at %s", at)
                                .isTrue();
                        toWriter.drainPermits();
                    }
                    continue;
                }
                for (int i = (int) Math.min(room.remaining(), until - at); i > 0; i--) {
                    room.put(value(at++));
                }
                writer.publish();
                if (writer.mustRing(random.nextBoolean())) {
                    toReader.release();
                }
            }
        }
    }

    private void readAll(long total, Random random, Semaphore toReader, Semaphore toWriter)
            throws IOException, InterruptedException {
        long at = 0;
        while (at < total) {
            ByteBuffer bytes = reader.bytes();
            if (!bytes.hasRemaining()) {
                await(random, toReader, at);
                continue;
            }
            while (bytes.hasRemaining()) {
                if (bytes.get() != value(at)) {
                    throw new AssertionError("byte " + at);
                }
                at++;
            }
            reader.taken();
            if (reader.mustRing()) {
                toWriter.release();
            }
        }
    }

    private void await(Random random, Semaphore toReader, long at) throws InterruptedException {
        int kind = random.nextInt(3);
        if (kind == 0) {
            reader.awake();
        } else if (kind == 1) {
            reader.busy();
        }
        for (int i = random.nextInt(200); i > 0 && reader.isEmpty(); i--) {
            Thread.onSpinWait();
        }
        reader.asleep();
        if (reader.isEmpty()) {
            assertThat(toReader.tryAcquire(30, TimeUnit.SECONDS))
                    .as("woken at %s", at)
                    .isTrue();
            toReader.drainPermits();
        }
    }

    private static byte value(long at) {
        return (byte) (at * 31 + (at >>> 9));
    }
}
