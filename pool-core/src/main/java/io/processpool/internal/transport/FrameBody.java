package io.processpool.internal.transport;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the bodies of frames together, one after the other, each in an array of its own. A header may lie about the length of
 * its body: of a long one, no array has more bytes than have arrived before it is made, until half of the body is there and
 * the whole can be made. Whoever has sent one as long before is believed. For one thread at a time.
 */
final class FrameBody {

    /** What is taken on the word of the first header. Arrays of the usual sizes are filled without being copied. */
    static final int AT_ONCE = 1 << 22;

    /** What is taken on the word of a header: as much as the sender has made us take before. */
    private int believed = AT_ONCE;

    private int length;

    /** What is being filled: the whole, or one part of it. */
    private byte @Nullable [] current;

    private int filled;

    /** The parts before, as long as there is no whole. */
    private final List<byte[]> earlier = new ArrayList<>(0);

    private int arrived;

    /** Whether a body has begun and is not complete. */
    boolean isOpen() {
        return current != null;
    }

    /** A body begins; the one before is complete. */
    void begin(int bodyLength) {
        length = bodyLength;
        current = new byte[Math.min(bodyLength, believed)];
        filled = 0;
        arrived = 0;
    }

    /** Takes bytes of the body that has begun; returns all of it if it is complete, else null. */
    byte @Nullable [] take(ByteBuffer in) {
        byte[] target = current;
        while (target != null) {
            int step = Math.min(in.remaining(), target.length - filled);
            in.get(target, filled, step);
            filled += step;
            arrived += step;
            if (arrived == length) {
                believed = Math.max(believed, length);
                current = null;
                return target;
            } else if (filled < target.length) {
                return null;
            }
            target = more(target);
            current = target;
        }
        return null;
    }

    /** Returns what is filled next, since this part is full. */
    private byte[] more(byte[] full) {
        earlier.add(full);
        if (length - arrived > arrived) {
            filled = 0;
            return new byte[arrived];
        }
        byte[] whole = new byte[length];
        filled = 0;
        for (byte[] part : earlier) {
            System.arraycopy(part, 0, whole, filled, part.length);
            filled += part.length;
        }
        earlier.clear();
        return whole;
    }
}
