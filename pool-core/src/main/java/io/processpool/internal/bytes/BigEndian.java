package io.processpool.internal.bytes;

/**
 * Numbers in byte arrays, most significant byte first. By hand, since a {@code VarHandle} view takes a starting worker
 * 10 ms to set up.
 */
public final class BigEndian {

    private BigEndian() {}

    /** Writes four bytes. */
    public static void putInt(byte[] array, int at, int value) {
        array[at] = (byte) (value >>> 24);
        array[at + 1] = (byte) (value >>> 16);
        array[at + 2] = (byte) (value >>> 8);
        array[at + 3] = (byte) value;
    }

    /** Writes eight bytes. */
    public static void putLong(byte[] array, int at, long value) {
        putInt(array, at, (int) (value >>> 32));
        putInt(array, at + 4, (int) value);
    }

    /** Reads four bytes. */
    public static int getInt(byte[] array, int at) {
        return array[at] << 24 | (array[at + 1] & 0xFF) << 16 | (array[at + 2] & 0xFF) << 8 | array[at + 3] & 0xFF;
    }

    /** Reads eight bytes. */
    public static long getLong(byte[] array, int at) {
        return (long) getInt(array, at) << 32 | getInt(array, at + 4) & 0xFFFFFFFFL;
    }
}
