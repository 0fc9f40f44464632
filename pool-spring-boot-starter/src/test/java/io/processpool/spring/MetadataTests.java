package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.ProcessPool;
import io.processpool.spring.testing.Contexts;
import io.processpool.spring.testing.Effective;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.json.JsonParserFactory;

/** What editors know of the properties, and whether it is complete and true. */
class MetadataTests {

    private static final String LOCATION = "META-INF/spring-configuration-metadata.json";

    /** Settings of the builder that are for beans, and those whose property has another name. */
    private static final Set<String> FOR_BEANS = Set.of("listener", "task-meter", "submission-observer");

    private static final Map<String, String> RENAMED =
            Map.of("class-path", "class-path-entries", "class-path-mode", "class-path");

    /** Where the builder has the settings that have a default. */
    private static final Map<String, String> PATHS = Map.ofEntries(
            Map.entry("name", "name"),
            Map.entry("standby-workers", "standbyWorkers"),
            Map.entry("cancel-grace", "tasks.cancelGrace"),
            Map.entry("queue-capacity", "tasks.queueCapacity"),
            Map.entry("saturation", "tasks.saturation"),
            Map.entry("class-path", "launch.classPathMode"),
            Map.entry("class-data-sharing", "launch.classDataSharing"),
            Map.entry("shared-memory", "launch.sharedMemory"),
            Map.entry("untrusted", "trust.untrusted"),
            Map.entry("start-timeout", "launch.startTimeout"),
            Map.entry("shutdown-timeout", "shutdownTimeout"),
            Map.entry("mode", "mode"),
            Map.entry("heartbeat-timeout", "heartbeatTimeout"),
            Map.entry("register-shutdown-hook", "registerShutdownHook"));

    /** Where the builder has the others, for which the default is nothing. */
    private static final Map<String, String> EMPTY = Map.ofEntries(
            Map.entry("max-tasks-per-worker", "recycle.maxTasks"),
            Map.entry("max-worker-age", "recycle.maxAge"),
            Map.entry("max-worker-memory", "recycle.maxMemory"),
            Map.entry("idle-timeout", "recycle.idleTimeout"),
            Map.entry("task-timeout", "tasks.timeout"),
            Map.entry("slow-task-threshold", "tasks.slowThreshold"),
            Map.entry("initializer", "initializer"),
            Map.entry("finalizer", "finalizer"),
            Map.entry("max-heap", "launch.maxHeap"),
            Map.entry("jvm-arguments", "launch.jvmArguments"),
            Map.entry("environment", "launch.environment"),
            Map.entry("inherit-environment", "launch.inheritEnvironment"),
            Map.entry("working-directory", "launch.workingDirectory"),
            Map.entry("command-prefix", "launch.commandPrefix"),
            Map.entry("class-path-entries", "launch.classPath"),
            Map.entry("codec", "codec"),
            Map.entry("fory.register", "codec"),
            Map.entry("fory.allow", "codec"),
            Map.entry("result-filter", "trust.resultFilter"),
            Map.entry("result-types", "trust.resultTypes"),
            Map.entry("debug-port", "launch.debugPort"),
            Map.entry("mdc-keys", "mdcKeys"));

    /** What a codec is made of; the builder takes the codec. */
    private static final Set<String> OF_CODECS = Set.of("fory.register", "fory.allow");

    /** Settings whose default depends on the machine, or on other properties, as their descriptions say. */
    private static final Set<String> DYNAMIC = Set.of("memory-reserve", "workers", "start");

    private static Map<String, Object> metadata() throws IOException {
        Enumeration<URL> all = MetadataTests.class.getClassLoader().getResources(LOCATION);
        while (all.hasMoreElements()) {
            try (InputStream in = all.nextElement().openStream()) {
                String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                if (json.contains("\"processpool.workers\"")) {
                    return JsonParserFactory.getJsonParser().parseMap(json);
                }
            }
        }
        throw new AssertionError("there is no " + LOCATION + " of this module");
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(String of) throws IOException {
        return (List<Map<String, Object>>) metadata().get(of);
    }

    static Stream<Map<String, Object>> properties() throws IOException {
        return list("properties").stream();
    }

    /** The properties of one pool, by the names that they have below the pool. */
    static Map<String, Map<String, Object>> poolProperties() throws IOException {
        Set<String> components = Stream.concat(
                        OF_CODECS.stream(),
                        Arrays.stream(PoolProperties.class.getRecordComponents())
                                .map(component -> DataObjectPropertyName.toDashedForm(component.getName())))
                .collect(Collectors.toSet());
        return properties()
                .filter(property -> components.contains(shortName(property)))
                .collect(Collectors.toMap(MetadataTests::shortName, property -> property));
    }

    private static String shortName(Map<String, Object> property) {
        return ((String) property.get("name")).replaceFirst("processpool\\.", "");
    }

    @ParameterizedTest
    @MethodSource("properties")
    void property_hasTypeAndDescription(Map<String, Object> property) {
        assertThat(property).containsKeys("type", "description");
        assertThat((String) property.get("description")).endsWith(".");
    }

    @Test
    void properties_areThoseOfTheRecords() throws IOException {
        // 'fory' itself is none, but two.
        assertThat(poolProperties()).hasSize(PoolProperties.class.getRecordComponents().length - 1 + OF_CODECS.size());
        assertThat(properties().map(property -> property.get("name")))
                .contains(
                        "processpool.enabled",
                        "processpool.task-executor",
                        "processpool.history-size",
                        "processpool.lifecycle.phase",
                        "processpool.lifecycle.stop",
                        "processpool.pools",
                        "management.health.processpool.enabled",
                        "management.endpoint.processpool.access",
                        "management.endpoint.processpool.cache.time-to-live")
                .doesNotHaveDuplicates();
    }

    @Test
    void everySettingOfTheBuilder_hasAProperty() throws IOException {
        Set<String> settings = Arrays.stream(ProcessPool.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == ProcessPool.Builder.class)
                .map(Method::getName)
                .map(DataObjectPropertyName::toDashedForm)
                .map(name -> RENAMED.getOrDefault(name, name))
                .filter(name -> !FOR_BEANS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> properties = new TreeSet<>(poolProperties().keySet());
        properties.remove("start");
        properties.removeAll(OF_CODECS);
        assertThat(properties).isEqualTo(settings);
    }

    @Test
    void defaults_areWhatPoolsAreBuiltWith() throws IOException {
        Map<String, Map<String, Object>> properties = poolProperties();
        Contexts.withDefaults()
                .withPropertyValues("processpool.start=lazy")
                .withBean(Effective.class)
                .run(context -> {
                    Effective effective = context.getBean(Effective.class);
                    properties.forEach((name, property) -> {
                        if (property.containsKey("defaultValue")) {
                            Object actual = effective.setting("default", PATHS.get(name));
                            Object stated = ApplicationConversionService.getSharedInstance()
                                    .convert(String.valueOf(property.get("defaultValue")), actual.getClass());
                            assertThat(actual).as(name).isEqualTo(stated);
                        } else if (!DYNAMIC.contains(name)) {
                            assertThat(nothing(effective.setting("default", EMPTY.get(name))))
                                    .as(name)
                                    .isTrue();
                        }
                    });
                    ProcessPoolProperties others = context.getBean(ProcessPoolProperties.class);
                    assertThat(defaultOf("processpool.lifecycle.phase"))
                            .isEqualTo(others.lifecycle().phase());
                    assertThat(defaultOf("processpool.lifecycle.stop"))
                            .isEqualTo(others.lifecycle().stop().name().toLowerCase());
                    assertThat(defaultOf("processpool.history-size")).isEqualTo(others.historySize());
                });
    }

    private static boolean nothing(Object value) {
        return value == null
                || value instanceof Number number && number.longValue() == 0
                || value instanceof Collection<?> many && many.isEmpty()
                || value instanceof Map<?, ?> map && map.isEmpty()
                || value instanceof Duration duration && duration.isZero();
    }

    private static Object defaultOf(String name) throws IOException {
        return properties()
                .filter(property -> name.equals(property.get("name")))
                .findFirst()
                .orElseThrow()
                .get("defaultValue");
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void hints_describeEveryConstantOfEveryEnum() throws Exception {
        Map<String, Map<String, Object>> hints =
                list("hints").stream().collect(Collectors.toMap(hint -> (String) hint.get("name"), hint -> hint));
        for (Map<String, Object> property : properties().toList()) {
            String type = (String) property.get("type");
            if (!type.startsWith("io.processpool") || type.contains("ProcessPoolProperties$Lifecycle")) {
                continue;
            }
            Class<? extends Enum> constants = (Class<? extends Enum>) Class.forName(type);
            List<Map<String, Object>> values =
                    (List<Map<String, Object>>) hints.get(property.get("name")).get("values");
            assertThat(values)
                    .allSatisfy(value ->
                            assertThat((String) value.get("description")).endsWith("."));
            assertThat(values)
                    .extracting(value -> ((String) value.get("value")).toUpperCase())
                    .containsExactlyElementsOf(Arrays.stream(constants.getEnumConstants())
                            .map(Enum::name)
                            .toList());
        }
        assertThat(hints).containsKeys("processpool.initializer", "processpool.finalizer", "processpool.codec");
    }
}
