package io.processpool.fory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.ObjectInputFilter;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The engines of a codec: one for each class loader, and for each filter that reads with it. An engine holds on to the
 * loader, so it is only held softly here: a loader that nobody else uses goes with its engines when memory is short.
 *
 * <p>Safe for use by many threads. The last engine that was used is found without a lock.
 */
final class Engines {

    /** A codec has one filter as a rule, that of its pool. With more than these it begins anew. */
    private static final int MAX_FILTERS = 16;

    /** Stands for no filter. */
    private static final Object NO_FILTER = new Object();

    private final ClassRules rules;

    @GuardedBy("byLoader")
    private final Map<ClassLoader, SoftReference<Map<Object, ForyEngine>>> byLoader = new WeakHashMap<>();

    private volatile @Nullable Latest latestForWriting;
    private volatile @Nullable Latest latestForReading;

    Engines(ClassRules rules) {
        this.rules = rules;
    }

    ForyEngine forWriting(Object value) {
        ClassLoader loader = rules.loader(value);
        Latest latest = latestForWriting;
        ForyEngine engine = latest == null ? null : latest.engineFor(loader, null);
        if (engine == null) {
            engine = find(loader, null);
            latestForWriting = Latest.of(loader, null, engine);
        }
        return engine;
    }

    ForyEngine forReading(ClassLoader loader, @Nullable ObjectInputFilter filter) {
        ObjectInputFilter asked = filter != null ? filter : ObjectInputFilter.Config.getSerialFilter();
        Latest latest = latestForReading;
        ForyEngine engine = latest == null ? null : latest.engineFor(loader, asked);
        if (engine == null) {
            engine = find(loader, asked);
            latestForReading = Latest.of(loader, asked, engine);
        }
        return engine;
    }

    private ForyEngine find(ClassLoader loader, @Nullable ObjectInputFilter filter) {
        Map<Object, ForyEngine> ofLoader;
        synchronized (byLoader) {
            SoftReference<Map<Object, ForyEngine>> reference = byLoader.get(loader);
            Map<Object, ForyEngine> known = reference == null ? null : reference.get();
            if (known == null) {
                known = new ConcurrentHashMap<>();
                byLoader.put(loader, new SoftReference<>(known));
            }
            ofLoader = known;
        }
        if (ofLoader.size() > MAX_FILTERS) {
            ofLoader.clear();
        }
        // Cheap: an engine makes what it needs when it is used.
        return ofLoader.computeIfAbsent(
                filter == null ? NO_FILTER : filter, any -> new ForyEngine(rules, loader, filter));
    }

    /** The engine that was used last, which keeps nothing alive. */
    private record Latest(
            WeakReference<ClassLoader> loader, @Nullable ObjectInputFilter filter, SoftReference<ForyEngine> engine) {

        static Latest of(ClassLoader loader, @Nullable ObjectInputFilter filter, ForyEngine engine) {
            return new Latest(new WeakReference<>(loader), filter, new SoftReference<>(engine));
        }

        @Nullable
        ForyEngine engineFor(ClassLoader wanted, @Nullable ObjectInputFilter wantedFilter) {
            return loader.refersTo(wanted) && filter == wantedFilter ? engine.get() : null;
        }
    }
}
