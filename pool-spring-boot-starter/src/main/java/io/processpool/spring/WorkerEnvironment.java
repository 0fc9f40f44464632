package io.processpool.spring;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.env.Environment;

/**
 * The environment variables that properties give to workers, with the names as they were written. What comes from a variable
 * of this process would lose its name if it was bound to a map: {@code PROCESSPOOL_ENVIRONMENT_MY_VAR} would become a variable
 * {@code my.var} beside the {@code MY_VAR} of a file, instead of winning over it.
 */
final class WorkerEnvironment {

    /** What stands before the name of a variable, as written in files or as a variable of this process. */
    private static final Pattern WRITTEN = Pattern.compile(
            "processpool(?:[._]pools[._\\[].+?]?)?[._]environment[._\\[](.+?)]?", Pattern.CASE_INSENSITIVE);

    private final Environment environment;

    WorkerEnvironment(Environment environment) {
        this.environment = environment;
    }

    /**
     * Returns the variables below a prefix, and those that a pool with this prefix inherits.
     *
     * @param prefix where the properties of the pool are
     * @return variables by name
     */
    Map<String, String> of(String prefix) {
        Map<String, String> variables = new LinkedHashMap<>(below(PoolSettings.ROOT));
        variables.putAll(below(prefix));
        return variables;
    }

    private Map<String, String> below(String prefix) {
        ConfigurationPropertyName parent = ConfigurationPropertyName.adapt(prefix + ".environment", '.');
        Binder binder = Binder.get(environment);
        Map<String, String> variables = new LinkedHashMap<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource iterable) {
                iterable.stream().filter(parent::isAncestorOf).forEach(name -> {
                    String written = written(iterable.getConfigurationProperty(name), parent, name);
                    // The first source wins, and so does the binder's.
                    binder.bind(name, Bindable.of(String.class))
                            .ifBound(value -> variables.putIfAbsent(written, value));
                });
            }
        }
        return variables;
    }

    private static String written(
            @Nullable ConfigurationProperty property,
            ConfigurationPropertyName parent,
            ConfigurationPropertyName name) {
        if (property != null && property.getOrigin() instanceof PropertySourceOrigin origin) {
            Matcher matcher = WRITTEN.matcher(origin.getPropertyName());
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        return name.subName(parent.getNumberOfElements()).toString();
    }
}
