package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages as bytes, however little room there is at a time. */
@Timeout(60)
class OutboxTests {

    private static final int LARGE = 1 << 16;

    private final Outbox outbox = new Outbox();
    private final RecordingListener heard = new RecordingListener();

    private byte[] all() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(10_000);
        do {
            piece.clear();
            outbox.fill(piece);
            bytes.write(piece.array(), 0, piece.position());
        } while (piece.position() > 0);
        outbox.sent();
        return bytes.toByteArray();
    }

    private static Message results(int... sizes) {
        List<Bytes> slices = new ArrayList<>();
        for (int size : sizes) {
            slices.add(Bytes.of(SocketConnectionFixture.random(size, size)));
        }
        return new Message.Results(Bytes.concat(slices));
    }

    /** Returns the lengths of the frames, negative if more of the message follows. */
    private static List<Integer> frames(byte[] bytes) throws Exception {
        List<Integer> lengths = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            byte[] header = Arrays.copyOfRange(bytes, at, at + Frame.HEADER);
            int length = Frame.length(header, Frame.MAX_BODY);
            lengths.add(Frame.more(header) ? -length : length);
            at += Frame.HEADER + length;
        }
        return lengths;
    }

    @Test
    void fill_largeArrays_eachHasAFrameOfItsOwn() throws Exception {
        outbox.add(results(10, LARGE, 5, 6));
        outbox.add(results(LARGE, LARGE + 1));
        outbox.add(results(3, 4, LARGE - 1));
        outbox.add(results());

        assertThat(frames(all())).containsExactly(-10, -LARGE, 11, -LARGE, LARGE + 1, LARGE + 6, 0);
    }

    @Test
    void fill_manySmallSlices_shareFrames() throws Exception {
        int[] sizes = new int[20];
        Arrays.fill(sizes, 10_000);
        outbox.add(results(sizes));

        assertThat(frames(all())).containsExactly(-70_000, -70_000, 60_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void fill_anySlicesIntoAnyRoom_isReadAsItWas(long seed) throws Exception {
        Random random = new Random(seed);
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int[] sizes = random.ints(random.nextInt(6), 0, random.nextInt(4) == 0 ? 2 * LARGE : 50)
                    .toArray();
            Message message = results(sizes);
            messages.add(message);
            outbox.add(message);
        }
        FrameReader reader = new FrameReader(heard::onMessage, Frame.MAX_BODY);
        reader.trust(Frame.MAX_MESSAGE);

        ByteBuffer room = ByteBuffer.allocate(2 * LARGE);
        while (!outbox.isEmpty()) {
            room.clear().limit(1 + random.nextInt(random.nextBoolean() ? 20 : room.capacity()));
            outbox.fill(room);
            room.flip();
            reader.read(room);
            outbox.sent();
        }

        for (Message message : messages) {
            byte[] expected = Messages.body(message).toArray();
            assertThat(Arrays.equals(Messages.body(heard.next()).toArray(), expected))
                    .isTrue();
        }
        assertThat(reader.isAmidMessage()).isFalse();
    }

    @Test
    void fill_aSwitch_endsThere() {
        outbox.add(new Message.Ping(1));
        outbox.add(new Message.Switch());
        outbox.add(new Message.Ping(2));
        ByteBuffer room = ByteBuffer.allocate(1000);

        assertThat(outbox.fill(room)).isTrue();
        assertThat(room.position()).isEqualTo(16 + 8);
        assertThat(outbox.fill(room)).isFalse();
        assertThat(room.position()).isEqualTo(16 + 8 + 16);
    }

    @Test
    void takeUrgent_tellsWhetherAnythingSinceThenCannotWait() {
        ByteBuffer room = ByteBuffer.allocate(1000);
        outbox.add(new Message.Function(1, FunctionKind.CALLABLE, Bytes.EMPTY));
        outbox.fill(room);
        assertThat(outbox.takeUrgent()).isFalse();

        outbox.add(new Message.Ping(1));
        outbox.add(new Message.Forget(1));
        outbox.fill(room);
        assertThat(outbox.takeUrgent()).isTrue();
        assertThat(outbox.takeUrgent()).isFalse();
    }

    /** The first piece of it must wake the reader, and so must each that follows. */
    @Test
    void takeUrgent_messageInSeveralPieces_isUrgentInEach() {
        outbox.add(results(100));

        outbox.fill(ByteBuffer.allocate(50));
        assertThat(outbox.takeUrgent()).isTrue();
        outbox.fill(ByteBuffer.allocate(20));
        assertThat(outbox.takeUrgent()).isTrue();
    }

    @Test
    void isEmpty_untilAllIsSent_isFalse() {
        assertThat(outbox.isEmpty()).isTrue();
        outbox.add(new Message.Ping(1));
        outbox.fill(ByteBuffer.allocate(10));
        outbox.sent();
        assertThat(outbox.isEmpty()).as("half of it").isFalse();
        outbox.fill(ByteBuffer.allocate(10));
        assertThat(outbox.isEmpty()).as("copied, not sent").isFalse();
        outbox.sent();

        assertThat(outbox.isEmpty()).isTrue();
        assertThat(outbox.awaitDrained()).isTrue();
        outbox.close();
        assertThat(outbox.awaitDrained()).as("all had been sent").isTrue();
    }

    /** Others add all the time; that it is empty for a moment is enough, and it must not be taken for closed. */
    @Test
    void awaitDrained_anotherThreadAddsAndSends_isTrueEachTime() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
            ByteBuffer room = ByteBuffer.allocate(1_000);
            while (!over.get()) {
                outbox.add(new Message.Ping(1));
                outbox.fill(room.clear());
                outbox.sent();
            }
        });
        int drained = 0;
        int rounds = 200_000;
        for (int i = 0; i < rounds; i++) {
            drained += outbox.awaitDrained() ? 1 : 0;
        }
        over.set(true);
        other.get();

        assertThat(drained).isEqualTo(rounds);
    }

    @Test
    void awaitDrained_closed_returns() {
        outbox.add(new Message.Ping(1));
        outbox.close();

        assertThat(outbox.awaitDrained()).isFalse();
        assertThat(outbox.isEmpty()).isFalse();
    }
}
