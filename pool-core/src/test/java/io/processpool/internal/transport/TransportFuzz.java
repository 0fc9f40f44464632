package io.processpool.internal.transport;

import static io.processpool.fuzz.FuzzChecks.at;
import static io.processpool.fuzz.FuzzChecks.bounded;
import static io.processpool.fuzz.FuzzChecks.from;
import static io.processpool.fuzz.FuzzChecks.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.SampleMessages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The bytes of a channel, whatever they are: through a socket, before and after a token was shown, or shared memory. */
public final class TransportFuzz {

    private static final int STRANGERS_LIMIT = 256;
    private static final int LIMIT = 1 << 16;

    private TransportFuzz() {}

    /** A byte that tells the limit, and a stream. */
    public static void frames(byte[] input) {
        int limit = (at(input, 0) & 1) == 0 ? LIMIT : STRANGERS_LIMIT;
        byte[] stream = from(input, 1);
        String outcome = bounded(stream, () -> heard(limit, stream, stream.length, false));
        assertThat(heard(limit, stream, 1, false)).as("byte by byte").isEqualTo(outcome);
        int size = 2 + at(input, 0) / 2;
        assertThat(heard(limit, stream, size, false))
                .as("in pieces of %d", size)
                .isEqualTo(outcome);
        assertThat(heard(limit, stream, stream.length, true)).as("one by one").isEqualTo(outcome);
    }

    /** Returns what is heard of a stream that comes in pieces, and how that ends. */
    static String heard(int limit, byte[] stream, int size, boolean oneByOne) {
        StringBuilder heard = new StringBuilder();
        FrameReader reader = new FrameReader(message -> heard.append(shown(message)), limit);
        try {
            for (int from = 0; from < stream.length; from += size) {
                ByteBuffer piece = ByteBuffer.wrap(stream, from, Math.min(size, stream.length - from));
                if (!oneByOne) {
                    reader.read(piece);
                }
                while (piece.hasRemaining()) {
                    int before = piece.remaining();
                    reader.readOne(piece);
                    assertThat(piece.remaining()).as("goes on").isLessThan(before);
                }
            }
        } catch (ProtocolException e) {
            return heard + " refused: " + e.getMessage();
        }
        return heard + (reader.isAmidMessage() ? " incomplete" : " complete");
    }

    static String shown(Message message) {
        byte[] body = Messages.body(message).toArray();
        String shown = body.length < 1000 ? HexFormat.of().formatHex(body) : body.length + ":" + Arrays.hashCode(body);
        return message.getClass().getSimpleName() + shown + " ";
    }

    /** Returns frames of all messages, alone and one after the other, whole and split. */
    public static List<byte[]> frameSeeds() {
        List<byte[]> seeds = new ArrayList<>();
        byte[] all = {0};
        for (SampleMessages.Sample sample : SampleMessages.all()) {
            byte[] body = sample.bytes();
            seeds.add(join(new byte[] {1}, frame(sample.type(), false, body)));
            all = join(all, frame(sample.type(), false, body));
            if (body.length > 1) {
                seeds.add(join(
                        new byte[] {6},
                        frame(sample.type(), true, Arrays.copyOf(body, 1)),
                        frame(sample.type(), false, from(body, 1))));
            }
        }
        seeds.add(all);
        return seeds;
    }

    static byte[] frame(int type, boolean more, byte[] body) {
        byte[] frame = new byte[Frame.HEADER + body.length];
        Frame.putHeader(frame, 0, type, more, body.length);
        System.arraycopy(body, 0, frame, Frame.HEADER, body.length);
        return frame;
    }

    /** What is said to an acceptor. */
    public static void handshake(byte[] input) throws Exception {
        HandshakeFuzz.run(input);
    }

    /** Returns greetings, good and bad. */
    public static List<byte[]> handshakeSeeds() {
        byte[] hello = frame(1, false, new byte[Message.Hello.TOKEN]);
        byte[] ready = frame(2, false, new byte[0]);
        return List.of(
                hello,
                join(hello, ready),
                ready,
                join(frame(1, true, new byte[30]), frame(1, false, new byte[2])),
                Arrays.copyOf(hello, 39),
                frame(1, false, new byte[31]),
                "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** What is done to shared memory, step by step. */
    public static void ring(byte[] input) {
        RingFuzz.run(input);
    }

    /** Returns steps that make sense, and some that do not. */
    public static List<byte[]> ringSeeds() {
        return RingFuzz.seeds();
    }
}
