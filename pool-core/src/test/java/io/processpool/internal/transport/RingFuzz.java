package io.processpool.internal.transport;

import static io.processpool.fuzz.FuzzChecks.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.SampleMessages;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Shared memory whose other side does what the input says, between the looks of this side: writes bytes as it should, or
 * moves the numbers in the memory to wherever it likes.
 *
 * <pre>
 *   0 number:8          "written" is this number       4                   this side hears
 *   1 count:1 bytes     writes bytes, as it should     5                   this side says that it sleeps, or looks
 *   2 step:2            "written" moves               6 number:8          "read" of the other ring is this number
 *   3 wish:4            waits for room                 7 count:1 byte      writes 256 times so many of the same byte
 * </pre>
 */
final class RingFuzz implements RingInlet.Owner, ChannelListener {

    private static final int LIMIT = 1 << 16;
    private static final int OTHER_CONTROL = 256;
    private static final int DATA = 4096;

    /** Kept, since it is large. What lies in there does not matter before it was written. */
    private static final ByteBuffer MAP =
            ByteBuffer.allocateDirect(DATA + RingMemory.CAPACITY).order(ByteOrder.nativeOrder());

    private final ByteBuffer steps;
    private final RingReader reader = new RingReader(MAP, 0, DATA, new AtomicInteger());
    private final RingWriter writer = new RingWriter(MAP, OTHER_CONTROL, DATA);
    private final RingInlet inlet = new RingInlet(new FrameReader(this::onMessage, LIMIT), this, this);
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final StringBuilder heard = new StringBuilder();
    private boolean honest = true;
    private boolean writerRefuses;
    private @Nullable Throwable failure;

    private RingFuzz(byte[] input) {
        steps = ByteBuffer.wrap(input);
        for (int i = 0; i < 2 * OTHER_CONTROL; i += Long.BYTES) {
            MAP.putLong(i, 0);
        }
        inlet.open(reader);
    }

    static synchronized void run(byte[] input) {
        RingFuzz fuzz = new RingFuzz(input);
        while (fuzz.steps.hasRemaining()) {
            fuzz.step();
        }
        fuzz.finish();
    }

    private void step() {
        switch (steps.get() & 7) {
            case 0 -> lie(number());
            case 1 -> write(bytes());
            case 2 -> lie(written() + (short) number(2));
            case 3 -> MAP.putInt(RingMemory.WRITER, (int) number(4));
            case 4 -> inlet.hear();
            case 5 -> say();
            case 6 -> otherRing();
            default -> write(run());
        }
    }

    private long number() {
        return number(8);
    }

    private long number(int bytes) {
        long number = 0;
        for (int i = 0; i < bytes && steps.hasRemaining(); i++) {
            number = number << 8 | (steps.get() & 0xFF);
        }
        return number;
    }

    private byte[] bytes() {
        byte[] bytes = new byte[Math.min((int) number(1), steps.remaining())];
        steps.get(bytes);
        return bytes;
    }

    private byte[] run() {
        byte[] bytes = new byte[(int) number(1) * 256];
        Arrays.fill(bytes, (byte) number(1));
        return bytes;
    }

    private static long written() {
        return MAP.getLong(RingMemory.WRITTEN);
    }

    private void lie(long number) {
        honest &= number == written();
        MAP.putLong(RingMemory.WRITTEN, number);
    }

    /** As a worker does; but nobody can be made to read when there is no room. */
    private void write(byte[] bytes) {
        long at = written();
        if (!honest || at + bytes.length - MAP.getLong(RingMemory.READ) > RingMemory.CAPACITY) {
            return;
        }
        int from = (int) at & (RingMemory.CAPACITY - 1);
        int first = Math.min(bytes.length, RingMemory.CAPACITY - from);
        MAP.put(DATA + from, bytes, 0, first);
        MAP.put(DATA, bytes, first, bytes.length - first);
        MAP.putLong(RingMemory.WRITTEN, at + bytes.length);
        sent.writeBytes(bytes);
    }

    private void say() {
        switch ((int) number(1) % 3) {
            case 0 -> inlet.sleep();
            case 1 -> inlet.awake();
            default -> inlet.busy();
        }
    }

    private void otherRing() {
        MAP.putLong(OTHER_CONTROL + RingMemory.READ, number());
        try {
            ByteBuffer room = writer.room();
            assertThat(room.position()).isGreaterThanOrEqualTo(DATA);
            assertThat(room.limit()).isLessThanOrEqualTo(DATA + RingMemory.CAPACITY);
            room.position(room.limit());
            writer.publish();
            writer.askForRoom();
            writer.mustRing(true);
        } catch (ProtocolException e) {
            writerRefuses = true;
        }
    }

    private void finish() {
        inlet.hear();
        inlet.end(new RingInlet.End(failure, false));
        assertThat(inlet.isOver()).isTrue();
        if (failure != null) {
            assertThat(failure).isInstanceOf(ProtocolException.class);
        }
        if (honest) {
            byte[] stream = sent.toByteArray();
            String expected = TransportFuzz.heard(LIMIT, stream, Math.max(1, stream.length), false);
            assertThat(heard + (failure == null ? "" : " refused: " + failure.getMessage()))
                    .as("through the ring, %s", writerRefuses)
                    .isEqualTo(failure == null ? expected.replaceAll(" (in)?complete$", "") : expected);
        }
    }

    @Override
    public void hearLater() {
        // hears again anyway
    }

    @Override
    public void strike() {
        assertThat(MAP.getInt(RingMemory.WRITER)).as("what is waited for").isNotZero();
    }

    @Override
    public void fail(Throwable cause) {
        assertThat(failure).as("failed before").isNull();
        failure = cause;
    }

    @Override
    public void onMessage(Message message) {
        assertThat(failure).as("the end of what is heard").isNull();
        heard.append(TransportFuzz.shown(message));
    }

    @Override
    public void onClosed(@Nullable Throwable cause) {
        assertThat(cause).isSameAs(failure);
    }

    static List<byte[]> seeds() {
        byte[] all = {};
        for (SampleMessages.Sample sample : SampleMessages.all()) {
            byte[] frame = TransportFuzz.frame(sample.type(), false, sample.bytes());
            all = join(all, new byte[] {1, (byte) frame.length}, frame, new byte[] {5, 0, 4});
        }
        byte[] lie = {0, 0x7F, 0, 0, 0, 0, 0, 0, 0, 4};
        byte[] back = {1, 4, 'P', 'P', 1, 41, 4, 2, -1, -4, 4};
        byte[] around = {3, 0, 0, 0, 1};
        for (int i = 0; i < 9; i++) {
            byte[] head = {1, 8, 'P', 'P', 1, 4, 0, 0, (byte) 0xFF, 0};
            around = join(around, head, new byte[] {7, (byte) 0xFF, (byte) i, 4});
        }
        byte[] other = {6, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 8, 0, 0};
        return List.of(all, lie, back, around, other);
    }
}
