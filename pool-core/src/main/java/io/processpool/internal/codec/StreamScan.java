package io.processpool.internal.codec;

import io.processpool.internal.bytes.BytesIn;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamConstants;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.io.StreamCorruptedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the bytes of a serialized object without making anything of them: which classes they name, how many objects
 * there are, how deep they are nested, and how much work they would be. So what an {@link AllowList} does not allow is known
 * before the first class is looked for, and before a hash table is filled with keys that take years to hash.
 *
 * <p>Follows the grammar of the Java Object Serialization Specification, and refuses what only few streams have: proxies,
 * objects that contain themselves, class descriptors and exceptions as objects, annotations of classes, other superclasses
 * than the class has, a second object.
 * For one read.
 */
final class StreamScan implements ObjectStreamConstants {

    private static final long UNFINISHED = -1;

    /** Below this a handle is that of a class: its number in {@code descriptors}, counted down from here. */
    private static final long FIRST_DESCRIPTOR = -2;

    private static final int MAX_DESCRIPTORS = 4096;
    private static final String IMMUTABLE_COLLECTION = "java.util.CollSer";

    private static final String COPIES = "java.util.Collections$CopiesList";

    private static final String HASH_SET = "java.util.HashSet";

    /** Capacity, load factor, size. */
    private static final int HASH_SET_DATA = 12;

    /** Below this the JDK makes a table that is too small, and doubles it for each element. */
    private static final float MIN_LOAD_FACTOR = 0.25f;

    /** Set.of and Map.of look for a place among all that have the same hash code, one after the other. */
    private static final int MAX_IMMUTABLE_SET = 1 << 16;

    private final BytesIn bytes;
    private final DataInputStream in;
    private final AllowList allowed;

    /** By handle: the weight of an object, which is how many there are in it, each as often as it is in it. */
    private long[] handles = new long[64];

    /** The texts that may stand for the type of a field, since that is what they begin with. */
    private final BitSet objectTypes = new BitSet();

    private final BitSet arrayTypes = new BitSet();

    private int count;
    private long work;
    private final List<Descriptor> descriptors = new ArrayList<>();

    private StreamScan(BytesIn in, AllowList allowed) {
        this.bytes = in;
        this.in = new DataInputStream(in);
        this.allowed = allowed;
    }

    /** A class, as the stream describes it. */
    private static final class Descriptor {

        final String name;
        final Class<?> type;
        int flags;
        String fields = "";

        @Nullable
        Descriptor parent;

        Descriptor(String name, Class<?> type) {
            this.name = name;
            this.type = type;
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @throws IOException if it is not well-formed, or has what the list does not allow
     */
    static void check(BytesIn in, AllowList allowed) throws IOException {
        if (in.remaining() > AllowList.MAX_BYTES) {
            throw limit(in.remaining() + " bytes", AllowList.MAX_BYTES);
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

    private static InvalidObjectException limit(String what, long limit) {
        return new InvalidObjectException(what + " are too many of an untrusted worker, allowed are " + limit);
    }

    // ---- handles --------------------------------------------------------------------------------------------------

    private int begin() throws IOException {
        if (count >= AllowList.MAX_OBJECTS) {
            throw limit("objects", AllowList.MAX_OBJECTS);
        }
        if (count == handles.length) {
            handles = Arrays.copyOf(handles, 2 * count);
        }
        handles[count] = UNFINISHED;
        return count++;
    }

    private long end(int handle, long weight) throws IOException {
        handles[handle] = weight;
        return spend(weight);
    }

    private long spend(long weight) throws IOException {
        work += weight;
        if (work > AllowList.MAX_WORK) {
            throw limit("objects in objects", AllowList.MAX_WORK);
        }
        return weight;
    }

    private int number() throws IOException {
        int handle = in.readInt() - baseWireHandle;
        if (handle < 0 || handle >= count) {
            throw new StreamCorruptedException("unknown handle " + handle);
        }
        return handle;
    }

    private long handle() throws IOException {
        return handles[number()];
    }

    // ---- objects --------------------------------------------------------------------------------------------------

    /** Reads what follows its tag; returns its weight. */
    private long content(int tag, int depth) throws IOException {
        if (depth > AllowList.MAX_DEPTH) {
            throw limit("objects nested deeper", AllowList.MAX_DEPTH);
        }
        switch (tag) {
            case TC_NULL:
                return 0;
            case TC_REFERENCE:
                return reference();
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
                return end(begin(), 1);
            default:
                throw new StreamCorruptedException("what has the tag " + tag + " cannot come from an untrusted worker");
        }
    }

    private long reference() throws IOException {
        long weight = handle();
        if (weight == UNFINISHED) {
            throw new InvalidObjectException("an object that contains itself cannot come from an untrusted worker");
        }
        if (weight <= FIRST_DESCRIPTOR) {
            throw new StreamCorruptedException("a class in place of an object");
        }
        return spend(weight);
    }

    private long string(long length) throws IOException {
        int handle = begin();
        if (length > 0) {
            int first = in.readUnsignedByte();
            objectTypes.set(handle, first == 'L');
            arrayTypes.set(handle, first == '[');
        }
        skip(length > 0 ? length - 1 : length);
        return end(handle, 1);
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

    private long constant(int depth) throws IOException {
        known(descriptor(in.readByte(), 1));
        int handle = begin();
        content(in.readByte(), depth + 1);
        return end(handle, 1);
    }

    private long array(int depth) throws IOException {
        Descriptor descriptor = known(descriptor(in.readByte(), 1));
        int handle = begin();
        int length = in.readInt();
        if (descriptor.name.length() < 2 || descriptor.name.charAt(0) != '[') {
            throw new StreamCorruptedException("array of " + descriptor.name);
        }
        char component = descriptor.name.charAt(1);
        int size = size(component);
        if (length < 0 || length > AllowList.MAX_ARRAY || length > bytes.remaining() / Math.max(1, size)) {
            throw new StreamCorruptedException("array of " + length + " in " + bytes.remaining() + " bytes");
        }
        if (size > 0) {
            skip((long) length * size);
            return end(handle, 1);
        }
        long weight = 1;
        for (int i = 0; i < length; i++) {
            weight += content(in.readByte(), depth + 1);
        }
        return end(handle, weight);
    }

    private long object(int depth) throws IOException {
        Descriptor descriptor = known(descriptor(in.readByte(), 1));
        int handle = begin();
        if ((descriptor.flags & SC_EXTERNALIZABLE) != 0) { // and then its superclasses have not written anything
            return end(handle, 1 + annotation(depth, Integer.MAX_VALUE));
        }
        List<Descriptor> parts = new ArrayList<>(4);
        for (Descriptor part = descriptor; part != null; part = part.parent) {
            parts.add(part);
        }
        long weight = 1;
        for (int i = parts.size() - 1; i >= 0; i--) {
            weight += part(parts.get(i), depth);
        }
        return end(handle, weight);
    }

    /** Reads what one class of an object has written. */
    private long part(Descriptor part, int depth) throws IOException {
        if ((part.flags & SC_SERIALIZABLE) == 0) {
            return annotation(depth, Integer.MAX_VALUE);
        }
        int most = Integer.MAX_VALUE;
        long times = 1;
        long weight = 0;
        for (int i = 0; i < part.fields.length(); i++) {
            int size = size(part.fields.charAt(i));
            if (size == 0) {
                weight += content(in.readByte(), depth + 1);
            } else if (part.name.equals(IMMUTABLE_COLLECTION) && size == Integer.BYTES) {
                most = isSetOrMap(in.readInt()) ? MAX_IMMUTABLE_SET : most;
            } else if (part.name.equals(COPIES) && size == Integer.BYTES) {
                times = Math.max(times, in.readInt());
            } else {
                skip(size);
            }
        }
        if (times > 1) {
            weight = times * Math.max(1, weight); // as much as if it held them; what that is, end() limits
        }
        if (part.name.equals(HASH_SET)) {
            hashSetTable(part);
        }
        return (part.flags & SC_WRITE_METHOD) == 0 ? weight : weight + annotation(depth, most);
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

    /** The low byte tells lists, 1 and 4, from sets and maps. */
    private static boolean isSetOrMap(int tag) {
        return (tag & 0xFF) != 1 && (tag & 0xFF) != 4;
    }

    /** Reads what a class has written by its own method. */
    private long annotation(int depth, int most) throws IOException {
        long weight = 0;
        int objects = 0;
        while (true) {
            int tag = in.readByte();
            if (tag == TC_ENDBLOCKDATA) {
                return weight;
            } else if (tag == TC_BLOCKDATA) {
                skip(in.readUnsignedByte());
            } else if (tag == TC_BLOCKDATALONG) {
                skip(in.readInt());
            } else if (++objects > most) {
                throw limit("elements of a Set.of or Map.of", most);
            } else {
                weight += content(tag, depth + 1);
            }
        }
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
            long handle = handle();
            if (handle > FIRST_DESCRIPTOR) {
                throw new StreamCorruptedException("an object in place of a class");
            }
            return descriptors.get((int) (FIRST_DESCRIPTOR - handle));
        } else if (tag == TC_PROXYCLASSDESC) {
            throw new InvalidObjectException("a dynamic proxy cannot come from an untrusted worker");
        } else if (tag != TC_CLASSDESC || depth > AllowList.MAX_DEPTH) {
            throw new StreamCorruptedException("not a class: tag " + tag);
        }
        if (descriptors.size() >= MAX_DESCRIPTORS) {
            throw limit("classes", MAX_DESCRIPTORS);
        }
        String name = in.readUTF();
        Descriptor descriptor = new Descriptor(name, allowed.find(name));
        in.readLong();
        int handle = begin(); // unfinished until all of it is read: nothing can refer to it, not even it itself
        descriptor.flags = in.readUnsignedByte();
        descriptor.fields = fields(descriptor);
        if (in.readByte() != TC_ENDBLOCKDATA) {
            throw new StreamCorruptedException("annotation of class " + name);
        }
        descriptor.parent = descriptor(in.readByte(), depth + 1);
        requirePlain(descriptor);
        requireParent(descriptor);
        handles[handle] = FIRST_DESCRIPTOR - descriptors.size();
        descriptors.add(descriptor);
        return descriptor;
    }

    private String fields(Descriptor descriptor) throws IOException {
        int fields = in.readShort();
        if (fields < 0) {
            throw new StreamCorruptedException("class " + descriptor.name + " with " + fields + " fields");
        }
        StringBuilder codes = new StringBuilder();
        Map<String, Character> known = fieldsOf(descriptor.type);
        boolean objectsBefore = false;
        for (int i = 0; i < fields; i++) {
            char code = (char) in.readUnsignedByte();
            String name = in.readUTF();
            boolean isObject = size(code) == 0;
            if (objectsBefore && !isObject) {
                throw new StreamCorruptedException("a primitive field after others");
            }
            objectsBefore |= isObject;
            if (isObject) {
                typeName(in.readByte(), code);
            }
            Character actual = known.remove(name); // so it cannot come twice
            if (actual == null || actual != code) {
                throw new StreamCorruptedException(
                        "class " + descriptor.name + " has no field " + name + " of the type " + code);
            }
            codes.append(code);
        }
        return codes.toString();
    }

    /** Returns the types of the fields that a class writes: worker and pool have the same classes. */
    private static Map<String, Character> fieldsOf(Class<?> type) {
        Map<String, Character> types = new HashMap<>();
        for (ObjectStreamField field : ObjectStreamClass.lookupAny(type).getFields()) {
            types.put(field.getName(), field.getTypeCode());
        }
        return types;
    }

    /** Reads the type of a field. To Java that is what counts, and its code is nothing: so both have to say the same. */
    private void typeName(int tag, char code) throws IOException {
        int handle = count;
        if (tag == TC_REFERENCE) {
            handle = number();
        } else if (tag == TC_STRING || tag == TC_LONGSTRING) {
            content(tag, 1);
        } else {
            throw new StreamCorruptedException("no type of a field: tag " + tag);
        }
        if (!(code == '[' ? arrayTypes : objectTypes).get(handle)) {
            throw new StreamCorruptedException("no type of a field, whose code is " + code);
        }
    }

    /** Refuses what a reader would take for something else than is read here. */
    private static void requirePlain(Descriptor descriptor) throws IOException {
        int flags = descriptor.flags;
        boolean serializable = (flags & SC_SERIALIZABLE) != 0;
        boolean externalizable = (flags & SC_EXTERNALIZABLE) != 0;
        boolean blocks = (flags & SC_BLOCK_DATA) != 0;
        boolean enumeration = (flags & SC_ENUM) != 0;
        if (serializable == externalizable
                || (externalizable && (!blocks || !descriptor.fields.isEmpty()))
                || (serializable && blocks)
                || (descriptor.type.isRecord() && flags != SC_SERIALIZABLE)
                || (enumeration && !Enum.class.isAssignableFrom(descriptor.type))) {
            throw new StreamCorruptedException("class " + descriptor.name + " with the flags " + flags);
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
