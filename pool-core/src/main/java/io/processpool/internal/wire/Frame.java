package io.processpool.internal.wire;

import io.processpool.internal.bytes.BigEndian;

/**
 * The layout of a frame. All numbers are big-endian.
 *
 * <pre>
 *  0        1        2        3        4                                   8
 *  +--------+--------+--------+--------+--------+--------+--------+--------+----------------
 *  | magic  'P' 'P'  | version| type   |  length of the body, 0..MAX_BODY  |  body ...
 *  +--------+--------+--------+--------+--------+--------+--------+--------+----------------
 *                             bit 7 of the type: the message goes on in the next frame
 * </pre>
 *
 * A message longer than {@link #MAX_BODY} is split into several frames of the same type that follow each other
 * directly. The length is checked before memory is allocated for it.
 */
public final class Frame {

    /** The bytes before the body. */
    public static final int HEADER = 8;

    /** The protocol version; both sides are always of the same build, so any other is garbage. */
    public static final int VERSION = 1;

    /** The most bytes in one body. */
    public static final int MAX_BODY = 1 << 27;

    /** The most bytes in a message, all its frames together. */
    public static final long MAX_MESSAGE = 1L << 40;

    private static final int MAGIC_AND_VERSION = 'P' << 24 | 'P' << 16 | VERSION << 8;

    private static final int MORE = 0x80;

    private Frame() {}

    /** Writes a header. */
    public static void putHeader(byte[] target, int at, int type, boolean more, int length) {
        BigEndian.putInt(target, at, MAGIC_AND_VERSION | type | (more ? MORE : 0));
        BigEndian.putInt(target, at + 4, length);
    }

    /** Returns the type of the message, or throws if this is no header. */
    public static int type(byte[] header) throws ProtocolException {
        int word = BigEndian.getInt(header, 0);
        if ((word & 0xFFFFFF00) != MAGIC_AND_VERSION) {
            throw new ProtocolException("not a frame: header starts with 0x" + Integer.toHexString(word));
        }
        return word & 0x7F;
    }

    /** Tells whether the message goes on in the next frame. */
    public static boolean more(byte[] header) {
        return (header[3] & MORE) != 0;
    }

    /** Returns the length of the body, or throws if it is out of bounds. */
    public static int length(byte[] header, int limit) throws ProtocolException {
        int length = BigEndian.getInt(header, 4);
        if (length < 0 || length > limit) {
            throw new ProtocolException(
                    "frame of " + Integer.toUnsignedString(length) + " bytes, allowed are " + limit);
        }
        return length;
    }
}
