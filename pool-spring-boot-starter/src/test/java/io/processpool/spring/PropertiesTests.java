package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.processpool.ClassPathMode;
import io.processpool.Mode;
import io.processpool.ProcessPool;
import io.processpool.Saturation;
import io.processpool.fory.ForyCodec;
import io.processpool.spring.testing.Contexts;
import io.processpool.spring.testing.Effective;
import io.processpool.spring.testing.NothingLeft;
import java.io.File;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

/** How properties get to the builders of pools: each by itself, inherited, from files and from the environment. */
@ExtendWith(NothingLeft.class)
class PropertiesTests {

    private static final String CLASS_PATH = System.getProperty("java.class.path");

    private final ApplicationContextRunner runner = Contexts.withProcesses()
            .withPropertyValues("processpool.start=lazy")
            .withBean(Effective.class);

    private static Arguments property(String name, String value, String path, Object expected) {
        return arguments(name, value, path, expected);
    }

    /** One property each: its name, a value, where the builder has it, and what it has there. */
    static Stream<Arguments> properties() {
        return Stream.of(
                property("name", "other", "name", "other"),
                property("workers", "7", "workers", 7),
                property("standby-workers", "3", "standbyWorkers", 3),
                property("max-tasks-per-worker", "11", "recycle.maxTasks", 11),
                property("max-worker-age", "3h", "recycle.maxAge", Duration.ofHours(3)),
                property("max-worker-memory", "300MB", "recycle.maxMemory", 300L << 20),
                property("memory-reserve", "100MB", "recycle.memoryReserve", 100L << 20),
                property("idle-timeout", "90s", "recycle.idleTimeout", Duration.ofSeconds(90)),
                property("task-timeout", "5m", "tasks.timeout", Duration.ofMinutes(5)),
                property("cancel-grace", "150ms", "tasks.cancelGrace", Duration.ofMillis(150)),
                property("slow-task-threshold", "40s", "tasks.slowThreshold", Duration.ofSeconds(40)),
                property("queue-capacity", "12", "tasks.queueCapacity", 12),
                property("saturation", "reject", "tasks.saturation", Saturation.REJECT),
                property("initializer", Samples.Initializer.class.getName(), "initializer", Samples.Initializer.class),
                property("finalizer", Samples.Finalizer.class.getName(), "finalizer", Samples.Finalizer.class),
                property("max-heap", "96MB", "launch.maxHeap", 96L << 20),
                property("jvm-arguments", "-Da=1,-Db=2", "launch.jvmArguments", List.of("-Da=1", "-Db=2")),
                property("environment.MY_VAR", "x", "launch.environment", Map.of("MY_VAR", "x")),
                property("inherit-environment", "A,B_*", "launch.inheritEnvironment", Set.of("A", "B_*")),
                property("working-directory", "src", "launch.workingDirectory", Path.of("src")),
                property("command-prefix", "nice,-n,10", "launch.commandPrefix", List.of("nice", "-n", "10")),
                property("class-path", "launcher", "launch.classPathMode", ClassPathMode.LAUNCHER),
                property("class-path-entries", CLASS_PATH + ",b.jar", "launch.classPath", List.of(CLASS_PATH, "b.jar")),
                property("class-data-sharing", "false", "launch.classDataSharing", false),
                property("shared-memory", "false", "launch.sharedMemory", false),
                property("codec", Samples.BracketCodec.class.getName(), "codec", Samples.BracketCodec.class),
                property("codec", "fory", "codec", ForyCodec.class),
                property("result-filter", "java.base/*;!*", "trust.resultFilter", null),
                property("untrusted", "true", "trust.untrusted", true),
                property("result-types", Mode.class.getName(), "trust.resultTypes", Set.of(Mode.class)),
                property("start-timeout", "70s", "launch.startTimeout", Duration.ofSeconds(70)),
                property("shutdown-timeout", "9s", "shutdownTimeout", Duration.ofSeconds(9)),
                property("mode", "inline", "mode", Mode.INLINE),
                property("debug-port", "5005", "launch.debugPort", 5005),
                property("heartbeat-timeout", "8s", "heartbeatTimeout", Duration.ofSeconds(8)),
                property("register-shutdown-hook", "true", "registerShutdownHook", true),
                property("mdc-keys", "user,tenant", "mdcKeys", Set.of("user", "tenant")));
    }

    private static void assertSetting(Effective effective, String pool, String path, Object expected) {
        Object actual = effective.setting(pool, path);
        if (expected instanceof Class<?> type) {
            assertThat(actual).isInstanceOf(type);
        } else if (expected == null) {
            assertThat(actual).asString().contains("java.base");
        } else {
            assertThat(actual).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("properties")
    void property_setForAll_isInheritedAndReachesTheBuilder(String name, String value, String path, Object expected) {
        runner.withPropertyValues("processpool." + name + "=" + value, "processpool.pools.heir.start=lazy")
                .run(context -> {
                    Effective effective = context.getBean(Effective.class);
                    boolean isName = name.equals("name");
                    assertSetting(effective, isName ? value : "default", path, expected);
                    assertSetting(effective, "heir", path, isName ? "heir" : expected);
                });
    }

    @ParameterizedTest
    @MethodSource("properties")
    void property_setForOne_isNotOfOthers(String name, String value, String path, Object expected) {
        runner.withPropertyValues("processpool.pools.own." + name + "=" + value).run(context -> {
            Effective effective = context.getBean(Effective.class);
            String own = name.equals("name") ? value : "own";
            assertSetting(effective, own, path, expected);
            assertThat(effective.setting("default", path)).isNotEqualTo(effective.setting(own, path));
        });
    }

    @Test
    void everyProperty_isTestedAbove() {
        Set<String> tested = properties()
                .map(row -> ((String) row.get()[0]).split("\\.")[0])
                .collect(Collectors.toCollection(TreeSet::new));
        tested.add("start"); // of LifecycleIT
        tested.add("fory"); // below
        assertThat(Arrays.stream(PoolProperties.class.getRecordComponents())
                        .map(RecordComponent::getName)
                        .map(DataObjectPropertyName::toDashedForm))
                .containsExactlyInAnyOrderElementsOf(tested);
    }

    @Test
    void fory_classesAndPatterns_reachTheCodec() {
        String uuid = java.util.UUID.class.getName();
        String file = java.io.File.class.getName();
        runner.withPropertyValues(
                        "processpool.codec=fory",
                        "processpool.fory.register=" + uuid + "," + file,
                        "processpool.pools.heir.start=lazy",
                        "processpool.pools.own.fory.register=" + file,
                        "processpool.pools.other.fory.allow=com.acme.*,com.acme.Order",
                        "processpool.pools.plain.codec=jdk")
                .run(context -> {
                    Effective effective = context.getBean(Effective.class);
                    assertThat(effective.setting("default", "codec"))
                            .hasToString("ForyCodec[" + uuid + ", " + file + "]");
                    assertThat(effective.setting("heir", "codec")).hasToString("ForyCodec[" + uuid + ", " + file + "]");
                    assertThat(effective.setting("own", "codec")).hasToString("ForyCodec[" + file + "]");
                    assertThat(effective.setting("other", "codec"))
                            .hasToString("ForyCodec[com.acme.*, com.acme.Order]");
                    assertThat(effective.setting("plain", "codec")).isNull();
                });
    }

    // ---- inheritance ----------------------------------------------------------------------------------------------

    @Test
    void named_ownValue_replacesTheInheritedOne() {
        runner.withPropertyValues(
                        "processpool.task-timeout=1m",
                        "processpool.jvm-arguments=-Da=1,-Db=2",
                        "processpool.pools.own.task-timeout=2m",
                        "processpool.pools.own.jvm-arguments=-Dc=3")
                .run(context -> {
                    Effective effective = context.getBean(Effective.class);
                    assertThat(effective.setting("own", "tasks.timeout")).isEqualTo(Duration.ofMinutes(2));
                    assertThat(effective.setting("own", "launch.jvmArguments")).isEqualTo(List.of("-Dc=3"));
                    assertThat(effective.setting("default", "tasks.timeout")).isEqualTo(Duration.ofMinutes(1));
                });
    }

    @Test
    void environment_isMerged_theOwnWins() {
        runner.withPropertyValues(
                        "processpool.environment.MY_SHARED=1",
                        "processpool.environment.MY_VAR=base",
                        "processpool.pools.own.environment.MY_VAR=own",
                        "processpool.pools.own.environment.FURTHER=2")
                .run(context -> assertThat(context.getBean(Effective.class).setting("own", "launch.environment"))
                        .isEqualTo(Map.of("MY_SHARED", "1", "MY_VAR", "own", "FURTHER", "2")));
    }

    // ---- sources --------------------------------------------------------------------------------------------------

    private static ApplicationContextInitializer<ConfigurableApplicationContext> environment(Map<String, Object> map) {
        return context -> context.getEnvironment()
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, map));
    }

    private static ApplicationContextInitializer<ConfigurableApplicationContext> yaml(String... lines) {
        return context -> {
            byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
            try {
                new YamlPropertySourceLoader()
                        .load("yaml", new ByteArrayResource(bytes))
                        .forEach(context.getEnvironment().getPropertySources()::addLast);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };
    }

    private void check(
            ApplicationContextInitializer<ConfigurableApplicationContext> source, Consumer<Effective> assertions) {
        new ApplicationContextRunner()
                .withInitializer(source)
                .withConfiguration(org.springframework.boot.autoconfigure.AutoConfigurations.of(
                        ProcessPoolAutoConfiguration.class))
                .withPropertyValues("processpool.start=lazy")
                .withBean(Effective.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertions.accept(context.getBean(Effective.class));
                });
    }

    @Test
    void environmentVariables_setProperties() {
        check(
                environment(Map.of(
                        "PROCESSPOOL_MAXHEAP", "80MB",
                        "PROCESSPOOL_JVMARGUMENTS_0_", "-Da=1",
                        "PROCESSPOOL_ENVIRONMENT_TESSDATA_PREFIX", "/data",
                        "PROCESSPOOL_POOLS_RENDER_WORKERS", "2",
                        "PROCESSPOOL_POOLS_RENDER_ENVIRONMENT_OMP_NUM_THREADS", "1",
                        "PROCESSPOOL_POOLS_RENDER_ENVIRONMENT_MY_ENVIRONMENT", "prod")),
                effective -> {
                    assertThat(effective.setting("render", "workers")).isEqualTo(2);
                    assertThat(effective.setting("render", "launch.maxHeap")).isEqualTo(80L << 20);
                    assertThat(effective.setting("render", "launch.jvmArguments"))
                            .isEqualTo(List.of("-Da=1"));
                    assertThat(effective.setting("render", "launch.environment"))
                            .isEqualTo(Map.of(
                                    "TESSDATA_PREFIX", "/data", "OMP_NUM_THREADS", "1", "MY_ENVIRONMENT", "prod"));
                });
    }

    @Test
    void environmentVariable_winsOverTheSameInAFile() {
        check(
                context -> {
                    yaml("processpool: {environment: {MY_VAR: file}}").initialize(context);
                    environment(Map.of("PROCESSPOOL_ENVIRONMENT_MY_VAR", "variable"))
                            .initialize(context);
                },
                effective -> assertThat(effective.setting("default", "launch.environment"))
                        .isEqualTo(Map.of("MY_VAR", "variable")));
    }

    // Boot's own maps would have two entries then, and the application a pool that nobody asked for.
    @Test
    void environmentVariable_meansThePoolOfAFile_howeverThatIsSpelled() {
        runner.withInitializer(yaml("processpool: {pools: {page-render: {workers: 2}, ocrPool: {workers: 2}}}"))
                .withInitializer(environment(
                        Map.of("PROCESSPOOL_POOLS_PAGERENDER_WORKERS", "3", "PROCESSPOOL_POOLS_OCRPOOL_WORKERS", "4")))
                .run(context -> {
                    assertThat(context.getBeansOfType(ProcessPool.class))
                            .containsOnlyKeys("processPool", "page-render", "ocrPool");
                    Effective effective = context.getBean(Effective.class);
                    assertThat(effective.setting("page-render", "workers")).isEqualTo(3);
                    assertThat(effective.setting("ocrPool", "workers")).isEqualTo(4);
                });
    }

    @Test
    void entryWithAnUnderscore_hasItsOwnEnvironment() {
        check(yaml("processpool: {pools: {page_render: {workers: 2, environment: {MY_VAR: x}}}}"), effective -> {
            assertThat(effective.setting("page_render", "workers")).isEqualTo(2);
            assertThat(effective.setting("page_render", "launch.environment")).isEqualTo(Map.of("MY_VAR", "x"));
        });
    }

    @Test
    void relaxedNames_areUnderstood() {
        runner.withPropertyValues("processpool.maxTasksPerWorker=3", "processpool.pools.myPool.max_worker_age=1h")
                .run(context -> {
                    Effective effective = context.getBean(Effective.class);
                    assertThat(effective.setting("default", "recycle.maxTasks")).isEqualTo(3);
                    assertThat(effective.setting("myPool", "recycle.maxAge")).isEqualTo(Duration.ofHours(1));
                });
    }

    @Test
    void yaml_listsAndMaps_areUnderstood() {
        check(
                yaml(
                        "unit: m",
                        "processpool:",
                        "  jvm-arguments:",
                        "    - -Da=1,2",
                        "    - -Xss${stack:1}${unit}",
                        "  environment:",
                        "    MY_VAR: '${unit}'",
                        "    NUMBER: 1",
                        "    '[with.dot]': y",
                        "    '[WITH_BRACKETS]': z",
                        "  pools:",
                        "    render:",
                        "      command-prefix: [nice, -n, '10']",
                        "      environment: {OWN_VAR: own}",
                        "    '[with.dot]':",
                        "      workers: 6",
                        "      environment: {DOT_VAR: dot}"),
                effective -> {
                    assertThat(effective.setting("render", "launch.jvmArguments"))
                            .isEqualTo(List.of("-Da=1,2", "-Xss1m"));
                    assertThat(effective.setting("render", "launch.commandPrefix"))
                            .isEqualTo(List.of("nice", "-n", "10"));
                    Map<String, String> all =
                            Map.of("MY_VAR", "m", "NUMBER", "1", "with.dot", "y", "WITH_BRACKETS", "z");
                    assertThat(effective.setting("default", "launch.environment"))
                            .isEqualTo(all);
                    assertThat(effective.setting("render", "launch.environment"))
                            .isEqualTo(plus(all, "OWN_VAR", "own"));
                    assertThat(effective.setting("with.dot", "workers")).isEqualTo(6);
                    assertThat(effective.setting("with.dot", "launch.environment"))
                            .isEqualTo(plus(all, "DOT_VAR", "dot"));
                });
    }

    // A pool that wants nothing but a name of its own.
    @Test
    void yaml_entryWithNothing_isAPoolThatInheritsAll() {
        check(yaml("processpool:", "  workers: 3", "  pools:", "    render:", "    ocr: {}"), effective -> {
            assertThat(effective.setting("render", "workers")).isEqualTo(3);
            assertThat(effective.setting("ocr", "workers")).isEqualTo(3);
        });
    }

    private static Map<String, String> plus(Map<String, String> map, String name, String value) {
        Map<String, String> all = new java.util.LinkedHashMap<>(map);
        all.put(name, value);
        return all;
    }

    // A Boot application has a directory 'config' beside its jar, and one of this name in it.
    @Test
    void workingDirectory_isADirectory_andNoClassPathResource() {
        assertThat(getClass().getResource("/META-INF")).isNotNull();
        runner.withPropertyValues("processpool.working-directory=" + new File("src/main").getAbsolutePath())
                .run(context -> assertThat(
                                context.getBean(Effective.class).setting("default", "launch.workingDirectory"))
                        .isEqualTo(Path.of("src/main").toAbsolutePath()));
    }
}
