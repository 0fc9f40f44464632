package io.processpool.internal.codec;

import io.processpool.Codec;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.BigEndian;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.io.ObjectInputFilter;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads arguments and results. Null, boxed numbers, strings and arrays of primitives take a raw form that
 * costs nanoseconds; every other value goes through the {@link Codec}, by default JDK serialization.
 *
 * <pre>
 *   +-----+---------------------------------+
 *   | tag | value, up to the end of the item |
 *   +-----+---------------------------------+
 *     1 byte
 * </pre>
 *
 * <p>No lengths are written: the frame bounds each item, and the reader hands in exactly that item. So there is no
 * length to believe and no allocation beyond what has really arrived.
 *
 * <p>Safe for use by many threads, if the codec is. Calls run the user's own serialization code.
 */
public final class ValueCodec {

    private static final int NULL = 0;
    private static final int FALSE = 1;
    private static final int TRUE = 2;
    private static final int BYTE = 3;
    private static final int SHORT = 4;
    private static final int CHARACTER = 5;
    static final int INTEGER = 6;
    static final int LONG = 7;
    private static final int FLOAT = 8;
    static final int DOUBLE = 9;
    /** A value in the codec's own format. */
    private static final int OBJECT = 10;
    // 16 and up: StringForm. 32 and up: ArrayKind.

    /** The most bytes of a number, a truth value or null. */
    public static final int MAX_SCALAR = 11;

    /** What {@link #decodeScalar} returns of a value that is none. */
    public static final Object NO_SCALAR = new Object();

    private final Codec codec;

    /**
     * Makes a codec for values.
     *
     * @param custom what writes and reads the values that have no raw form; null for JDK serialization
     */
    public ValueCodec(@Nullable Codec custom) {
        this.codec = custom == null ? JdkCodec.INSTANCE : custom;
    }

    /**
     * Appends a value. After a failure {@code out} is as it was before.
     *
     * @param value the value
     * @param out where to append to
     * @param what what the value is, for the message: {@code argument}, {@code result}
     * @throws TaskSerializationException if the value cannot be written; the message names the path to the culprit
     */
    public void encode(@Nullable Object value, BytesOut out, String what) {
        long start = out.length();
        try {
            int end = encodeScalar(value, out.reserve(MAX_SCALAR), out.position());
            if (end >= 0) {
                out.advance(end - out.position());
            } else if (value != null && !encodeRaw(value, out)) { // null is a scalar
                encodeObject(value, out, what);
            }
        } catch (Throwable e) {
            out.truncate(start);
            throw e;
        }
    }

    private static boolean encodeRaw(Object value, BytesOut out) {
        Class<?> type = value.getClass();
        if (type == String.class) {
            String string = (String) value;
            StringForm form = StringForm.of(string);
            out.write(form.tag());
            form.write(string, out);
            return true;
        }
        ArrayKind kind = type.isArray() ? ArrayKind.of(type) : null;
        if (kind == null) {
            return false;
        }
        out.write(kind.tag());
        kind.write(value, out);
        return true;
    }

    /**
     * Writes a value if it is a number, a truth value or null.
     *
     * @param value the value
     * @param target has room for {@link #MAX_SCALAR} bytes
     * @param at where to begin
     * @return where it ends, or -1 if it is something else; then nothing was written
     */
    public static int encodeScalar(@Nullable Object value, byte[] target, int at) {
        if (value == null) {
            return writeTag(NULL, target, at);
        }
        Class<?> type = value.getClass();
        if (type == Integer.class) {
            return writeVariable(INTEGER, (Integer) value, target, at);
        } else if (type == Long.class) {
            return writeVariable(LONG, (Long) value, target, at);
        } else if (type == Double.class) {
            BigEndian.putLong(target, writeTag(DOUBLE, target, at), Double.doubleToRawLongBits((Double) value));
            return at + 1 + Double.BYTES;
        } else if (type == Boolean.class) {
            return writeTag((Boolean) value ? TRUE : FALSE, target, at);
        } else if (type == Float.class) {
            BigEndian.putInt(target, writeTag(FLOAT, target, at), Float.floatToRawIntBits((Float) value));
            return at + 1 + Float.BYTES;
        } else if (type == Short.class) {
            return writeVariable(SHORT, (Short) value, target, at);
        } else if (type == Character.class) {
            return writeVariable(CHARACTER, (Character) value, target, at);
        } else if (type == Byte.class) {
            return writeVariable(BYTE, (Byte) value, target, at);
        }
        return -1;
    }

    private static int writeTag(int tag, byte[] target, int at) {
        target[at] = (byte) tag;
        return at + 1;
    }

    private static int writeVariable(int tag, long value, byte[] target, int at) {
        return BytesOut.putVarLong(target, writeTag(tag, target, at), (value << 1) ^ (value >> 63));
    }

    private void encodeObject(Object value, BytesOut out, String what) {
        out.write(OBJECT);
        try {
            codec.encode(value, out);
        } catch (Throwable e) {
            Failures.rethrowFatal(e);
            throw codec == JdkCodec.INSTANCE
                    ? Failures.notSerialized(what, value, e)
                    : Failures.notEncoded(what, value, codec, e);
        }
    }

    /**
     * Reads a value.
     *
     * @param in exactly the bytes of the value
     * @param loader the class loader to find classes with
     * @param filter decides which classes may be read, null allows all; values in raw form are plain data and not asked
     *     for
     * @param what what the value is, for the message: {@code argument}, {@code result}
     * @return the value
     * @throws TaskSerializationException if the bytes are not a value, or its class is unknown here or rejected. With an
     *     {@link AllowList} also if there is no memory for it; then message and cause are fit for a log
     */
    public @Nullable Object decode(BytesIn in, ClassLoader loader, @Nullable ObjectInputFilter filter, String what) {
        try {
            int tag = in.readByte();
            if (tag == OBJECT) {
                return decodeObject(in, loader, filter);
            }
            Object value = decodeRaw(tag, in);
            requireEnd(in);
            return value;
        } catch (Throwable e) {
            if (!(e instanceof OutOfMemoryError && filter instanceof AllowList)) { // else it is the worker's fault
                Failures.rethrowFatal(e);
            }
            throw Failures.notDecoded(what, e, filter);
        }
    }

    /**
     * Reads a value if it is a number, a truth value or null.
     *
     * @param in what follows is the value
     * @param length how many bytes it has
     * @return the value; or {@link #NO_SCALAR} if it is none, or is not well-formed, and then nothing was read
     */
    public static @Nullable Object decodeScalar(BytesIn in, long length) {
        if (length == 0 || length > MAX_SCALAR) {
            return NO_SCALAR;
        }
        int here = in.contiguous();
        if (here < length || here < MAX_SCALAR && here < in.remaining()) {
            return NO_SCALAR; // it might be longer than it should be, and there is no way back from another array
        }
        int start = in.position();
        byte tag = in.array()[start];
        if (isScalar(tag)) {
            try {
                in.advance(1);
                Object value = decodeRaw(tag, in);
                if (in.position() - start == length) {
                    return value;
                }
            } catch (IOException e) {
                // whoever asks for the value gets the reason
            }
            in.advance(start - in.position());
        }
        return NO_SCALAR;
    }

    /** Tells by its first byte whether an encoded value is a number, a truth value or null. */
    public static boolean isScalar(byte tag) {
        return tag >= NULL && tag <= DOUBLE;
    }

    /** Reads a value that has to be a number, a truth value or null. */
    static @Nullable Object readScalar(BytesIn in) throws IOException {
        byte tag = in.readByte();
        if (!isScalar(tag)) {
            throw new IOException("no scalar: tag " + tag);
        }
        return decodeRaw(tag, in);
    }

    private static @Nullable Object decodeRaw(int tag, BytesIn in) throws IOException {
        return switch (tag) {
            case NULL -> null;
            case FALSE -> false;
            case TRUE -> true;
            case BYTE -> (byte) readVariable(in, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case SHORT -> (short) readVariable(in, Short.MIN_VALUE, Short.MAX_VALUE);
            case CHARACTER -> (char) readVariable(in, Character.MIN_VALUE, Character.MAX_VALUE);
            case INTEGER -> (int) readVariable(in, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG -> readVariable(in, Long.MIN_VALUE, Long.MAX_VALUE);
            case FLOAT -> Float.intBitsToFloat(in.readInt());
            case DOUBLE -> Double.longBitsToDouble(in.readLong());
            default -> decodeSequence(tag, in);
        };
    }

    private static Object decodeSequence(int tag, BytesIn in) throws IOException {
        StringForm form = StringForm.tagged(tag);
        if (form != null) {
            return form.read(in);
        }
        ArrayKind kind = ArrayKind.tagged(tag);
        if (kind != null) {
            return kind.read(in);
        }
        throw new IOException("unknown tag " + tag);
    }

    static long readVariable(BytesIn in, long minimum, long maximum) throws IOException {
        long folded = in.readVarLong();
        long value = (folded >>> 1) ^ -(folded & 1);
        if (value < minimum || value > maximum) {
            throw new IOException("number out of range: " + value);
        }
        return value;
    }

    private @Nullable Object decodeObject(BytesIn in, ClassLoader loader, @Nullable ObjectInputFilter filter)
            throws IOException, ClassNotFoundException {
        Object value = codec.decode(in, loader, filter);
        if (codec == JdkCodec.INSTANCE) {
            // Another codec may leave a trailer unread, as a decompressor does.
            requireEnd(in);
        }
        return value;
    }

    private static void requireEnd(BytesIn in) throws IOException {
        if (in.remaining() != 0) {
            throw new IOException(in.remaining() + " bytes too many");
        }
    }
}
