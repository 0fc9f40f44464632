package io.processpool.internal.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in byte arrays, most significant byte first. */
public final class BigEndian {

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    /** Writes four bytes. */
    public static void putInt(byte[] array, int at, int value) {
        INT.set(array, at, value);
    }

    /** Writes eight bytes. */
    public static void putLong(byte[] array, int at, long value) {
        LONG.set(array, at, value);
    }

    /** Reads four bytes. */
    public static int getInt(byte[] array, int at) {
        return (int) INT.get(array, at);
    }

    /** Reads eight bytes. */
    public static long getLong(byte[] array, int at) {
        return (long) LONG.get(array, at);
    }
}
