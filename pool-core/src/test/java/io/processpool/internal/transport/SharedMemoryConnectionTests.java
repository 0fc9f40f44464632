package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.SampleMessages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two connections that leave their socket for shared memory. */
@Timeout(60)
class SharedMemoryConnectionTests extends SharedMemoryFixture {

    private static final int MIB = 1 << 20;
    private static final int CAPACITY = RingMemory.CAPACITY;

    // ---- what is sent arrives, whole and in order -----------------------------------------------------------------

    @Test
    void send_everyMessage_arrivesAsItIs() throws Exception {
        switchBoth();

        for (SampleMessages.Sample sample : SampleMessages.forListeners()) {
            pool.send(sample.message());
            worker.send(sample.message());
        }

        for (RecordingListener listener : List.of(heard, heardThere)) {
            for (SampleMessages.Sample sample : SampleMessages.forListeners()) {
                Message message = listener.next();
                assertThat(message).hasSameClassAs(sample.message());
                assertThat(Messages.body(message).toArray()).isEqualTo(sample.bytes());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                1,
                65_535,
                65_536,
                CAPACITY / 2,
                CAPACITY - 33,
                CAPACITY - 9,
                CAPACITY - 8,
                CAPACITY - 7,
                CAPACITY,
                CAPACITY + 1,
                3 * CAPACITY,
                8 * MIB
            })
    void send_sizesAroundThatOfTheRing_arriveWhole(int size) throws Exception {
        switchBoth();
        byte[] body = random(size, size);

        for (SocketConnection sender : List.of(pool, worker)) {
            sender.send(new Message.Ping(1));
            sender.send(new Message.StartFailed(Bytes.of(body)));
            sender.send(new Message.Ping(2));
        }

        for (RecordingListener listener : List.of(heard, heardThere)) {
            assertThat(listener.next()).isEqualTo(new Message.Ping(1));
            Message.StartFailed arrived = (Message.StartFailed) listener.next();
            assertThat(Arrays.equals(arrived.failure().toArray(), body)).isTrue();
            assertThat(listener.next()).isEqualTo(new Message.Ping(2));
        }
        assertThat(written(TO_POOL)).isGreaterThan(size);
        assertThat(written(TO_WORKER)).isGreaterThan(size);
    }

    @Test
    void send_byManyThreadsToABusyReader_keepsTheOrderOfEach() throws Exception {
        switchBoth();

        sendByMany(worker, 8, 2000);

        assertHeardOfMany(heard, 8, 2000);
        await().until(worker::flush);
    }

    @Test
    void send_bothDirectionsFullAtOnce_neitherWaitsForTheOther() throws Exception {
        switchBoth();

        assertBothArrive(worker, heardThere, pool, heard, 16 * MIB);
    }

    /** Messages before the switch and after it go different ways, and still arrive one after the other. */
    @Test
    void send_whileBothSwitch_keepsTheOrder() throws Exception {
        connectBoth(heard, heardThere);
        int count = 5000;
        for (SocketConnection sender : List.of(pool, worker)) {
            start("sender", () -> {
                for (int i = 0; i < count; i++) {
                    sender.send(new Message.Ping(i));
                }
            });
        }
        here.on(() -> pool.offer(memory));

        for (RecordingListener listener : List.of(heard, heardThere)) {
            for (int i = 0; i < count; i++) {
                assertThat(listener.next()).isEqualTo(new Message.Ping(i));
            }
        }
    }

    // ---- the way there --------------------------------------------------------------------------------------------

    @Test
    void offer_fileIsNotThere_allGoesThroughTheSocket() throws Exception {
        connectBoth(heard, heardThere);
        Files.delete(memory.file());

        assertGoesThroughTheSocket();
    }

    @Test
    void offer_fileIsTooSmall_allGoesThroughTheSocket() throws Exception {
        connectBoth(heard, heardThere);
        Files.delete(memory.file());
        Files.write(memory.file(), new byte[100]);

        assertGoesThroughTheSocket();
    }

    private void assertGoesThroughTheSocket() throws Exception {
        here.on(() -> pool.offer(memory));
        byte[] body = random(MIB, 1);
        for (int i = 0; i < 3; i++) {
            pool.send(new Message.StartFailed(Bytes.of(body)));
            assertThat(((Message.StartFailed) heardThere.next()).failure().length())
                    .isEqualTo(MIB);
            worker.send(new Message.Ping(i));
            assertThat(heard.next()).isEqualTo(new Message.Ping(i));
        }
        assertThat(written(TO_POOL)).isZero();
        assertThat(written(TO_WORKER)).isZero();
    }

    @Test
    void offer_byTheWorker_closesTheChannel() throws Exception {
        connectBoth(heard, heardThere);

        worker.send(new Message.SharedMemory(memory.file().toString()));

        assertThat(heard.awaitClosed())
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("not for this side to offer");
    }

    @Test
    void offer_twice_closesTheChannel() throws Exception {
        connectBoth(heard, heardThere);

        pool.enqueue(new Message.SharedMemory(memory.file().toString()));
        pool.enqueue(new Message.SharedMemory(memory.file().toString()));
        pool.flush();

        assertThat(heardThere.awaitClosed()).isInstanceOf(ProtocolException.class);
    }

    @Test
    void switch_nothingWasOffered_closesTheChannel() throws Exception {
        connectBoth(heard, heardThere);

        worker.send(new Message.Switch());

        assertThat(heard.awaitClosed()).isInstanceOf(ProtocolException.class).hasMessageContaining("was not offered");
    }

    @Test
    void switch_forTheSecondTime_closesTheChannel() throws Exception {
        switchBoth();

        worker.send(new Message.Switch());

        assertThat(heard.awaitClosed()).isInstanceOf(ProtocolException.class);
    }

    /** The worker has switched, the pool still sends frames: a stroke of the bell among them would tear one apart. */
    @Test
    void hear_whileThisSideHasNotSwitched_leavesItsFramesWhole() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        RecordingListener slow = new RecordingListener(message -> goOn.await());
        pool = here.connectStranger(hereSocket, slow, MIB);
        here.on(pool::trust);
        RingWriter ring = RingMemory.open(memory.file()).workerEnd().out();
        here.on(() -> pool.offer(memory));
        byte[] large = random(4 * MIB, 1);
        pool.send(new Message.StartFailed(Bytes.of(large))); // more than the socket takes

        int count = fillWithPings(ring);
        assertThat(ring.askForRoom()).isTrue();
        thereSocket.write(bytes("5050014000000000"));
        await().until(() -> !slow.isClosed() && slow.thread() != null); // it hears the first of them
        ByteBuffer all = ByteBuffer.allocate(8 * MIB);
        readUntil(all, MIB); // so that there is room for a stroke
        goOn.countDown();
        slow.next(count);

        int offer = Frame.HEADER
                + (int) Messages.body(new Message.SharedMemory(memory.file().toString()))
                        .length();
        int frames = offer + Frame.HEADER + large.length + Frame.HEADER;
        readUntil(all, frames + 1);
        assertThat(Arrays.equals(all.array(), offer + Frame.HEADER, frames - Frame.HEADER, large, 0, large.length))
                .as("the frame is as it was")
                .isTrue();
        assertThat(Arrays.copyOfRange(all.array(), frames - Frame.HEADER, frames))
                .as("the switch")
                .isEqualTo(bytes("5050014000000000").array());
        assertThat(ring.hasRoom()).isTrue();
    }

    private static int fillWithPings(RingWriter ring) throws IOException {
        ByteBuffer ping = bytes("5050012700000008" + "0000000000000007");
        int count = 0;
        ByteBuffer room = ring.room();
        while (room.remaining() >= 16) {
            room.put(ping.duplicate());
            count++;
        }
        ring.publish();
        return count;
    }

    private void readUntil(ByteBuffer target, int position) throws IOException {
        while (target.position() < position) {
            assertThat(thereSocket.read(target)).isPositive();
        }
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    @Test
    void close_otherSide_allThatItHasSentIsHeardBeforeTheEnd() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean slow = new AtomicBoolean();
        RecordingListener listener = new RecordingListener(message -> {
            if (slow.get()) {
                goOn.await();
            }
        });
        switchBoth(listener);
        slow.set(true);

        for (int i = 0; i < 1000; i++) {
            worker.send(new Message.Ping(i));
        }
        worker.close();
        heardThere.awaitClosed();
        goOn.countDown();

        for (int i = 0; i < 1000; i++) {
            assertThat(listener.next()).isEqualTo(new Message.Ping(i));
        }
        assertThat(listener.awaitClosed()).isNull();
        here.stop();
        listener.assertHeardOfOneEnd();
    }

    /** It has died between putting something into the ring and ringing. */
    @Test
    void end_withoutABell_hearsWhatTheRingHolds() throws Exception {
        switchBoth();
        ByteBuffer ping = bytes("5050012700000008" + "0000000000000007" + "50500127000000080000");
        for (int i = 0; ping.hasRemaining(); i++) {
            put(TO_POOL, 16 + i, ping.get());
        }
        claimWritten(TO_POOL, 16 + ping.position());

        worker.close();

        assertThat(heard.next()).isEqualTo(new Message.Ping(7));
        assertThat(heard.awaitClosed()).isNull();
        assertThat(heard.rest()).isEmpty();
        here.stop();
        heard.assertHeardOfOneEnd();
    }

    @Test
    void close_thisSide_isHeardOnBothOnce() throws Exception {
        switchBoth();

        pool.close();
        pool.close();

        assertThat(heard.awaitClosed()).isNull();
        assertThat(heardThere.awaitClosed()).isNull();
        here.stop();
        there.stop();
        heard.assertHeardOfOneEnd();
        heardThere.assertHeardOfOneEnd();
    }

    @Test
    void loopCloses_channelIsOpen_isHeardOnce() throws Exception {
        switchBoth();

        here.stop();

        assertThat(heard.awaitClosed()).isInstanceOf(IOException.class);
        heard.assertHeardOfOneEnd();
    }

    @Test
    void awaitDrained_otherSideEnds_returns() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        connectBoth(heard, new RecordingListener(message -> {
            if (message instanceof Message.StartFailed) {
                goOn.await();
            }
        }));
        here.on(() -> pool.offer(memory));
        pool.send(new Message.StartFailed(Bytes.EMPTY));
        Thread waiting = start("waiting", () -> {
            pool.send(new Message.StartFailed(Bytes.of(new byte[8 * MIB])));
            pool.awaitDrained();
        });

        pool.close();

        assertEnds(waiting);
        goOn.countDown();
    }

    @Test
    void listener_refusesAMessage_hearsNothingMoreButTheEnd() throws Exception {
        ProtocolException refusal = new ProtocolException("not now");
        RecordingListener listener = new RecordingListener(message -> {
            if (message instanceof Message.Retire) {
                throw refusal;
            }
        });
        switchBoth(listener);

        worker.enqueue(new Message.Ping(1));
        worker.enqueue(new Message.Retire());
        worker.enqueue(new Message.Ping(2));
        worker.flush();

        assertThat(listener.awaitClosed()).isSameAs(refusal);
        heardThere.awaitClosed();
        here.stop();
        listener.assertHeardOfOneEnd();
        assertThat(listener.rest()).containsExactly(new Message.Ping(1));
    }

    @Test
    void isInUse_aThreadStillHears_untilItHasDone() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch hearing = new CountDownLatch(1);
        connectBoth(
                new RecordingListener(message -> {
                    if (message instanceof Message.Retire) {
                        hearing.countDown();
                        goOn.await();
                    }
                }),
                heardThere);
        assertThat(memory.isInUse()).isFalse();
        here.on(() -> pool.offer(memory));
        pool.send(new Message.Ping(-1));
        heardThere.next();
        worker.send(new Message.Retire());
        hearing.await();
        worker.close();
        heardThere.awaitClosed();

        assertThat(memory.isInUse()).isTrue();
        goOn.countDown();
        await().untilAsserted(() -> assertThat(memory.isInUse()).isFalse());
    }

    // ---- the worker cannot be trusted -----------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 16 + CAPACITY + 1, Long.MIN_VALUE})
    void hear_impossibleNumberOfBytes_closesTheChannel(long written) throws Exception {
        switchBoth();
        claimWritten(TO_POOL, written);

        thereSocket.write(ByteBuffer.allocate(1));

        assertThat(heard.awaitClosed()).isInstanceOf(ProtocolException.class);
        here.stop();
        heard.assertHeardOfOneEnd();
    }

    @Test
    void hear_nonsense_closesTheChannel() throws Exception {
        switchBoth();
        for (int i = 0; i < 100; i++) {
            put(TO_POOL, 16 + i, 'x');
        }
        claimWritten(TO_POOL, 116);

        thereSocket.write(ByteBuffer.allocate(1));

        assertThat(heard.awaitClosed()).isInstanceOf(ProtocolException.class);
    }

    @Test
    void send_impossibleNumberOfReadBytes_closesTheChannel() throws Exception {
        switchBoth();
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch holding = new CountDownLatch(1);
        there.loop().execute(() -> {
            holding.countDown();
            awaitUninterruptibly(done); // the worker does not read, or it would say how much
        });
        holding.await();
        claimRead(TO_WORKER, Long.MAX_VALUE);

        pool.send(new Message.StartFailed(Bytes.of(new byte[8 * MIB])));

        assertThat(heard.awaitClosed()).isInstanceOf(ProtocolException.class);
        done.countDown();
    }

    @Test
    void hear_bellsForNothing_areIgnored() throws Exception {
        switchBoth();

        thereSocket.write(ByteBuffer.allocate(10_000));
        worker.send(new Message.Ping(1));

        assertThat(heard.next()).isEqualTo(new Message.Ping(1));
    }

    /** There is always more to hear, as from a worker that writes faster than the pool reads. */
    @Test
    void hear_workerWritesWithoutEnd_theLoopServesOthersMeanwhile() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        connectBoth(
                new ChannelListener() {
                    @Override
                    public void onMessage(Message message) {
                        if (message instanceof Message.Ping && !enough.get()) {
                            worker.send(message);
                        }
                    }

                    @Override
                    public void onClosed(Throwable cause) {}
                },
                heardThere);
        here.on(() -> pool.offer(memory));
        pool.send(new Message.Ping(-1));
        heardThere.next();
        for (int i = 0; i < 100; i++) {
            worker.send(new Message.Ping(i));
        }

        for (int i = 0; i < 5; i++) {
            long before = written(TO_POOL);
            await().until(() -> written(TO_POOL) > before);
            here.on(() -> {});
        }
        here.on(() -> enough.set(true));
    }

    /** The worker closes its socket and goes on writing: the end does not wait until it is done. */
    @Test
    void end_workerWritesWithoutEnd_isToldAllTheSame() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        connectBoth(
                new ChannelListener() {
                    @Override
                    public void onMessage(Message message) throws ProtocolException {
                        if (message instanceof Message.StartFailed) {
                            worker.close();
                            await().until(heardThere::isClosed);
                        }
                        writeBehindTheBack();
                    }

                    @Override
                    public void onClosed(Throwable cause) {
                        closed.countDown();
                    }
                },
                heardThere);
        here.on(() -> pool.offer(memory));
        pool.send(new Message.Ping(-1));
        heardThere.next();

        worker.send(new Message.StartFailed(Bytes.EMPTY));

        closed.await();
    }

    /** Where the worker's own end of the ring is closed: one more empty frame for a listener each time. */
    private void writeBehindTheBack() {
        long at = written(TO_POOL);
        ByteBuffer retire = bytes("5050012900000000");
        for (int i = 0; i < 8; i++) {
            put(TO_POOL, (int) (at + i) & (CAPACITY - 1), retire.get());
        }
        claimWritten(TO_POOL, at + 8);
    }

    @Test
    void offer_pathWithAnyCharacters_isFound() throws Exception {
        Path strange = Files.createDirectory(directory.resolve("ü 😀"));
        memory = SharedMemory.create(strange.resolve("m"));
        connectBoth(heard, heardThere);
        here.on(() -> pool.offer(memory));
        pool.send(new Message.Ping(-1));
        heardThere.next();
        worker.send(new Message.Ping(1));

        assertThat(heard.next()).isEqualTo(new Message.Ping(1));
        assertThat(memory.isInUse()).isTrue();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
