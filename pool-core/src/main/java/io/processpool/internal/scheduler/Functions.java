package io.processpool.internal.scheduler;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.FunctionCodec;
import io.processpool.internal.wire.FunctionKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The functions in use: gives equal functions the same number, so that each travels once per worker, and forgets those
 * that were not used for long: what a function has captured may be large, and is kept here and in each worker. Two
 * functions are equal if their encoded forms are. Safe for use by many threads.
 */
public final class Functions {

    /** How many functions are remembered, here and for each worker. */
    static final int CAPACITY = 512;

    /** How many bytes they may have in all, encoded. A larger one is remembered alone. */
    static final long CAPACITY_BYTES = 16L << 20;

    /** Up to this size a worker gets a function before it is needed. */
    static final int SMALL = 1 << 16;

    private static final int LATELY = 16;

    // Guarded by this. Estimates belong to code, not to what it captured.
    private final Map<Class<?>, DurationEstimate> estimates = new WeakHashMap<>();
    private final Recent<Key, FunctionRef> known = new Recent<>(CAPACITY, CAPACITY_BYTES);
    private int lastId;

    /** The one that was asked for last: most often it is the next one, too. Read without the monitor. */
    private volatile @Nullable FunctionRef last;

    /** The context class loader of the thread that makes the pool. */
    private final @Nullable ClassLoader home = Thread.currentThread().getContextClassLoader();

    private record Key(FunctionKind kind, byte[] bytes, int hash) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && key.hash == hash
                    && key.kind == kind
                    && (key.bytes == bytes || Arrays.equals(key.bytes, bytes));
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** Encodes a function; throws a TaskSerializationException if that is not possible. */
    public FunctionRef register(Object function, FunctionKind kind) {
        FunctionCodec.Encoded encoded = FunctionCodec.encode(function, "function");
        FunctionRef latest = last;
        if (latest != null && latest.kind() == kind && latest.encoded().isWhole(encoded.bytes())) {
            return latest;
        }
        Key key = new Key(kind, encoded.bytes(), Arrays.hashCode(encoded.bytes()));
        synchronized (this) {
            FunctionRef ref = known.get(key);
            if (ref == null) {
                ref = new FunctionRef(
                        ++lastId,
                        kind,
                        Bytes.of(encoded.bytes()),
                        estimate(function),
                        loader(function),
                        nameOf(function));
                known.add(key, ref, encoded.bytes().length); // jobs that use one which goes have it still
            }
            last = ref;
            return ref;
        }
    }

    /**
     * Encodes a callable. One that captured something is meant to be called once: it travels as the item, and the
     * reference has no number.
     *
     * @return the reference; what it has encoded is the item if its number is 0
     */
    public FunctionRef registerCallable(Object callable) {
        FunctionCodec.Encoded encoded = FunctionCodec.encode(callable, "task");
        if (encoded.stateless()) {
            return register(callable, FunctionKind.CALLABLE);
        }
        return new FunctionRef(
                0,
                FunctionKind.CALLABLE,
                Bytes.of(encoded.bytes()),
                estimate(callable),
                loader(callable),
                nameOf(callable));
    }

    /** Returns the functions that were used lately and are small, the most recent last. */
    synchronized List<FunctionRef> lately() {
        List<FunctionRef> small = new ArrayList<>();
        for (FunctionRef ref : known.values()) {
            if (ref.encoded().length() <= SMALL) {
                small.add(ref);
            }
        }
        return small.subList(Math.max(0, small.size() - LATELY), small.size());
    }

    private synchronized DurationEstimate estimate(Object function) {
        return estimates.computeIfAbsent(unwrap(function).getClass(), type -> new DurationEstimate());
    }

    private static Object unwrap(Object function) {
        return function instanceof FunctionWrapper wrapper ? wrapper.wrapped() : function;
    }

    /**
     * Returns what finds the classes of the results: the loader of the function; but that of the pool if that is below it,
     * since a function out of a library may return what only the application knows. Under Spring's DevTools, or in an
     * application server, both loaders may have a class of that name.
     */
    private ClassLoader loader(Object function) {
        ClassLoader own = unwrap(function).getClass().getClassLoader();
        if (own == null) {
            own = Thread.currentThread().getContextClassLoader();
        } else if (isBelow(home, own)) {
            own = home;
        }
        return own != null ? own : ClassLoader.getSystemClassLoader();
    }

    private static boolean isBelow(@Nullable ClassLoader loader, ClassLoader ancestor) {
        ClassLoader next = loader;
        while (next != null && !next.equals(ancestor)) {
            next = next.getParent();
        }
        return next != null;
    }

    /**
     * Returns a name for people. A lambda's class is named {@code Outer$$Lambda$14/0x00…}: what they know of it is the outer
     * class.
     */
    public static String nameOf(Object function) {
        String name = unwrap(function).getClass().getName();
        int lambda = name.indexOf("$$Lambda");
        String readable = lambda < 0 ? name : name.substring(0, lambda);
        readable = readable.substring(readable.lastIndexOf('.') + 1);
        return lambda < 0 ? readable : readable + " lambda";
    }
}
