package io.processpool.internal.engine;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.wire.FunctionKind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes items in the form that batches carry: each with its length before it. Safe for use by many threads. */
final class ItemEncoder {

    /** From this size on an item is not copied any more. */
    private static final int LARGE = 1 << 14;

    private final ValueCodec values;

    ItemEncoder(ValueCodec values) {
        this.values = values;
    }

    /** Writes the value of an item, without its length. */
    void encode(FunctionKind kind, @Nullable Object item, BytesOut out) {
        if (kind != FunctionKind.BIFUNCTION) {
            values.encode(item, out, "argument");
            return;
        }
        if (!(item instanceof Map.Entry<?, ?> pair)) {
            throw new NullPointerException("pairs must not contain null");
        }
        BytesOut first = new BytesOut();
        values.encode(pair.getKey(), first, "first argument");
        out.writeVarLong(first.length());
        first.moveTo(out);
        values.encode(pair.getValue(), out, "second argument");
    }

    /**
     * Returns a single item with its length.
     *
     * @param borrow whether a large array may be a part of it, and not a copy: if nobody changes it before it is sent
     */
    Bytes single(FunctionKind kind, @Nullable Object item, boolean borrow) {
        BytesOut out = borrow ? BytesOut.sharing(64) : new BytesOut();
        encode(kind, item, out);
        return framed(out.take());
    }

    /** Puts the length before an item. */
    static Bytes framed(Bytes item) {
        BytesOut out = new BytesOut(16 + (int) Math.min(item.length(), LARGE));
        out.writeVarLong(item.length());
        if (item.length() >= LARGE) {
            return Bytes.concat(List.of(out.take(), item));
        }
        out.write(item);
        return out.take();
    }
}
