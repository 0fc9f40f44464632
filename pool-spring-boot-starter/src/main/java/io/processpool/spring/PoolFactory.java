package io.processpool.spring;

import io.processpool.PoolListener;
import io.processpool.ProcessPool;
import io.processpool.spring.managed.ManagedPool;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;

/**
 * Makes the pools of the properties: settings, then the application's listeners, then customizers, then a bean that Spring
 * can start and stop.
 */
final class PoolFactory {

    /** The name of the bean of this type. */
    static final String BEAN = "processPoolFactory";

    /** The name of the pool that is configured directly below {@code processpool}. */
    static final String DEFAULT_NAME = "default";

    private static final Logger LOG = LoggerFactory.getLogger(PoolFactory.class);

    private final ProcessPoolProperties properties;
    private final PoolProperties base;
    private final ObjectProvider<PoolListener> listeners;
    private final ObjectProvider<ProcessPoolCustomizer> customizers;
    private final Environment environment;

    /** Where the properties of each pool are, by its name. */
    private final Map<String, String> prefixes = new ConcurrentHashMap<>();

    PoolFactory(
            ProcessPoolProperties properties,
            PoolProperties base,
            ObjectProvider<PoolListener> listeners,
            ObjectProvider<ProcessPoolCustomizer> customizers,
            Environment environment) {
        this.properties = properties;
        this.base = base;
        this.listeners = listeners;
        this.customizers = customizers;
        this.environment = environment;
    }

    /** Makes the pool of {@code processpool.*}. With named pools beside it, it may be that nobody uses it. */
    ManagedPool defaultPool() {
        StartMode unsaid = properties.pools().isEmpty() ? StartMode.EAGER : StartMode.LAZY;
        if (properties.pools().values().stream()
                .noneMatch(own -> base.inheritedBy(own).usesFory())) {
            IdleFory.warn(DEFAULT_NAME, PoolSettings.ROOT, base.fory(), base); // else that pool may inherit it
        }
        return make(DEFAULT_NAME, PoolSettings.ROOT, base, unsaid);
    }

    /** Makes the pool of {@code processpool.pools.<name>.*}. An entry with nothing below it inherits everything. */
    ManagedPool namedPool(String name) {
        PoolProperties own = properties.pools().get(name);
        PoolProperties said = own != null ? own : new Binder().bindOrCreate(PoolSettings.ROOT, PoolProperties.class);
        PoolProperties settings = base.inheritedBy(said);
        IdleFory.warn(name, NamedPools.prefix(name), said.fory(), settings);
        return make(name, NamedPools.prefix(name), settings, StartMode.EAGER);
    }

    private ManagedPool make(String entry, String prefix, PoolProperties settings, StartMode unsaid) {
        String name = settings.name() != null ? settings.name() : entry;
        requireUnique(name, prefix, settings);
        AnnouncingBuilder announcing = new AnnouncingBuilder();
        ProcessPool.Builder builder = announcing.builder();
        new PoolSettings(prefix, environment).apply(settings, name, builder);
        listeners.orderedStream().forEach(builder::listener);
        customizers.orderedStream().forEach(customizer -> customizer.customize(name, builder));
        builder.name(name); // what customizers were told, and what meters and history go by
        warnOfLongShutdown(name, settings);
        return new ManagedPool(
                announcing.unused(name),
                () -> build(builder, prefix, name),
                settings.start() != null ? settings.start() : unsaid);
    }

    /** Of two pools with one name, meters would add up, and the endpoint show one with the history of both. */
    private void requireUnique(String name, String prefix, PoolProperties settings) {
        String other = prefixes.putIfAbsent(name, prefix);
        if (other != null && !other.equals(prefix)) {
            String renamed = settings.name() != null ? prefix : other;
            throw new InvalidConfigurationPropertyValueException(
                    renamed + ".name",
                    name,
                    "The pools of '" + other + "' and '" + prefix
                            + "' would both be called so, in logs, meters, health and"
                            + " endpoint. Choose another name.");
        }
    }

    /** Each setting was accepted before; what is refused now contradicts another. */
    private static ProcessPool build(ProcessPool.Builder builder, String prefix, String name) {
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException(prefix, name, PoolSettings.refusal(e));
        }
    }

    private void warnOfLongShutdown(String name, PoolProperties settings) {
        if (ExecutorsBeforePools.stopsLate(environment)) {
            return; // nobody limits the destruction of beans
        }
        Duration phase = PhaseTimeout.of(environment);
        Duration own = PoolSettings.shutdownTimeout(settings);
        if (own.compareTo(phase) >= 0) {
            LOG.warn(
                    "Process pool '{}' may take {} to finish its tasks, but the application context waits only {} for it and"
                            + " then kills them. Lower its shutdown-timeout, or raise {}",
                    name,
                    own,
                    phase,
                    PhaseTimeout.PROPERTY);
        }
    }
}
