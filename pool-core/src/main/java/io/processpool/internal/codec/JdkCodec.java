package io.processpool.internal.codec;

import io.processpool.Codec;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** JDK serialization as a {@link Codec}: the default. Stateless. */
final class JdkCodec implements Codec {

    static final JdkCodec INSTANCE = new JdkCodec();

    @Serial
    private static final long serialVersionUID = 1L;

    private JdkCodec() {}

    @Override
    public void encode(Object value, OutputStream out) throws IOException {
        ObjectOutputStream stream = new ObjectOutputStream(out);
        stream.writeObject(value);
        stream.flush();
    }

    @Override
    public Object decode(InputStream in, ClassLoader loader, @Nullable ObjectInputFilter filter)
            throws IOException, ClassNotFoundException {
        if (filter instanceof AllowList allowed) {
            return decodeAllowed(in, loader, allowed);
        }
        return decode(in, loader, filter, null);
    }

    /** Looks at all of the bytes before anything is made of them. */
    private static Object decodeAllowed(InputStream in, ClassLoader loader, AllowList allowed)
            throws IOException, ClassNotFoundException {
        if (!(in instanceof BytesIn from)) {
            throw new IOException("what an untrusted worker sends is read from memory alone");
        }
        Bytes bytes = from.readBytes(from.remaining());
        StreamScan.check(bytes.open(), allowed);
        return decode(bytes.open(), loader, allowed, allowed);
    }

    private static Object decode(
            InputStream in, ClassLoader loader, @Nullable ObjectInputFilter filter, @Nullable AllowList allowed)
            throws IOException, ClassNotFoundException {
        ReadFilter guard = new ReadFilter(in instanceof BytesIn bytes ? bytes.remaining() : Long.MAX_VALUE, filter);
        try {
            return new LoaderObjectInput(in, loader, guard, allowed).readObject();
        } catch (InvalidClassException e) {
            if (guard.rejection() == null) {
                throw e;
            }
            InvalidClassException rejected = new InvalidClassException(guard.rejection());
            rejected.initCause(e);
            throw rejected;
        }
    }

    @Serial
    private Object readResolve() {
        return INSTANCE;
    }
}
