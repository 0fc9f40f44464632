package io.processpool.internal.codec;

/** What is in an object, as far as one of its classes holds it: what that weighs and costs, see {@link ScannedObjects}. */
final class Contents {

    /** More than is allowed in any case, and little enough to multiply it. */
    private static final long TOO_MUCH = 2 * AllowList.MAX_STEPS;

    private final ScannedObjects objects;
    private Storage storage;

    private long weight;

    /** Of what is no key. */
    private long others;

    private int stored;
    private long keys;
    private long nulls;
    private long keyCost;
    private byte kind = ScannedObjects.OTHER;
    private boolean mixed;

    Contents(ScannedObjects objects, Storage storage) {
        this.objects = objects;
        this.storage = storage;
    }

    /** Changes how it is stored, before anything is. */
    void storedAs(Storage actual) {
        storage = actual;
    }

    /** Adds what a field holds. */
    void add(int handle) {
        weight += objects.weight(handle);
        others += objects.cost(handle);
    }

    /** Adds what an array holds: null takes a place, too, as often as the array is copied. */
    void addElement(int handle) {
        add(handle);
        if (handle == ScannedObjects.NULL) {
            weight++;
        }
    }

    /** Adds bytes. */
    void addBytes(long bytes) {
        others += ScannedObjects.costOfBytes(bytes);
    }

    /** Adds what a class has written by its own method: elements of a collection, or keys and values in turns. */
    void store(int handle) {
        boolean key = storage.hasKeys() && stored % storage.period() == 0;
        stored++;
        if (!key) {
            add(handle);
            return;
        }
        weight += objects.weight(handle);
        keyCost = Math.min(
                TOO_MUCH, keyCost + (objects.cost(handle) == Integer.MAX_VALUE ? TOO_MUCH : objects.cost(handle)));
        keys++;
        if (handle == ScannedObjects.NULL) {
            nulls++;
        } else if (keys - nulls == 1) {
            kind = objects.kind(handle);
        } else {
            mixed |= kind != objects.kind(handle);
        }
    }

    /** Multiplies all of it. */
    void repeat(int times) {
        weight = times * Math.max(1, weight);
        others = times * Math.max(1, others);
    }

    long weight() {
        return weight;
    }

    /** Returns what it costs to hash it once, or to compare it with another. */
    long cost() {
        return others + (isOrdered() ? keyCost : keys * keyCost);
    }

    /** Returns what it costs to read it, when all that is compared is equal but for the last bit. */
    long costOfReading() {
        return switch (storage) {
            case LISTED, SORTED_SET, SORTED_MAP -> 0;
            case HEAP -> 2 * keyCost;
            default -> isOrdered() ? keyCost : keyCost + keys * keyCost / 2; // each with those before it
        };
    }

    /** Tells whether few keys are compared with each, though all had the same hash code. */
    private boolean isOrdered() {
        return storage.isOrdered() && !mixed && nulls <= 1 && kind != ScannedObjects.OTHER;
    }
}
