package io.processpool.internal;

import java.io.ObjectInputFilter;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pool believes of its workers.
 *
 * @param untrusted whether a worker is presumed to be taken over by what it reads
 * @param resultTypes the classes that may come from an untrusted worker besides values and collections of the JDK
 * @param resultFilter decides in addition which classes may come from a worker, null for all
 */
public record Trust(
        boolean untrusted,
        Set<Class<?>> resultTypes,
        @Nullable ObjectInputFilter resultFilter) {

    /** As trusted as this process. */
    public static final Trust FULL = new Trust(false, Set.of(), null);

    /** Copies the set. */
    public Trust {
        resultTypes = Set.copyOf(resultTypes);
    }
}
