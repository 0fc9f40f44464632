package io.processpool.internal.codec;

import java.util.Map;

/** How a class keeps the objects that it has written by its own method: what is done with them when they are read. */
enum Storage {
    /** One after the other: none is hashed, nor compared with another. */
    LISTED(0),

    /** By hash code; those with the same in a tree, if they can be compared. */
    HASHED_SET(1),
    HASHED_MAP(2),

    /** By hash code; those with the same one after the other. */
    PROBED_SET(1),
    PROBED_MAP(2),

    /** In the order in which they come; but whoever compares two has to look for each. */
    SORTED_SET(1),
    SORTED_MAP(2),

    /** As a heap, which is made when they are read. */
    HEAP(1);

    private static final Map<String, Storage> OF_JDK = Map.of(
            "java.util.HashSet", HASHED_SET,
            "java.util.HashMap", HASHED_MAP,
            "java.util.Hashtable", PROBED_MAP,
            "java.util.TreeSet", SORTED_SET,
            "java.util.TreeMap", SORTED_MAP,
            "java.util.PriorityQueue", HEAP);

    private final int period;

    Storage(int period) {
        this.period = period;
    }

    static Storage of(String className) {
        return OF_JDK.getOrDefault(className, LISTED);
    }

    /** Returns how what {@code List.of}, {@code Set.of} and {@code Map.of} make is stored: the low byte tells which. */
    static Storage ofImmutable(int tag) {
        return switch (tag & 0xFF) {
            case 1, 4 -> LISTED;
            case 3 -> PROBED_MAP;
            default -> PROBED_SET;
        };
    }

    boolean hasKeys() {
        return period > 0;
    }

    /** Returns after how many objects there is a key again. */
    int period() {
        return period;
    }

    boolean isOrdered() {
        return this == HASHED_SET || this == HASHED_MAP;
    }
}
