package io.processpool.spring;

import io.processpool.ProcessPool;
import io.processpool.spring.managed.ManagedPool;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Registers a bean for each entry below {@code processpool.pools}. They are fallbacks: who injects a {@link ProcessPool}
 * without a qualifier gets the default one. An entry backs off for a pool of that name that the application made itself, or
 * that a parent context has; any other bean of that name is refused, before it is found where a pool is expected.
 */
final class NamedPools implements ImportBeanDefinitionRegistrar {

    private static final String PREFIX = "processpool.pools";

    /** Names that need no brackets as a part of a property. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]+");

    /** Names that mean the pool that is configured directly below {@code processpool}. */
    private static final Set<String> RESERVED = Set.of(PoolFactory.DEFAULT_NAME, "processPool");

    private final Environment environment;
    private final BeanFactory beans;

    NamedPools(Environment environment, BeanFactory beans) {
        this.environment = environment;
        this.beans = beans;
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        for (String name : names()) {
            if (RESERVED.contains(name)) {
                throw refused(
                        name,
                        "This is the name of the pool that is configured directly below 'processpool'. Set its properties"
                                + " there, or choose another name.");
            }
            if (beans.containsBean(name) && beans.isTypeMatch(name, ProcessPool.class)) {
                continue;
            }
            if (registry.containsBeanDefinition(name)) {
                throw refused(
                        name,
                        "A pool is a bean of its name, and there is another bean of this name, of type '"
                                + beans.getType(name, false) + "'. Choose another name.");
            }
            registry.registerBeanDefinition(name, definition(name));
        }
    }

    private static RootBeanDefinition definition(String name) {
        RootBeanDefinition definition = new RootBeanDefinition();
        definition.setTargetType(ManagedPool.class);
        definition.setFactoryBeanName(PoolFactory.BEAN);
        definition.setFactoryMethodName("namedPool");
        definition.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
        definition.setFallback(true);
        definition.setDescription("ProcessPool of " + prefix(name));
        return definition;
    }

    /** Returns where the properties of a named pool are. */
    static String prefix(String name) {
        return PLAIN.matcher(name).matches() ? PREFIX + "." + name : PREFIX + "[" + name + "]";
    }

    private static InvalidConfigurationPropertyValueException refused(String name, String reason) {
        return new InvalidConfigurationPropertyValueException(prefix(name), name, reason);
    }

    /**
     * Only the names are wanted here; the rest is bound where a failure is analysed. Names that Boot takes for the same, such
     * as that in {@code PROCESSPOOL_POOLS_PAGERENDER_WORKERS} and the {@code page-render} of a file, mean one pool: it is
     * called as in the last source, which is the file.
     */
    private Collection<String> names() {
        Map<ConfigurationPropertyName, String> names = new LinkedHashMap<>();
        Binder.get(environment)
                .bind(PREFIX, Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .keySet()
                .forEach(name -> names.put(ConfigurationPropertyName.adapt(prefix(name), '.'), name));
        return names.values();
    }
}
