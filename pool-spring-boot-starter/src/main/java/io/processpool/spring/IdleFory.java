package io.processpool.spring;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of properties of Apache Fory that nobody heeds: with another codec they would be passed over in silence. */
final class IdleFory {

    private static final Logger LOG = LoggerFactory.getLogger(IdleFory.class);

    private IdleFory() {}

    /**
     * Warns if a pool travels with another codec.
     *
     * @param pool the name of the pool
     * @param prefix where the properties of the pool are
     * @param own what is said there of Apache Fory
     * @param settings what holds for the pool
     */
    static void warn(String pool, String prefix, PoolProperties.@Nullable Fory own, PoolProperties settings) {
        List<String> idle = settings.usesFory() ? List.of() : said(own);
        if (!idle.isEmpty()) {
            LOG.warn(
                    "{} has no effect: codec={} for process pool '{}', and only the codec 'fory' heeds it. Set"
                            + " {}.codec=fory, or remove it",
                    idle.stream().map(key -> prefix + "." + key).toList(),
                    settings.codec() == null ? "jdk" : settings.codec(),
                    pool,
                    prefix);
        }
    }

    private static List<String> said(PoolProperties.@Nullable Fory fory) {
        if (fory == null) {
            return List.of();
        }
        return Stream.of(fory.register() == null ? null : "fory.register", fory.allow() == null ? null : "fory.allow")
                .filter(Objects::nonNull)
                .toList();
    }
}
