package io.processpool.internal.codec;

import io.processpool.internal.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamConstants;
import java.io.UncheckedIOException;

/** A serialized value that is put together by hand, as Java's own stream would not write it. */
final class RawStream implements ObjectStreamConstants {

    /** How {@link ValueCodec} begins what is serialized. */
    static final int VALUE = 10;

    /** Writes a part. */
    interface Part {
        void to(DataOutputStream out) throws IOException;
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    RawStream() {
        write(to -> {
            to.write(VALUE);
            to.writeShort(STREAM_MAGIC);
            to.writeShort(STREAM_VERSION);
        });
    }

    /** Appends anything. */
    RawStream write(Part part) {
        try {
            part.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    RawStream tag(int tag) {
        return write(to -> to.write(tag));
    }

    /** Appends a reference to the object or class with a number. */
    RawStream reference(int number) {
        return tag(TC_REFERENCE).write(to -> to.writeInt(baseWireHandle + number));
    }

    /**
     * Appends a class, up to that which says what its superclass is.
     *
     * @param fields their types and names: {@code "Isize"}; those of objects have one letter, and are of the type Object
     */
    RawStream type(Class<?> type, int flags, String... fields) {
        tag(TC_CLASSDESC).write(to -> {
            to.writeUTF(type.getName());
            to.writeLong(ObjectStreamClass.lookupAny(type).getSerialVersionUID());
            to.write(flags);
            to.writeShort(fields.length);
        });
        for (String field : fields) {
            write(to -> {
                to.write(field.charAt(0));
                to.writeUTF(field.substring(1));
            });
            if (field.charAt(0) == 'L') {
                tag(TC_STRING).write(to -> to.writeUTF("Ljava/lang/Object;"));
            }
        }
        return tag(TC_ENDBLOCKDATA);
    }

    RawStream text(String text) {
        return tag(TC_STRING).write(to -> to.writeUTF(text));
    }

    Bytes bytes() {
        return Bytes.of(bytes.toByteArray());
    }
}
