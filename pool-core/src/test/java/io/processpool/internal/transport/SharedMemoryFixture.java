package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.wire.Message;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;

/** The pool's side of a connection here and a worker's there, with shared memory to offer. */
abstract class SharedMemoryFixture extends SocketConnectionFixture {

    static final int TO_WORKER = 0;
    static final int TO_POOL = 1;

    /** What the connections use to find out that both have switched, and the tests do not. */
    private static final long SWITCHING = 0x5157_4954_4348L;

    final RecordingListener heardThere = new RecordingListener();
    SharedMemory memory;
    SocketConnection pool;
    SocketConnection worker;
    private MappedByteBuffer raw;

    @BeforeEach
    void create() throws IOException {
        memory = SharedMemory.create(directory.resolve("memory"));
        try (FileChannel channel = FileChannel.open(memory.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            raw = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
            raw.order(ByteOrder.nativeOrder());
        }
    }

    void connectBoth(ChannelListener here, ChannelListener there) throws Exception {
        pool = this.here.connectStranger(hereSocket, here, 1 << 20);
        this.here.on(pool::trust);
        worker = openThere(there);
    }

    /** Connects both sides and waits until they have switched, and their loops have nothing more to do. */
    void switchBoth() throws Exception {
        switchBoth(heard);
    }

    /** The same with another listener of the pool's side. */
    void switchBoth(RecordingListener listener) throws Exception {
        connectBoth(listener, heardThere);
        here.on(() -> pool.offer(memory));
        greet(pool, heardThere); // it has been offered
        greet(worker, listener); // the worker has switched, so the pool has answered
        greet(pool, heardThere);
        assertThat(written(TO_POOL)).isEqualTo(16);
        assertThat(written(TO_WORKER)).isPositive();
        there.awaitRest();
        here.awaitRest();
        there.awaitRest();
    }

    private static void greet(SocketConnection from, RecordingListener to) throws InterruptedException {
        from.send(new Message.Ping(SWITCHING));
        assertThat(to.next()).isEqualTo(new Message.Ping(SWITCHING));
    }

    /** Returns how many bytes have gone through a ring. */
    long written(int ring) {
        return raw.getLong(256 * ring + RingMemory.WRITTEN);
    }

    /** Says something about a ring as a worker might that is not to be trusted. */
    void claimWritten(int ring, long count) {
        raw.putLong(256 * ring + RingMemory.WRITTEN, count);
    }

    void claimRead(int ring, long count) {
        raw.putLong(256 * ring + RingMemory.READ, count);
    }

    /** Puts a byte into a ring, as it lies in the file. */
    void put(int ring, int at, int value) {
        raw.put(4096 + ring * RingMemory.CAPACITY + at, (byte) value);
    }
}
