package io.processpool.internal.codec;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import java.io.IOException;
import java.lang.reflect.Array;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Numbers, truth values and nulls in a row, without an object for each as long as all are ints, longs or doubles. Immutable.
 */
public abstract class Scalars {

    private final int size;

    private Scalars(int size) {
        this.size = size;
    }

    /** Returns how many there are. */
    public final int size() {
        return size;
    }

    /** Returns one of them. */
    public abstract @Nullable Object get(int index);

    /** Returns whether all are ints, all longs or all doubles, without an object for each. */
    public final boolean unboxed() {
        return array().getClass().getComponentType().isPrimitive();
    }

    /** Returns the array that holds them. */
    abstract Object array();

    /** Copies all of them into an array of the kind that {@link #newArray} makes, or of objects. */
    public final void copyTo(Object target, int from) {
        if (target instanceof @Nullable Object[] objects && !(this instanceof Objects)) {
            for (int i = 0; i < size; i++) {
                objects[from + i] = get(i);
            }
        } else {
            System.arraycopy(array(), 0, target, from, size);
        }
    }

    /** Makes an array that may hold values like these. */
    public final Object newArray(int length) {
        return Array.newInstance(array().getClass().getComponentType(), length);
    }

    /** Makes scalars of an array of ints, longs or doubles, which is not changed any more; returns null for other arrays. */
    public static @Nullable Scalars of(Object array) {
        if (array instanceof int[] ints) {
            return new Ints(ints);
        } else if (array instanceof long[] longs) {
            return new Longs(longs);
        }
        return array instanceof double[] doubles ? new Doubles(doubles) : null;
    }

    /**
     * Reads what {@link ValueCodec} wrote, one value behind the other.
     *
     * @param length how many bytes they have
     * @throws IOException if the bytes are no such values
     */
    public static Scalars read(BytesIn in, long length) throws IOException {
        if (length == 0) {
            return new Objects(new Object[0]);
        }
        BytesIn values = inOneArray(in, length);
        int end = values.position() + (int) length;
        Scalars read = switch (values.array()[values.position()]) {
            case ValueCodec.INTEGER -> ints(values, end);
            case ValueCodec.LONG -> longs(values, end);
            case ValueCodec.DOUBLE -> doubles(values, end);
            default -> null;
        };
        return read != null ? read : objects(values, end);
    }

    /** The last value may be longer than it should be; then reading it ends with the array, and not in another. */
    private static BytesIn inOneArray(BytesIn in, long length) throws IOException {
        int here = in.contiguous();
        if (here >= length && here == in.remaining()) {
            return in;
        }
        Bytes part = in.readBytes(length);
        return here >= length ? part.open() : Bytes.of(part.toArray()).open();
    }

    private static @Nullable Scalars ints(BytesIn in, int end) throws IOException {
        int start = in.position();
        int[] values = new int[(end - start) / 2 + 1];
        int count = 0;
        while (in.position() < end) {
            if (in.array()[in.position()] != ValueCodec.INTEGER) {
                return restart(in, start);
            }
            in.advance(1);
            values[count] = (int) ValueCodec.readVariable(in, Integer.MIN_VALUE, Integer.MAX_VALUE);
            count++;
        }
        requireEnd(in, end);
        return new Ints(Arrays.copyOf(values, count));
    }

    private static @Nullable Scalars longs(BytesIn in, int end) throws IOException {
        int start = in.position();
        long[] values = new long[(end - start) / 2 + 1];
        int count = 0;
        while (in.position() < end) {
            if (in.array()[in.position()] != ValueCodec.LONG) {
                return restart(in, start);
            }
            in.advance(1);
            values[count] = ValueCodec.readVariable(in, Long.MIN_VALUE, Long.MAX_VALUE);
            count++;
        }
        requireEnd(in, end);
        return new Longs(Arrays.copyOf(values, count));
    }

    private static @Nullable Scalars doubles(BytesIn in, int end) throws IOException {
        int start = in.position();
        double[] values = new double[(end - start) / (1 + Double.BYTES) + 1];
        int count = 0;
        while (in.position() < end) {
            if (in.array()[in.position()] != ValueCodec.DOUBLE) {
                return restart(in, start);
            }
            in.advance(1);
            values[count] = Double.longBitsToDouble(in.readLong());
            count++;
        }
        requireEnd(in, end);
        return new Doubles(Arrays.copyOf(values, count));
    }

    private static @Nullable Scalars restart(BytesIn in, int start) {
        in.advance(start - in.position());
        return null;
    }

    private static Scalars objects(BytesIn in, int end) throws IOException {
        @Nullable Object[] values = new Object[end - in.position()];
        int count = 0;
        while (in.position() < end) {
            values[count] = ValueCodec.readScalar(in);
            count++;
        }
        requireEnd(in, end);
        return new Objects(Arrays.copyOf(values, count));
    }

    private static void requireEnd(BytesIn in, int end) throws IOException {
        if (in.position() != end) {
            throw new IOException("a value is longer than there are bytes");
        }
    }

    private static final class Ints extends Scalars {
        private final int[] values;

        Ints(int[] values) {
            super(values.length);
            this.values = values;
        }

        @Override
        Object array() {
            return values;
        }

        @Override
        public Object get(int index) {
            return values[index];
        }
    }

    private static final class Longs extends Scalars {
        private final long[] values;

        Longs(long[] values) {
            super(values.length);
            this.values = values;
        }

        @Override
        Object array() {
            return values;
        }

        @Override
        public Object get(int index) {
            return values[index];
        }
    }

    private static final class Doubles extends Scalars {
        private final double[] values;

        Doubles(double[] values) {
            super(values.length);
            this.values = values;
        }

        @Override
        Object array() {
            return values;
        }

        @Override
        public Object get(int index) {
            return values[index];
        }
    }

    private static final class Objects extends Scalars {
        private final @Nullable Object[] values;

        Objects(@Nullable Object[] values) {
            super(values.length);
            this.values = values;
        }

        @Override
        Object array() {
            return values;
        }

        @Override
        public @Nullable Object get(int index) {
            return values[index];
        }
    }
}
