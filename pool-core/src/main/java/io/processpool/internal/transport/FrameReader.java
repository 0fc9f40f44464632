package io.processpool.internal.transport;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Puts messages together from the bytes of a stream, however they are cut. For one thread at a time. */
final class FrameReader {

    /** Takes the messages. */
    interface Receiver {
        /** A message is complete. */
        void received(Message message) throws ProtocolException;
    }

    /** Of parts of one byte each, a message would need a hundred times as much memory as it has bytes. */
    private static final int FREE_PARTS = 16;

    private static final int BYTES_PER_PART = 1024;

    private final Receiver receiver;
    private final byte[] header = new byte[Frame.HEADER];
    private int headerFilled;

    private final FrameBody body = new FrameBody();

    /** The earlier frames of a message that is split. */
    private final List<Bytes> parts = new ArrayList<>(0);

    private int splitType;
    private long splitLength;
    private int bodyLimit;
    private long messageLimit;

    /** Makes a reader that takes messages up to a limit, which is small as long as the other side is not known. */
    FrameReader(Receiver receiver, int limit) {
        this.receiver = receiver;
        this.bodyLimit = Math.min(limit, Frame.MAX_BODY);
        this.messageLimit = limit;
    }

    /** The other side is known: takes messages up to another limit from now on. */
    void trust(long limit) {
        bodyLimit = (int) Math.min(limit, Frame.MAX_BODY);
        messageLimit = limit;
    }

    /** Whether the beginning of a message is here and the rest is not. */
    boolean isAmidMessage() {
        return headerFilled > 0 || !parts.isEmpty();
    }

    /** Takes all bytes of the buffer and hands on the messages that they complete. */
    void read(ByteBuffer in) throws ProtocolException {
        while (in.hasRemaining()) {
            readOne(in);
        }
    }

    /** Takes bytes up to the end of a frame, and hands on the message that this completes. */
    void readOne(ByteBuffer in) throws ProtocolException {
        while (in.hasRemaining()) {
            if (!body.isOpen()) {
                int step = Math.min(in.remaining(), Frame.HEADER - headerFilled);
                in.get(header, headerFilled, step);
                headerFilled += step;
                if (headerFilled < Frame.HEADER) {
                    return;
                }
                Frame.type(header);
                body.begin(Frame.length(header, bodyLimit));
            }
            byte[] complete = body.take(in);
            if (complete != null) {
                headerFilled = 0;
                frame(Frame.type(header), Frame.more(header), Bytes.of(complete));
                return;
            }
        }
    }

    private void frame(int type, boolean more, Bytes part) throws ProtocolException {
        if (!more && parts.isEmpty()) {
            receiver.received(Messages.read(type, part));
            return;
        }
        if (!parts.isEmpty() && type != splitType) {
            throw new ProtocolException("frame of type " + type + " inside a message of type " + splitType);
        }
        if (more && part.length() == 0) {
            throw new ProtocolException("empty frame that goes on");
        }
        splitType = type;
        splitLength += part.length();
        if (splitLength > messageLimit) {
            throw new ProtocolException("message of more than " + messageLimit + " bytes");
        }
        if (parts.size() > FREE_PARTS + messageLimit / BYTES_PER_PART) {
            throw new ProtocolException("message of more than " + parts.size() + " parts");
        }
        parts.add(part);
        if (!more) {
            Bytes whole = Bytes.concat(List.copyOf(parts));
            parts.clear();
            splitLength = 0;
            receiver.received(Messages.read(type, whole));
        }
    }
}
