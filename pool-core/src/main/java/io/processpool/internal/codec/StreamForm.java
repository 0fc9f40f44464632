package io.processpool.internal.codec;

import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamConstants;
import java.io.ObjectStreamField;
import java.util.Arrays;
import java.util.List;

/**
 * How the JDK describes a class in a stream that it writes: how a reader goes through the bytes of its objects depends on
 * that, but also on whether the class has a {@code readObject} of its own.
 *
 * @param flags says among other things whether the class has a {@code writeObject} of its own
 * @param fields type and name of each: {@code Isize}
 */
record StreamForm(int flags, List<String> fields) implements ObjectStreamConstants {

    private static final StreamForm ARRAY = new StreamForm(SC_SERIALIZABLE, List.of());

    /** Returns that of a class, as this JDK would write it; one that is not serializable may be a value itself. */
    static StreamForm of(Class<?> type) throws IOException {
        if (type.isArray()) {
            return ARRAY;
        }
        ObjectStreamClass form = ObjectStreamClass.lookupAny(type);
        List<String> fields =
                Arrays.stream(form.getFields()).map(StreamForm::shown).toList();
        return new StreamForm(flags(form), fields);
    }

    private static String shown(ObjectStreamField field) {
        return field.getTypeCode() + field.getName();
    }

    /** The JDK tells nobody, but writes them. */
    private static int flags(ObjectStreamClass form) throws IOException {
        BytesOut out = new BytesOut();
        try (ObjectOutputStream stream = new ObjectOutputStream(out)) {
            stream.writeObject(form);
        }
        BytesIn bytes = out.take().open();
        DataInputStream in = new DataInputStream(bytes);
        in.readShort(); // magic
        in.readShort(); // version
        in.readByte(); // tag
        in.readUTF(); // name
        in.readLong(); // serialVersionUID
        return in.readUnsignedByte();
    }
}
