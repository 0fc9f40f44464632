package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.SampleMessages;
import io.processpool.internal.wire.SampleMessages.Sample;
import io.processpool.testing.Allocations;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FrameReaderTests {

    private static final int START_FAILED = 3;
    private static final int RESULTS = 4;
    private static final int PING = 39;

    private final RecordingListener heard = new RecordingListener();
    private final FrameReader reader = new FrameReader(heard::onMessage, Frame.MAX_BODY);

    static List<Sample> samples() {
        return SampleMessages.all();
    }

    // ---- whole messages, however they are cut ---------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("samples")
    void read_frameCutAtEachPosition_deliversTheMessageAtItsLastByte(Sample sample) throws Exception {
        byte[] frame = frame(sample.type(), false, sample.bytes());
        for (int cut = 0; cut <= frame.length; cut++) {
            reader.read(ByteBuffer.wrap(frame, 0, cut));
            List<Message> early = heard.rest();
            assertThat(early).as("after %d bytes", cut).hasSize(cut == frame.length ? 1 : 0);
            reader.read(ByteBuffer.wrap(frame, cut, frame.length - cut));
            early.addAll(heard.rest());
            assertThat(shown(early)).containsExactly(sample.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 8, 9, 16, 64, 1000})
    void read_allMessagesInPiecesOfOneSize_deliversEachOnceInOrder(int size) throws Exception {
        byte[] stream = allFrames();

        for (int from = 0; from < stream.length; from += size) {
            reader.read(ByteBuffer.wrap(stream, from, Math.min(size, stream.length - from)));
        }

        List<String> expected = samples().stream().map(Sample::toString).toList();
        assertThat(shown(heard.rest())).containsExactlyElementsOf(expected);
    }

    @Test
    void read_twoMessagesCutAtAnyTwoPositions_deliversBoth() throws Exception {
        byte[] stream = concat(frame(37, false, new byte[] {1, 2}), frame(41, false, new byte[0]));
        for (int first = 0; first <= stream.length; first++) {
            for (int second = first; second <= stream.length; second++) {
                reader.read(ByteBuffer.wrap(stream, 0, first));
                reader.read(ByteBuffer.wrap(stream, first, second - first));
                reader.read(ByteBuffer.wrap(stream, second, stream.length - second));
                assertThat(heard.rest())
                        .as("cut at %d and %d", first, second)
                        .containsExactly(new Message.Cancel(1, 2), new Message.Retire());
            }
        }
    }

    @Test
    void read_buffersThatAreReused_doNotChangeWhatWasDelivered() throws Exception {
        ByteBuffer shared = ByteBuffer.allocateDirect(64);
        shared.put(frame(START_FAILED, false, new byte[] {1, 2, 3, 4})).flip();
        reader.read(shared);
        Message.StartFailed first = (Message.StartFailed) heard.next();

        shared.clear();
        shared.put(frame(START_FAILED, false, new byte[] {9, 9, 9, 9})).flip();
        reader.read(shared);

        assertThat(first.failure().toArray()).containsExactly(1, 2, 3, 4);
    }

    // ---- split messages -------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 50, 99, 100})
    void read_messageInSeveralFrames_deliversItWhole(int size) throws Exception {
        byte[] body = new byte[100];
        new Random(1).nextBytes(body);
        List<byte[]> frames = new ArrayList<>();
        for (int from = 0; from < body.length; from += size) {
            int to = Math.min(body.length, from + size);
            frames.add(frame(START_FAILED, to < body.length, Arrays.copyOfRange(body, from, to)));
        }
        frames.add(frame(41, false, new byte[0]));

        reader.read(ByteBuffer.wrap(concat(frames.toArray(new byte[0][]))));

        assertThat(((Message.StartFailed) heard.next()).failure().toArray()).isEqualTo(body);
        assertThat(heard.rest()).containsExactly(new Message.Retire());
    }

    @Test
    void read_splitMessageCutAtEachPosition_deliversItWhole() throws Exception {
        byte[] stream = concat(
                frame(PING, true, new byte[] {0, 0, 0}),
                frame(PING, true, new byte[] {0, 0, 0, 0}),
                frame(PING, false, new byte[] {5}));
        for (int cut = 0; cut <= stream.length; cut++) {
            reader.read(ByteBuffer.wrap(stream, 0, cut));
            reader.read(ByteBuffer.wrap(stream, cut, stream.length - cut));
            assertThat(heard.rest()).as("cut at %d", cut).containsExactly(new Message.Ping(5));
        }
    }

    @Test
    void read_severalSplitMessages_areKeptApart() throws Exception {
        byte[] twice = concat(
                frame(START_FAILED, true, new byte[] {1}),
                frame(START_FAILED, false, new byte[] {2}),
                frame(RESULTS, true, new byte[] {3}),
                frame(RESULTS, false, new byte[] {4}));

        reader.read(ByteBuffer.wrap(twice));

        assertThat(shown(heard.rest())).containsExactly("StartFailed 0102", "Results 0304");
    }

    @Test
    void read_lastFrameOfASplitMessageIsEmpty_deliversIt() throws Exception {
        reader.read(ByteBuffer.wrap(
                concat(frame(START_FAILED, true, new byte[] {1}), frame(START_FAILED, false, new byte[0]))));

        assertThat(shown(heard.rest())).containsExactly("StartFailed 01");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void read_frameOfAnotherTypeInsideASplitMessage_isRefused(boolean more) throws Exception {
        reader.read(ByteBuffer.wrap(frame(RESULTS, true, new byte[] {1})));
        ByteBuffer other = ByteBuffer.wrap(frame(START_FAILED, more, new byte[] {2}));

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> reader.read(other))
                .withMessage("frame of type 3 inside a message of type 4");
        assertThat(heard.rest()).isEmpty();
    }

    @Test
    void read_splitMessageThatMakesNoSense_isRefused() throws Exception {
        reader.read(ByteBuffer.wrap(frame(PING, true, new byte[] {1, 2, 3, 4})));
        ByteBuffer tooLong = ByteBuffer.wrap(frame(PING, false, new byte[] {5, 6, 7, 8, 9}));

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> reader.read(tooLong))
                .withMessage("message of type 39 has 1 bytes too many");
    }

    /** Each would cost memory and none would ever count against the limit of a message. */
    @Test
    void read_emptyFrameThatGoesOn_isRefused() {
        ByteBuffer empty = ByteBuffer.wrap(frame(RESULTS, true, new byte[0]));

        assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> reader.read(empty));
    }

    /** The limit is there for strangers, who may say hello and no more. */
    @Test
    void read_splitMessageLongerThanTheLimitOfAStranger_isRefused() {
        FrameReader strict = new FrameReader(heard::onMessage, 256);
        byte[] part = frame(START_FAILED, true, new byte[256]);

        assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> {
            for (int i = 0; i < 100; i++) {
                strict.read(ByteBuffer.wrap(part));
            }
        });
    }

    @Test
    void read_manySplitMessagesWithinTheLimit_eachCountsForItself() throws Exception {
        FrameReader strict = new FrameReader(heard::onMessage, 256);

        for (int i = 0; i < 10; i++) {
            strict.read(ByteBuffer.wrap(frame(START_FAILED, true, new byte[100])));
            strict.read(ByteBuffer.wrap(frame(START_FAILED, false, new byte[100])));
        }

        assertThat(heard.rest()).hasSize(10);
    }

    // ---- nonsense -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {Frame.MAX_BODY + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
    void read_absurdLength_isRefusedBeforeAnythingIsAllocated(int length) {
        byte[] header = new byte[Frame.HEADER];
        Frame.putHeader(header, 0, RESULTS, false, length);

        long allocated = Allocations.ofThisThread(() -> assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> reader.read(ByteBuffer.wrap(header)))
                .withMessageContaining("allowed are 134217728"));

        assertThat(allocated).isLessThan(1 << 24);
    }

    @Test
    void read_lengthAboveTheLimitOfAStranger_isRefusedBeforeAnythingIsAllocated() {
        FrameReader strict = new FrameReader(heard::onMessage, 256);
        byte[] header = new byte[Frame.HEADER];
        Frame.putHeader(header, 0, 1, false, Frame.MAX_BODY);

        long allocated = Allocations.ofThisThread(() -> assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> strict.read(ByteBuffer.wrap(header))));

        assertThat(allocated).isLessThan(1 << 24);
    }

    @Test
    void read_longFrameThatOnlyBegins_takesNoMoreThanAFixedSize() {
        byte[] header = new byte[Frame.HEADER + 1];
        Frame.putHeader(header, 0, RESULTS, false, Frame.MAX_BODY);

        long allocated = Allocations.ofThisThread(() -> readBytes(ByteBuffer.wrap(header)));

        assertThat(allocated).isLessThan(FrameBody.AT_ONCE + (1 << 20));
    }

    @Test
    void read_longFrame_neverTakesMuchMoreThanHasArrived() throws Exception {
        int length = 10 * FrameBody.AT_ONCE + 3;
        byte[] frame = frame(START_FAILED, false, body(length));
        int step = (1 << 16) + 1;
        long allocated = 0;
        for (int from = 0; from < frame.length; from += step) {
            ByteBuffer part = ByteBuffer.wrap(frame, from, Math.min(step, frame.length - from));
            allocated += Allocations.ofThisThread(() -> readBytes(part));
            // All parts together have as many bytes as have arrived, and the whole twice as many.
            assertThat(allocated)
                    .as("after %d bytes", from + step)
                    .isLessThan(FrameBody.AT_ONCE + 3L * (from + step) + (1 << 20));
        }

        Message.StartFailed whole = (Message.StartFailed) heard.next();
        assertThat(whole.failure().toArray()).isEqualTo(body(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0})
    void read_frameOfUsualSize_isReadIntoOneArray(int more) throws Exception {
        byte[] frame = frame(START_FAILED, false, body(FrameBody.AT_ONCE + more));

        long allocated = Allocations.ofThisThread(() -> {
            readBytes(ByteBuffer.wrap(frame, 0, 1000));
            readBytes(ByteBuffer.wrap(frame, 1000, frame.length - 1000));
        });

        assertThat(allocated).isBetween((long) FrameBody.AT_ONCE, FrameBody.AT_ONCE + (1L << 20));
        assertThat(((Message.StartFailed) heard.next()).failure().next()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                FrameBody.AT_ONCE + 1,
                2 * FrameBody.AT_ONCE - 1,
                2 * FrameBody.AT_ONCE,
                2 * FrameBody.AT_ONCE + 1,
                4 * FrameBody.AT_ONCE + 1
            })
    void read_longFrames_areOneArrayWithTheirBytes(int length) throws Exception {
        byte[] frame = frame(START_FAILED, false, body(length));
        reader.read(ByteBuffer.wrap(frame));
        FrameReader another = new FrameReader(heard::onMessage, Frame.MAX_BODY);
        another.read(ByteBuffer.wrap(frame, 0, length / 3));
        another.read(ByteBuffer.wrap(frame, length / 3, frame.length - length / 3));
        another.read(ByteBuffer.wrap(frame(41, false, new byte[0])));

        for (int i = 0; i < 2; i++) {
            Message.StartFailed message = (Message.StartFailed) heard.next();
            assertThat(message.failure().next()).isNull();
            assertThat(message.failure().toArray()).isEqualTo(body(length));
        }
        assertThat(heard.rest()).containsExactly(new Message.Retire());
    }

    @Test
    void read_asLongAFrameAsOneBefore_isReadIntoOneArrayAtOnce() throws Exception {
        int length = 4 * FrameBody.AT_ONCE;
        byte[] frame = frame(START_FAILED, false, body(length));
        reader.read(ByteBuffer.wrap(frame));

        long second = Allocations.ofThisThread(() -> readBytes(ByteBuffer.wrap(frame)));
        long longer = Allocations.ofThisThread(() -> {
            byte[] header = new byte[Frame.HEADER + 1];
            Frame.putHeader(header, 0, START_FAILED, false, 2 * length);
            readBytes(ByteBuffer.wrap(header));
        });

        assertThat(second).isBetween((long) length, length + (1L << 20));
        assertThat(longer).isBetween((long) length, length + (1L << 20));
    }

    private void readBytes(ByteBuffer bytes) {
        try {
            reader.read(bytes);
        } catch (ProtocolException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] body(int length) {
        byte[] body = new byte[length];
        new Random(length).nextBytes(body);
        return body;
    }

    @Test
    void trust_fromNowOn_liftsTheLimit() throws Exception {
        FrameReader strict = new FrameReader(heard::onMessage, 3);
        strict.read(ByteBuffer.wrap(frame(START_FAILED, false, new byte[3])));
        strict.trust(Frame.MAX_MESSAGE);

        strict.read(ByteBuffer.wrap(frame(START_FAILED, false, new byte[1 << 20])));
        strict.read(ByteBuffer.wrap(frame(START_FAILED, true, new byte[1 << 20])));
        strict.read(ByteBuffer.wrap(frame(START_FAILED, false, new byte[1])));

        assertThat(heard.rest())
                .extracting(message -> ((Message.StartFailed) message).failure().length())
                .containsExactly(3L, 1L << 20, (1L << 20) + 1);
    }

    @Test
    void read_messageOfTinyParts_isRefusedBeforeItsPartsTakeMoreThanItMay() {
        int limit = 1 << 20;
        FrameReader limited = new FrameReader(heard::onMessage, limit);
        byte[] part = frame(START_FAILED, true, new byte[1]);

        int[] read = new int[1];
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> {
                    for (; read[0] < limit; read[0]++) {
                        limited.read(ByteBuffer.wrap(part));
                    }
                })
                .withMessageContaining("message of more than");
        assertThat(read[0]).isLessThan(limit / 500);
    }

    @Test
    void read_notAFrame_isRefusedAtItsHeader() {
        byte[] request = "GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> reader.read(ByteBuffer.wrap(request)))
                .withMessage("not a frame: header starts with 0x47455420");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void read_damagedStreams_throwsNothingButProtocolExceptions(long seed) {
        Random random = new Random(seed);
        byte[] stream = allFrames();
        for (int round = 0; round < 2_000; round++) {
            byte[] damaged = stream.clone();
            for (int i = random.nextInt(6); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            int from = random.nextInt(3) == 0 ? random.nextInt(damaged.length) : 0;
            readOrRefuse(Arrays.copyOfRange(damaged, from, damaged.length), random, seed, round);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void read_randomFrames_throwsNothingButProtocolExceptions(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 8; i++) {
                byte[] body = new byte[random.nextInt(40)];
                random.nextBytes(body);
                stream.writeBytes(frame(random.nextInt(48), random.nextInt(4) == 0, body));
            }
            readOrRefuse(stream.toByteArray(), random, seed, round);
        }
    }

    private void readOrRefuse(byte[] stream, Random random, long seed, int round) {
        FrameReader fresh = new FrameReader(heard::onMessage, 1 << 16);
        try {
            int from = 0;
            while (from < stream.length) {
                int size = Math.min(stream.length - from, 1 + random.nextInt(64));
                fresh.read(ByteBuffer.wrap(stream, from, size));
                from += size;
            }
        } catch (ProtocolException expected) {
            assertThat(expected).hasMessageMatching("(?s).+");
        } catch (Throwable t) {
            throw new AssertionError("seed " + seed + ", round " + round + ": " + hex(stream), t);
        }
        heard.rest();
    }

    private static byte[] allFrames() {
        return concat(samples().stream()
                .map(sample -> frame(sample.type(), false, sample.bytes()))
                .toArray(byte[][]::new));
    }

    private static byte[] frame(int type, boolean more, byte[] body) {
        byte[] frame = new byte[Frame.HEADER + body.length];
        Frame.putHeader(frame, 0, type, more, body.length);
        System.arraycopy(body, 0, frame, Frame.HEADER, body.length);
        return frame;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static List<String> shown(List<Message> messages) {
        return messages.stream()
                .map(message -> message.getClass().getSimpleName() + " "
                        + hex(Messages.body(message).toArray()))
                .toList();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
