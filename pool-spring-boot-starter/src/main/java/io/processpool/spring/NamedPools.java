package io.processpool.spring;

import io.processpool.ProcessPool;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;

/**
 * Registers a bean for each entry below {@code processpool.pools}. They are fallbacks: who injects a {@link ProcessPool}
 * without a qualifier gets the default one.
 */
final class NamedPools implements BeanRegistrar {

    static final String PREFIX = "processpool.pools";

    @Override
    public void register(BeanRegistry registry, Environment environment) {
        for (String name : names(environment)) {
            if (name.equals(PoolFactory.DEFAULT_NAME)) {
                throw new InvalidConfigurationPropertyValueException(
                        PREFIX,
                        name,
                        "This is the name of the pool that is configured directly below 'processpool'. Set its properties"
                                + " there, or choose another name.");
            }
            registry.registerBean(
                    name,
                    ProcessPool.class,
                    spec -> spec.fallback()
                            .description("ProcessPool of " + PREFIX + "." + name)
                            .supplier(context -> context.bean(PoolFactory.class).namedPool(name)));
        }
    }

    /** Only the names are wanted here; the rest is bound where a failure is analysed. */
    private static Set<String> names(Environment environment) {
        return Binder.get(environment)
                .bind(PREFIX, Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .keySet();
    }
}
