package io.processpool.spring;

import io.processpool.Codec;
import io.processpool.ProcessPool;
import io.processpool.ProcessPoolException;
import io.processpool.TaskRunnable;
import io.processpool.fory.ForyCodec;
import java.io.ObjectInputFilter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanInstantiationException;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Hands the properties of one pool to its builder; a value that the builder refuses ends in Boot's failure analysis. */
final class PoolSettings {

    /** Below the 30 s that Boot gives a phase of the shutdown. */
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(20);

    /** That of the builder. */
    static final int QUEUE_CAPACITY = 10_000;

    /** Where the properties of the default pool are, which the others inherit. */
    static final String ROOT = "processpool";

    private final String prefix;
    private final Environment environment;
    private final WorkerEnvironment variables;

    /**
     * Makes the hand-over of one pool.
     *
     * @param prefix where the pool's own properties are
     * @param environment tells whether a value is the pool's own or inherited
     */
    PoolSettings(String prefix, Environment environment) {
        this.prefix = prefix;
        this.environment = environment;
        this.variables = new WorkerEnvironment(environment);
    }

    static Duration shutdownTimeout(PoolProperties properties) {
        return properties.shutdownTimeout() != null ? properties.shutdownTimeout() : SHUTDOWN_TIMEOUT;
    }

    /** Sets everything that is said. */
    void apply(PoolProperties properties, String name, ProcessPool.Builder builder) {
        set("name", name, builder::name);
        set("workers", properties.workers(), builder::workers);
        set("standby-workers", properties.standbyWorkers(), builder::standbyWorkers);
        set("max-tasks-per-worker", properties.maxTasksPerWorker(), builder::maxTasksPerWorker);
        set("max-worker-age", properties.maxWorkerAge(), builder::maxWorkerAge);
        set("max-worker-memory", properties.maxWorkerMemory(), size -> builder.maxWorkerMemory(size.toBytes()));
        set("memory-reserve", properties.memoryReserve(), size -> builder.memoryReserve(size.toBytes()));
        set("idle-timeout", properties.idleTimeout(), builder::idleTimeout);
        set("task-timeout", properties.taskTimeout(), builder::taskTimeout);
        set("cancel-grace", properties.cancelGrace(), builder::cancelGrace);
        set("slow-task-threshold", properties.slowTaskThreshold(), builder::slowTaskThreshold);
        set("queue-capacity", properties.queueCapacity(), builder::queueCapacity);
        set("saturation", properties.saturation(), builder::saturation);
        set("initializer", properties.initializer(), type -> builder.initializer(create(type, TaskRunnable.class)));
        set("finalizer", properties.finalizer(), type -> builder.finalizer(create(type, TaskRunnable.class)));
        applyCodec(properties, builder);
        set("result-filter", properties.resultFilter(), pattern -> builder.resultFilter(filter(pattern)));
        set("untrusted", properties.untrusted(), builder::untrusted);
        set(
                "result-types",
                properties.resultTypes(),
                names -> builder.resultTypes(
                        names.stream().map(PoolSettings::type).toArray(Class<?>[]::new)));
        applyLaunch(properties, builder);
        set("start-timeout", properties.startTimeout(), builder::startTimeout);
        set("shutdown-timeout", shutdownTimeout(properties), builder::shutdownTimeout);
        set("heartbeat-timeout", properties.heartbeatTimeout(), builder::heartbeatTimeout);
        set("mode", properties.mode(), builder::mode);
        set("mdc-keys", properties.mdcKeys(), builder::mdcKeys);
        builder.registerShutdownHook(Boolean.TRUE.equals(properties.registerShutdownHook()));
    }

    private void applyCodec(PoolProperties properties, ProcessPool.Builder builder) {
        String codec = properties.codec();
        if (codec == null || codec.equalsIgnoreCase("jdk")) {
            return; // the builder's default
        }
        if (!properties.usesFory()) {
            set("codec", codec, name -> builder.codec(create(type(name), Codec.class)));
            return;
        }
        PoolProperties.Fory fory = properties.fory();
        List<String> registered = fory == null ? null : fory.register();
        List<String> allowed = fory == null ? null : fory.allow();
        if (allowed == null) {
            // Without any class, for what the JDK has.
            set(
                    registered == null ? "codec" : "fory.register",
                    registered == null ? List.<String>of() : registered,
                    names -> builder.codec(ForyCodec.registering(
                            names.stream().map(PoolSettings::type).toArray(Class<?>[]::new))));
            return;
        }
        set("fory.allow", allowed, patterns -> {
            if (registered != null) {
                throw new IllegalArgumentException("either fory.register or fory.allow may be set, not both");
            }
            builder.codec(ForyCodec.allowing(patterns.toArray(String[]::new)));
        });
    }

    private void applyLaunch(PoolProperties properties, ProcessPool.Builder builder) {
        set("max-heap", properties.maxHeap(), size -> builder.maxHeap(size.toBytes()));
        set("jvm-arguments", properties.jvmArguments(), builder::jvmArguments);
        set("environment", names(properties.environment()), any -> builder.environment(variables.of(prefix)));
        set("inherit-environment", properties.inheritEnvironment(), builder::inheritEnvironment);
        set("working-directory", properties.workingDirectory(), file -> builder.workingDirectory(file.toPath()));
        set("command-prefix", properties.commandPrefix(), builder::commandPrefix);
        set("class-path", properties.classPath(), builder::classPathMode);
        set("class-path-entries", properties.classPathEntries(), builder::classPath);
        set("class-data-sharing", properties.classDataSharing(), builder::classDataSharing);
        set("shared-memory", properties.sharedMemory(), builder::sharedMemory);
        set("debug-port", properties.debugPort(), builder::debugPort);
    }

    private <T> void set(String key, @Nullable T value, Consumer<T> setter) {
        if (value == null) {
            return;
        }
        try {
            setter.accept(value);
        } catch (IllegalArgumentException
                | IllegalStateException
                | BeanInstantiationException
                | ProcessPoolException e) {
            throw new InvalidConfigurationPropertyValueException(property(key), value, refusal(e));
        }
    }

    /** Says why a value was refused, in the words of who did it. */
    static String refusal(RuntimeException e) {
        return "It was refused: " + e.getMessage() + ".";
    }

    /** What a failure may tell of variables: their values may be secret. */
    private static @Nullable Set<String> names(@Nullable Map<String, String> variables) {
        return variables == null ? null : new TreeSet<>(variables.keySet());
    }

    /** Returns the property that the value came from: the pool's own, or the one that it inherited. */
    private String property(String key) {
        String own = prefix + "." + key;
        String inherited = ROOT + "." + key;
        return !isSet(own) && isSet(inherited) ? inherited : own;
    }

    /** However it is spelled, and also if it is a list. */
    private boolean isSet(String property) {
        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source.getConfigurationProperty(name) != null
                    || source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
                return true;
            }
        }
        return false;
    }

    private static Class<?> type(String name) {
        try {
            return ClassUtils.forName(name, ClassUtils.getDefaultClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            throw new IllegalArgumentException("there is no class " + name, e);
        }
    }

    /** Binding heeds only that it is a class. */
    private static <T> T create(Class<?> type, Class<T> wanted) {
        if (!wanted.isAssignableFrom(type)) {
            throw new IllegalArgumentException(type.getName() + " does not implement " + wanted.getName());
        }
        return wanted.cast(BeanUtils.instantiateClass(type));
    }

    private static ObjectInputFilter filter(String pattern) {
        ObjectInputFilter filter = ObjectInputFilter.Config.createFilter(pattern);
        if (filter == null) {
            throw new IllegalArgumentException("resultFilter must not be empty");
        }
        return filter;
    }
}
