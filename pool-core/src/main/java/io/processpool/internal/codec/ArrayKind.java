package io.processpool.internal.codec;

import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of primitives, as their bare elements in little-endian order: what the hardware has in memory, so that a
 * bulk copy is a plain memory copy. The count of elements follows from the count of bytes.
 */
enum ArrayKind {
    BYTES(32, byte[].class, Byte.BYTES) {
        @Override
        void write(Object array, BytesOut out) {
            out.writeArray((byte[]) array);
        }

        /** Values are read once, so the array is nobody else's. */
        @Override
        Object read(BytesIn in) throws IOException {
            return in.readRest();
        }

        @Override
        void put(Object array, int from, int count, ByteBuffer to) {
            to.put((byte[]) array, from, count);
        }

        @Override
        void get(ByteBuffer from, Object array, int to, int count) {
            from.get((byte[]) array, to, count);
        }
    },
    BOOLEANS(33, boolean[].class, Byte.BYTES) {
        @Override
        void put(Object array, int from, int count, ByteBuffer to) {
            boolean[] booleans = (boolean[]) array;
            for (int i = from; i < from + count; i++) {
                to.put((byte) (booleans[i] ? 1 : 0));
            }
        }

        @Override
        void get(ByteBuffer from, Object array, int to, int count) {
            boolean[] booleans = (boolean[]) array;
            for (int i = to; i < to + count; i++) {
                booleans[i] = from.get() != 0;
            }
        }
    },
    CHARS(34, char[].class, Character.BYTES) {
        @Override
        void put(Object array, int from, int count, ByteBuffer to) {
            to.asCharBuffer().put((char[]) array, from, count);
        }

        @Override
        void get(ByteBuffer from, Object array, int to, int count) {
            from.asCharBuffer().get((char[]) array, to, count);
        }
    },
    SHORTS(35, short[].class, Short.BYTES) {
        @Override
        void put(Object array, int from, int count, ByteBuffer to) {
            to.asShortBuffer().put((short[]) array, from, count);
        }

        @Override
        void get(ByteBuffer from, Object array, int to, int count) {
            from.asShortBuffer().get((short[]) array, to, count);
        }
    },
    INTS(36, int[].class, Integer.BYTES) {
        @Override
        void put(Object array, int from, int count, ByteBuffer to) {
            to.asIntBuffer().put((int[]) array, from, count);
        }

        @Override
        void get(ByteBuffer from, Object array, int to, int count) {
            from.asIntBuffer().get((int[]) array, to, count);
        }
    },
    LONGS(37, long[].class, Long.BYTES) {
        @Override
        void put(Object array, int from, int count, ByteBuffer to) {
            to.asLongBuffer().put((long[]) array, from, count);
        }

        @Override
        void get(ByteBuffer from, Object array, int to, int count) {
            from.asLongBuffer().get((long[]) array, to, count);
        }
    },
    FLOATS(38, float[].class, Float.BYTES) {
        @Override
        void put(Object array, int from, int count, ByteBuffer to) {
            to.asFloatBuffer().put((float[]) array, from, count);
        }

        @Override
        void get(ByteBuffer from, Object array, int to, int count) {
            from.asFloatBuffer().get((float[]) array, to, count);
        }
    },
    DOUBLES(39, double[].class, Double.BYTES) {
        @Override
        void put(Object array, int from, int count, ByteBuffer to) {
            to.asDoubleBuffer().put((double[]) array, from, count);
        }

        @Override
        void get(ByteBuffer from, Object array, int to, int count) {
            from.asDoubleBuffer().get((double[]) array, to, count);
        }
    };

    /** How many bytes go to one reserved part; an array of any length is written part by part. */
    private static final int PART = 1 << 26;

    private static final ArrayKind[] KINDS = values();

    private final int tag;
    private final Class<?> type;
    private final int size;

    ArrayKind(int tag, Class<?> type, int size) {
        this.tag = tag;
        this.type = type;
        this.size = size;
    }

    /** Copies elements from an array to a little-endian buffer. */
    abstract void put(Object array, int from, int count, ByteBuffer to);

    /** Copies elements from a little-endian buffer to an array. */
    abstract void get(ByteBuffer from, Object array, int to, int count);

    /** Returns the kind of an array class, or null if its elements are not primitive. */
    static @Nullable ArrayKind of(Class<?> type) {
        for (ArrayKind kind : KINDS) {
            if (kind.type == type) {
                return kind;
            }
        }
        return null;
    }

    /** Returns the kind with the given tag, or null if there is none. */
    static @Nullable ArrayKind tagged(int tag) {
        for (ArrayKind kind : KINDS) {
            if (kind.tag == tag) {
                return kind;
            }
        }
        return null;
    }

    /** Returns the number that stands for this kind on the wire. */
    int tag() {
        return tag;
    }

    /** Writes all elements. */
    void write(Object array, BytesOut out) {
        int length = Array.getLength(array);
        int done = 0;
        while (done < length) {
            int count = Math.min(length - done, PART / size);
            byte[] target = out.reserve(count * size);
            put(array, done, count, littleEndian(target, out.position(), count * size));
            out.advance(count * size);
            done += count;
        }
    }

    /** Reads all that is left as elements. */
    Object read(BytesIn in) throws IOException {
        long bytes = in.remaining();
        long length = bytes / size;
        if (length * size != bytes || length > Integer.MAX_VALUE) {
            throw new IOException(bytes + " bytes are not a " + type.getSimpleName());
        }
        Object array = Array.newInstance(type.getComponentType(), (int) length);
        int done = 0;
        while (done < length) {
            int count = in.contiguous() / size;
            if (count > 0) {
                get(littleEndian(in.array(), in.position(), count * size), array, done, count);
                in.advance(count * size);
                done += count;
            } else {
                byte[] straddling = new byte[size];
                in.readFully(straddling, 0, size);
                get(littleEndian(straddling, 0, size), array, done, 1);
                done++;
            }
        }
        return array;
    }

    private static ByteBuffer littleEndian(byte[] array, int offset, int length) {
        return ByteBuffer.wrap(array, offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
