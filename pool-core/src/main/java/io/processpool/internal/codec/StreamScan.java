package io.processpool.internal.codec;

import io.processpool.internal.bytes.BytesIn;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectStreamConstants;
import java.io.Serializable;
import java.io.StreamCorruptedException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the bytes of a serialized object without making anything of them: which classes they name, how many objects
 * there are, how deep they are nested, and how much work they would be. So what an {@link AllowList} does not allow is known
 * before the first class is looked for, and before a hash table is filled with keys that take years to hash.
 *
 * <p>Follows the grammar of the Java Object Serialization Specification, and refuses what only few streams have: proxies,
 * objects that contain themselves, class descriptors and exceptions as objects, annotations of classes, other superclasses,
 * flags or fields than the class has, a second object.
 * For one read.
 */
final class StreamScan implements ObjectStreamConstants {

    private static final String IMMUTABLE_COLLECTION = "java.util.CollSer";

    private static final String COPIES = "java.util.Collections$CopiesList";

    private static final String HASH_SET = "java.util.HashSet";

    /** Capacity, load factor, size. */
    private static final int HASH_SET_DATA = 12;

    /** Below this the JDK makes a table that is too small, and doubles it for each element. */
    private static final float MIN_LOAD_FACTOR = 0.25f;

    /** Two steps are object and array, and no number has less. */
    private static final long MAX_BIG_INTEGER = 1 + ScannedObjects.costOfBytes(AllowList.MAX_BIG_INTEGER);

    private static final int SMALLEST_DECIMAL = 2;

    /** Each of its texts is a step, however short. */
    private static final long MAX_LOCALE = 6 + ScannedObjects.costOfBytes(AllowList.MAX_LOCALE);

    /** It looks at each letter. */
    private static final int LOCALE_FACTOR = 32;

    private final BytesIn bytes;
    private final DataInputStream in;
    private final AllowList allowed;

    private final ScannedObjects objects = new ScannedObjects();

    private StreamScan(BytesIn in, AllowList allowed) {
        this.bytes = in;
        this.in = new DataInputStream(in);
        this.allowed = allowed;
    }

    /** A class, as the stream describes it. */
    static final class Descriptor {

        final String name;
        final Class<?> type;
        final Storage storage;
        final byte kind;
        int flags;
        String fields = "";

        @Nullable
        Descriptor parent;

        Descriptor(String name, Class<?> type) {
            this.name = name;
            this.type = type;
            this.storage = Storage.of(name);
            this.kind = ScannedObjects.kindOf(type);
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @throws IOException if it is not well-formed, or has what the list does not allow
     */
    static void check(BytesIn in, AllowList allowed) throws IOException {
        if (in.remaining() > AllowList.MAX_BYTES) {
            throw ScannedObjects.limit(in.remaining() + " bytes", AllowList.MAX_BYTES);
        }
        new StreamScan(in, allowed).scan();
    }

    private void scan() throws IOException {
        if (in.readShort() != STREAM_MAGIC || in.readShort() != STREAM_VERSION) {
            throw new StreamCorruptedException("not a serialized object");
        }
        content(in.readByte(), 1);
        if (bytes.remaining() > 0) {
            throw new StreamCorruptedException(bytes.remaining() + " bytes too many");
        }
    }

    // ---- objects --------------------------------------------------------------------------------------------------

    /** Reads what follows its tag; returns its handle. */
    private int content(int tag, int depth) throws IOException {
        if (depth > AllowList.MAX_DEPTH) {
            throw ScannedObjects.limit("objects nested deeper", AllowList.MAX_DEPTH);
        }
        switch (tag) {
            case TC_NULL:
                return ScannedObjects.NULL;
            case TC_REFERENCE:
                return objects.again(reference());
            case TC_OBJECT:
                return object(depth);
            case TC_ARRAY:
                return array(depth);
            case TC_STRING:
                return string(in.readUnsignedShort());
            case TC_LONGSTRING:
                return string(in.readLong());
            case TC_ENUM:
                return constant(depth);
            case TC_CLASS:
                known(descriptor(in.readByte(), 1));
                return objects.end(objects.begin(), 1, 1, ScannedObjects.OTHER);
            default:
                throw new StreamCorruptedException("what has the tag " + tag + " cannot come from an untrusted worker");
        }
    }

    private int reference() throws IOException {
        return in.readInt() - baseWireHandle;
    }

    private int string(long length) throws IOException {
        int handle = objects.begin();
        byte kind = ScannedObjects.TEXT;
        if (length > 0) {
            int first = in.readUnsignedByte();
            kind = first == 'L' ? ScannedObjects.TEXT_L : first == '[' ? ScannedObjects.TEXT_ARRAY : kind;
            skip(length - 1);
        } else if (length < 0) {
            throw new StreamCorruptedException("a text of " + length + " bytes");
        }
        return objects.end(handle, 1, 1 + ScannedObjects.costOfBytes(length), kind);
    }

    private void skip(long length) throws IOException {
        bytes.readBytes(length); // fails if there are not so many
    }

    private static Descriptor known(@Nullable Descriptor descriptor) throws IOException {
        if (descriptor == null) {
            throw new StreamCorruptedException("no class");
        }
        return descriptor;
    }

    private int constant(int depth) throws IOException {
        known(descriptor(in.readByte(), 1));
        int handle = objects.begin();
        content(in.readByte(), depth + 1);
        return objects.end(handle, 1, 1, ScannedObjects.OTHER);
    }

    private int array(int depth) throws IOException {
        Descriptor descriptor = known(descriptor(in.readByte(), 1));
        int handle = objects.begin();
        int length = in.readInt();
        if (descriptor.name.length() < 2 || descriptor.name.charAt(0) != '[') {
            throw new StreamCorruptedException("array of " + descriptor.name);
        }
        char component = descriptor.name.charAt(1);
        int size = size(component);
        if (length < 0 || length > AllowList.MAX_ARRAY || length > bytes.remaining() / Math.max(1, size)) {
            throw new StreamCorruptedException("array of " + length + " in " + bytes.remaining() + " bytes");
        }
        Contents contents = new Contents(objects, Storage.LISTED);
        if (size > 0) {
            skip((long) length * size);
            contents.addBytes((long) length * size);
        } else {
            for (int i = 0; i < length; i++) {
                contents.addElement(content(in.readByte(), depth + 1));
            }
        }
        return objects.end(handle, 1 + contents.weight(), 1 + contents.cost(), ScannedObjects.OTHER);
    }

    private int object(int depth) throws IOException {
        Descriptor descriptor = known(descriptor(in.readByte(), 1));
        if ((descriptor.flags & (SC_SERIALIZABLE | SC_EXTERNALIZABLE)) == 0) { // the class itself may come, as a value
            throw new InvalidObjectException(
                    "an object of the class " + descriptor.name + ", which is not serializable");
        }
        int handle = objects.begin();
        if ((descriptor.flags & SC_EXTERNALIZABLE) != 0) { // and then its superclasses have not written anything
            Contents contents = new Contents(objects, Storage.LISTED);
            annotation(contents, depth);
            return objects.end(handle, 1 + contents.weight(), 1 + contents.cost(), ScannedObjects.OTHER);
        }
        List<Descriptor> parts = new ArrayList<>(4);
        for (Descriptor part = descriptor; part != null; part = part.parent) {
            parts.add(part);
        }
        long weight = 1;
        long cost = 1;
        for (int i = parts.size() - 1; i >= 0; i--) {
            Contents contents = part(parts.get(i), depth);
            objects.steps(contents.costOfReading() + costOfReading(parts.get(i), contents));
            weight += contents.weight();
            cost += costOf(parts.get(i), contents);
        }
        return objects.end(handle, weight, cost, descriptor.kind);
    }

    /** Returns what it costs to read objects that go through all of an array or a text, though they only refer to it. */
    private static long costOfReading(Descriptor part, Contents contents) throws IOException {
        if (part.type == BitSet.class) {
            return contents.cost();
        } else if (part.type == Locale.class) {
            if (contents.cost() > MAX_LOCALE) {
                throw ScannedObjects.limit("letters of a Locale", AllowList.MAX_LOCALE);
            }
            return contents.cost() * LOCALE_FACTOR;
        }
        return 0;
    }

    private static long costOf(Descriptor part, Contents contents) throws IOException {
        long cost = contents.cost();
        if (part.type == BigInteger.class && cost > MAX_BIG_INTEGER) {
            throw ScannedObjects.limit("bytes of a BigInteger", AllowList.MAX_BIG_INTEGER);
        }
        if (part.type == BigDecimal.class) { // compares with another by multiplication
            if (cost > MAX_BIG_INTEGER + SMALLEST_DECIMAL) { // of what is its own or not: the square must not overflow
                throw ScannedObjects.limit("bytes of a BigDecimal", AllowList.MAX_BIG_INTEGER);
            }
            long digits = Math.max(0, cost - SMALLEST_DECIMAL);
            return cost + digits * digits;
        }
        return cost;
    }

    /** Reads what one class of an object has written. */
    private Contents part(Descriptor part, int depth) throws IOException {
        Contents contents = new Contents(objects, part.storage);
        int times = 1;
        for (int i = 0; i < part.fields.length(); i++) {
            int size = size(part.fields.charAt(i));
            if (size == 0) {
                contents.add(field(part, depth));
            } else if (part.name.equals(IMMUTABLE_COLLECTION) && size == Integer.BYTES) {
                contents.storedAs(Storage.ofImmutable(in.readInt()));
            } else if (part.name.equals(COPIES) && size == Integer.BYTES) {
                times = in.readInt();
            } else {
                skip(size);
            }
        }
        if (times > 1) {
            contents.repeat(times); // as much as if it held them; what that is, end() limits
        }
        if (part.name.equals(HASH_SET)) {
            hashSetTable(part);
        }
        if ((part.flags & SC_WRITE_METHOD) != 0) {
            annotation(contents, depth);
        }
        return contents;
    }

    private int field(Descriptor part, int depth) throws IOException {
        byte tag = in.readByte();
        if (tag == TC_REFERENCE
                && part.type == BigInteger.class) { // each makes a copy, and so none writes the same array
            throw new InvalidObjectException("parts of a BigInteger in another cannot come from an untrusted worker");
        }
        return content(tag, depth + 1);
    }

    /** Refuses a set that fills so little of its table that the table would grow with each element. */
    private void hashSetTable(Descriptor part) throws IOException {
        if ((part.flags & SC_WRITE_METHOD) == 0
                || in.readByte() != TC_BLOCKDATA
                || in.readUnsignedByte() != HASH_SET_DATA) {
            throw new StreamCorruptedException("not a HashSet");
        }
        in.readInt();
        float loadFactor = in.readFloat();
        in.readInt();
        if (!(loadFactor >= MIN_LOAD_FACTOR)) {
            throw new InvalidObjectException(
                    "a load factor of " + loadFactor + " cannot come from an untrusted worker");
        }
    }

    /** Reads what a class has written by its own method. */
    private void annotation(Contents contents, int depth) throws IOException {
        while (true) {
            int tag = in.readByte();
            if (tag == TC_ENDBLOCKDATA) {
                return;
            } else if (tag == TC_BLOCKDATA) {
                block(in.readUnsignedByte(), contents);
            } else if (tag == TC_BLOCKDATALONG) {
                block(in.readInt(), contents);
            } else {
                contents.store(content(tag, depth + 1));
            }
        }
    }

    private void block(int length, Contents contents) throws IOException {
        skip(length);
        contents.addBytes(length);
    }

    /** Returns how many bytes a primitive has, 0 for what is an object. */
    private static int size(char code) throws IOException {
        return switch (code) {
            case 'Z', 'B' -> 1;
            case 'S', 'C' -> 2;
            case 'I', 'F' -> 4;
            case 'J', 'D' -> 8;
            case 'L', '[' -> 0;
            default -> throw new StreamCorruptedException("unknown type of a field");
        };
    }

    // ---- classes --------------------------------------------------------------------------------------------------

    private @Nullable Descriptor descriptor(int tag, int depth) throws IOException {
        if (tag == TC_NULL) {
            return null;
        } else if (tag == TC_REFERENCE) {
            return objects.descriptor(reference());
        } else if (tag == TC_PROXYCLASSDESC) {
            throw new InvalidObjectException("a dynamic proxy cannot come from an untrusted worker");
        } else if (tag != TC_CLASSDESC || depth > AllowList.MAX_DEPTH) {
            throw new StreamCorruptedException("not a class: tag " + tag);
        }
        objects.requireRoomForDescriptor();
        String name = in.readUTF();
        Descriptor descriptor = new Descriptor(name, allowed.find(name));
        in.readLong();
        int handle = objects.begin(); // unfinished until all of it is read: nothing can refer to it, not even it itself
        descriptor.flags = in.readUnsignedByte();
        List<String> names = new ArrayList<>();
        descriptor.fields = fields(descriptor, names);
        if (in.readByte() != TC_ENDBLOCKDATA) {
            throw new StreamCorruptedException("annotation of class " + name);
        }
        descriptor.parent = descriptor(in.readByte(), depth + 1);
        requireParent(descriptor);
        requireForm(descriptor, names);
        objects.end(handle, descriptor);
        return descriptor;
    }

    private String fields(Descriptor descriptor, List<String> names) throws IOException {
        int fields = in.readShort();
        if (fields < 0) {
            throw new StreamCorruptedException("class " + descriptor.name + " with " + fields + " fields");
        }
        StringBuilder codes = new StringBuilder();
        List<String> known =
                new ArrayList<>(allowed.form(descriptor.type).fields()); // worker and pool have the same classes
        boolean objectsBefore = false;
        for (int i = 0; i < fields; i++) {
            char code = (char) in.readUnsignedByte();
            String name = in.readUTF();
            names.add(code + name);
            boolean isObject = size(code) == 0;
            if (objectsBefore && !isObject) {
                throw new StreamCorruptedException("a primitive field after others");
            }
            objectsBefore |= isObject;
            if (isObject) {
                typeName(in.readByte(), code);
            }
            if (!known.remove(code + name)) { // so it cannot come twice
                throw new StreamCorruptedException(
                        "class " + descriptor.name + " has no field " + name + " of the type " + code);
            }
            codes.append(code);
        }
        return codes.toString();
    }

    /** Reads the type of a field. To Java that is what counts, and its code is nothing: so both have to say the same. */
    private void typeName(int tag, char code) throws IOException {
        boolean isText = tag == TC_STRING || tag == TC_LONGSTRING || tag == TC_REFERENCE;
        if (!isText || !objects.isType(content(tag, 1), code)) {
            throw new StreamCorruptedException("no type of a field: tag " + tag);
        }
    }

    /**
     * Refuses what the reader would take for something else than is read here. A class that reads by a method of its own gets
     * the fields only if it asks for them, and what its writer has added only if there was one: what is left over, or taken
     * too much, the reader would take for the next object.
     */
    private void requireForm(Descriptor descriptor, List<String> fields) throws IOException {
        StreamForm form = allowed.form(descriptor.type);
        if (descriptor.flags != form.flags()) {
            throw new StreamCorruptedException("class " + descriptor.name + " with the flags " + descriptor.flags);
        }
        boolean externalizable = (descriptor.flags & SC_EXTERNALIZABLE) != 0;
        if ((externalizable || allowed.isDeclared(descriptor.type)) && !fields.equals(form.fields())) {
            throw new StreamCorruptedException("class " + descriptor.name + " with other fields than it has here");
        }
    }

    /**
     * Refuses other superclasses than the class has: the reader leaves out what they have written, or reads it in another
     * way, and goes round in a circle where they do.
     */
    private static void requireParent(Descriptor descriptor) throws IOException {
        Class<?> parent = descriptor.type.getSuperclass();
        if (parent != null && !Serializable.class.isAssignableFrom(parent)) {
            parent = null;
        }
        Descriptor claimed = descriptor.parent;
        if (parent != (claimed == null ? null : claimed.type)) {
            throw new StreamCorruptedException(
                    "class " + descriptor.name + " with the superclass " + (claimed == null ? "none" : claimed.name));
        }
    }
}
