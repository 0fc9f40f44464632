package io.processpool.internal.codec;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectStreamConstants;
import java.io.UncheckedIOException;

/**
 * Sets in sets, each level twice in the one above: a few hundred bytes that take years to read, since each set is hashed as
 * often as there are ways to it. To write them with Java's own stream would take as long, so the bytes are put together here.
 */
public final class LaughingSets implements ObjectStreamConstants {

    private static final long SET_VERSION = -5024744406713321676L;
    private static final int OBJECT = 10;

    private final DataOutputStream out;
    private int nextHandle = baseWireHandle;

    private LaughingSets(DataOutputStream out) {
        this.out = out;
    }

    /** Returns a value, as a worker would send it. */
    public static byte[] encoded(int levels) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(OBJECT);
            out.writeShort(STREAM_MAGIC);
            out.writeShort(STREAM_VERSION);
            new LaughingSets(out).set(levels, 0, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Writes a set of two others; the second contains the parts of the first. Returns its handle. */
    private int set(int levels, int one, int other) throws IOException {
        out.write(TC_OBJECT);
        description();
        int handle = nextHandle++;
        boolean leaf = levels == 0;
        boolean sibling = one != 0;
        out.write(TC_BLOCKDATA);
        out.write(12);
        out.writeInt(16);
        out.writeFloat(0.75f);
        out.writeInt(leaf ? 0 : 2);
        if (!leaf && sibling) {
            reference(one);
            reference(other);
        } else if (!leaf) {
            int[] below = new int[2];
            below[0] = set(levels - 1, 0, 0);
            int[] parts = lastParts;
            below[1] = set(levels - 1, parts[0], parts[1]);
            lastParts = below;
        }
        out.write(TC_ENDBLOCKDATA);
        return handle;
    }

    private int[] lastParts = new int[2];
    private int descriptor;

    private void reference(int handle) throws IOException {
        out.write(TC_REFERENCE);
        out.writeInt(handle);
    }

    private void description() throws IOException {
        if (descriptor != 0) {
            reference(descriptor);
            return;
        }
        out.write(TC_CLASSDESC);
        out.writeUTF("java.util.HashSet");
        out.writeLong(SET_VERSION);
        descriptor = nextHandle++;
        out.write(SC_SERIALIZABLE | SC_WRITE_METHOD);
        out.writeShort(0);
        out.write(TC_ENDBLOCKDATA);
        out.write(TC_NULL);
    }
}
