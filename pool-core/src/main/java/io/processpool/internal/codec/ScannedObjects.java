package io.processpool.internal.codec;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.StreamCorruptedException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.UUID;

/**
 * The objects and classes of a stream, by their handles: what a {@link StreamScan} has to know of those that come again.
 *
 * <p>The <em>weight</em> of an object is how many there are in it, each as often as it is in it. Its <em>cost</em> is how many
 * steps it may take to hash it, or to compare it with another: at least one for each object and each 32 bytes in it. Adds up
 * both, and refuses what is too much.
 */
final class ScannedObjects {

    /** In place of a handle. */
    static final int NULL = -1;

    /** What is not among the following. */
    static final byte OTHER = 0;

    static final byte TEXT = 1;

    /** A text that may stand for the type of a field: the first letter is L. */
    static final byte TEXT_L = 2;

    /** A text that may stand for the type of a field: the first letter is [. */
    static final byte TEXT_ARRAY = 3;

    /** Their kinds come after those of text. Each is {@code Comparable} with its like, as a hash table wants it. */
    private static final List<Class<?>> COMPARABLE = List.of(
            Integer.class,
            Long.class,
            Short.class,
            Byte.class,
            Character.class,
            Boolean.class,
            Float.class,
            Double.class,
            BigInteger.class,
            UUID.class,
            Date.class);

    private static final int BYTES_PER_STEP = 32;

    private static final int UNFINISHED = -1;

    /** Below this a weight is a class: its number in {@code descriptors}, counted down from here. */
    private static final int FIRST_DESCRIPTOR = -2;

    private static final int MAX_DESCRIPTORS = 4096;

    private int[] weights = new int[64];
    private int[] costs = new int[64];
    private byte[] kinds = new byte[64];
    private int count;
    private long work;
    private long steps;
    private final List<StreamScan.Descriptor> descriptors = new ArrayList<>();

    static InvalidObjectException limit(String what, long limit) {
        return new InvalidObjectException(what + " are too many of an untrusted worker, allowed are " + limit);
    }

    /** Returns what it costs to hash or to compare bytes. */
    static long costOfBytes(long bytes) {
        return bytes / BYTES_PER_STEP;
    }

    static byte kindOf(Class<?> type) {
        return (byte) (COMPARABLE.contains(type) ? TEXT_ARRAY + 1 + COMPARABLE.indexOf(type) : OTHER);
    }

    // ---- handles --------------------------------------------------------------------------------------------------

    int begin() throws IOException {
        if (count >= AllowList.MAX_OBJECTS) {
            throw limit("objects", AllowList.MAX_OBJECTS);
        }
        if (count == weights.length) {
            weights = Arrays.copyOf(weights, 2 * count);
            costs = Arrays.copyOf(costs, 2 * count);
            kinds = Arrays.copyOf(kinds, 2 * count);
        }
        weights[count] = UNFINISHED;
        return count++;
    }

    /** Finishes an object; returns its handle. */
    int end(int handle, long weight, long cost, byte kind) throws IOException {
        work(weight);
        if (cost < 0) {
            throw limit("steps to hash and to compare", AllowList.MAX_STEPS);
        }
        weights[handle] = (int) weight; // less than the work
        costs[handle] = (int) Math.min(Integer.MAX_VALUE, cost);
        kinds[handle] = kind;
        return handle;
    }

    void end(int handle, StreamScan.Descriptor descriptor) {
        weights[handle] = FIRST_DESCRIPTOR - descriptors.size();
        descriptors.add(descriptor);
    }

    void requireRoomForDescriptor() throws IOException {
        if (descriptors.size() >= MAX_DESCRIPTORS) {
            throw limit("classes", MAX_DESCRIPTORS);
        }
    }

    StreamScan.Descriptor descriptor(int handle) throws IOException {
        requireKnown(handle);
        if (weights[handle] > FIRST_DESCRIPTOR) {
            throw new StreamCorruptedException("an object in place of a class");
        }
        return descriptors.get(FIRST_DESCRIPTOR - weights[handle]);
    }

    /** Counts an object once more, since it is referred to; returns its handle. */
    int again(int handle) throws IOException {
        requireKnown(handle);
        int weight = weights[handle];
        if (weight == UNFINISHED) {
            throw new InvalidObjectException("an object that contains itself cannot come from an untrusted worker");
        }
        if (weight <= FIRST_DESCRIPTOR) {
            throw new StreamCorruptedException("a class in place of an object");
        }
        work(weight);
        return handle;
    }

    private void requireKnown(int handle) throws IOException {
        if (handle < 0 || handle >= count) {
            throw new StreamCorruptedException("unknown handle " + handle);
        }
    }

    int weight(int handle) {
        return handle == NULL ? 0 : weights[handle];
    }

    int cost(int handle) {
        return handle == NULL ? 1 : costs[handle];
    }

    /** Returns what hash tables can tell of it; all texts are the same. */
    byte kind(int handle) {
        byte kind = kinds[handle];
        return kind == TEXT_L || kind == TEXT_ARRAY ? TEXT : kind;
    }

    /** Tells whether a text can be the type of a field: Java looks at nothing but its first letter. */
    boolean isType(int handle, char code) {
        return handle != NULL && kinds[handle] == (code == '[' ? TEXT_ARRAY : TEXT_L);
    }

    // ---- limits ---------------------------------------------------------------------------------------------------

    private void work(long weight) throws IOException {
        work += weight;
        if (work > AllowList.MAX_WORK) {
            throw limit("objects in objects", AllowList.MAX_WORK);
        }
    }

    /** Counts what is hashed and compared when a collection is read. */
    void steps(long more) throws IOException {
        steps += more;
        if (more < 0 || steps > AllowList.MAX_STEPS) {
            throw limit("steps to hash and to compare", AllowList.MAX_STEPS);
        }
    }
}
