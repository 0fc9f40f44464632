package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamConstants;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams of untrusted workers that say one thing to who looks through them and another to Java, or take years to read. */
@Timeout(60)
class StreamScanTests implements ObjectStreamConstants {

    private static final int WITH_OWN_DATA = SC_SERIALIZABLE | SC_WRITE_METHOD;
    private static final String OBJECT = "Ljava/lang/Object;";

    private static class Base implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        int base = 1;

        @Nullable
        Object other = "x";
    }

    /** What it writes is all that there is of it: nothing of its superclass. */
    static final class Own extends Base implements Externalizable {
        @Serial
        private static final long serialVersionUID = 1L;

        private String text = "";

        public Own() {}

        Own(String text) {
            this.text = text;
        }

        @Override
        public void writeExternal(ObjectOutput out) throws IOException {
            out.writeObject(text);
            out.writeInt(5);
        }

        @Override
        public void readExternal(ObjectInput in) throws IOException, ClassNotFoundException {
            text = (String) in.readObject();
        }
    }

    private final ValueCodec codec = new ValueCodec(null);

    private @Nullable Object decode(Bytes bytes, Class<?>... declared) {
        return codec.decode(
                bytes.open(), StreamScanTests.class.getClassLoader(), new AllowList(List.of(declared), null), "result");
    }

    private @Nullable Object pass(Object value, Class<?>... declared) {
        BytesOut out = new BytesOut();
        codec.encode(value, out, "result");
        return decode(out.take(), declared);
    }

    private TaskSerializationException refusal(Bytes bytes, Class<?>... declared) {
        return catchThrowableOfType(TaskSerializationException.class, () -> decode(bytes, declared));
    }

    // ---- what a class says of its fields --------------------------------------------------------------------------

    /** Begins an object whose class comes next. */
    private static RawStream describe(RawStream to, Class<?> type, int flags, int fields) {
        return to.tag(TC_OBJECT).tag(TC_CLASSDESC).write(out -> {
            out.writeUTF(type.getName());
            out.writeLong(ObjectStreamClass.lookup(type).getSerialVersionUID());
            out.write(flags);
            out.writeShort(fields);
        });
    }

    private static RawStream field(RawStream to, char code, String name) {
        return to.write(out -> {
            out.write(code);
            out.writeUTF(name);
        });
    }

    private static Class<?> singletonList() {
        return Collections.singletonList(1).getClass();
    }

    /** Java takes the field for a number of eight bytes, since its type says so, whatever its code is. */
    @Test
    void field_whoseTypeIsNotThatOfItsCode_isRefused() {
        RawStream stream = describe(new RawStream(), singletonList(), SC_SERIALIZABLE, 2);
        field(stream, 'L', "x").text("J");
        field(stream, 'L', "element").text(OBJECT).tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        stream.text("hide!").text("element");

        assertThat(refusal(stream.bytes())).hasMessageContaining("type of a field");
    }

    @Test
    void field_whoseTypeIsAReferenceToAnotherThanItsCode_isRefused() {
        RawStream stream = new RawStream()
                .tag(TC_OBJECT)
                .type(ArrayList.class, WITH_OWN_DATA, "Isize")
                .tag(TC_NULL)
                .write(out -> out.writeInt(2))
                .tag(TC_BLOCKDATA)
                .write(out -> out.write(new byte[] {4, 0, 0, 0, 2}))
                .text("J"); // number 2
        describe(stream, singletonList(), SC_SERIALIZABLE, 2);
        field(stream, 'L', "x").reference(2);
        field(stream, 'L', "element").text(OBJECT).tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        stream.text("hide!").text("element").tag(TC_ENDBLOCKDATA);

        assertThat(refusal(stream.bytes())).hasMessageContaining("type of a field");
    }

    @Test
    void field_arrayInPlaceOfAnObject_isRefused() {
        RawStream stream = describe(new RawStream(), singletonList(), SC_SERIALIZABLE, 1);
        field(stream, '[', "element").text(OBJECT).tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        stream.text("element");
        RawStream empty = describe(new RawStream(), singletonList(), SC_SERIALIZABLE, 1);
        field(empty, 'L', "element").text("").tag(TC_ENDBLOCKDATA).tag(TC_NULL);
        empty.text("element");

        assertThat(refusal(stream.bytes())).hasMessageContaining("type of a field");
        assertThat(refusal(empty.bytes())).hasMessageContaining("type of a field");
    }

    @Test
    void field_whoseTypeIsAValueOfTheStream_isRead() {
        List<Object> values = new ArrayList<>(List.of(OBJECT.intern(), "[I".intern()));
        values.add(Collections.singletonList("x"));
        values.add(new BitSet());

        assertThat(pass(values)).isEqualTo(values);
    }

    @Test
    void field_thatTheClassHasNot_isRefused() {
        Bytes unknown = new RawStream()
                .tag(TC_OBJECT)
                .type(Base.class, SC_SERIALIZABLE, "Ibase", "Isecond")
                .tag(TC_NULL)
                .write(out -> out.writeLong(1))
                .bytes();
        Bytes twice = new RawStream()
                .tag(TC_OBJECT)
                .type(Base.class, SC_SERIALIZABLE, "Ibase", "Ibase")
                .tag(TC_NULL)
                .write(out -> out.writeLong(1))
                .bytes();
        Bytes another = new RawStream()
                .tag(TC_OBJECT)
                .type(Base.class, SC_SERIALIZABLE, "Jother")
                .tag(TC_NULL)
                .write(out -> out.writeLong(1))
                .bytes();

        assertThat(refusal(unknown, Base.class)).hasMessageContaining("no field second");
        assertThat(refusal(twice, Base.class)).hasMessageContaining("no field base");
        assertThat(refusal(another, Base.class)).hasMessageContaining("no field other");
    }

    /** To Java there are none. */
    @Test
    void fields_fewerThanNone_areRefused() {
        RawStream stream = describe(new RawStream(), Base.class, SC_SERIALIZABLE, -1);

        assertThat(refusal(stream.bytes(), Base.class)).hasMessageContaining("-1 fields");
    }

    @Test
    void externalizable_withASerializableSuperclass_isRead() {
        List<?> read = (List<?>) pass(new ArrayList<>(List.of(new Own("a"), new Own("b"))), Own.class);

        assertThat(read.stream().map(each -> ((Own) each).text)).containsExactly("a", "b");
    }
}
