package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.processpool.ClassPathMode;
import io.processpool.Codec;
import io.processpool.Mode;
import io.processpool.PoolListener;
import io.processpool.ProcessPool;
import io.processpool.Saturation;
import io.processpool.TaskRunnable;
import io.processpool.TaskSerializationException;
import io.processpool.internal.LaunchSettings;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.Trust;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.OutputStream;
import java.io.Serial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DefaultBuilderTests {

    private static final Duration NEGATIVE = Duration.ofMillis(-1);
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    private final DefaultBuilder builder = new DefaultBuilder();

    // ---- defaults -------------------------------------------------------------------------------------------------

    @Test
    void defaults_nothingSet_areAsDocumented() {
        PoolConfig config = builder.config();

        assertThat(config.name()).matches("pool-[0-9]+");
        assertThat(config.mode()).isEqualTo(Mode.PROCESS);
        assertThat(config.workers()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.standbyWorkers()).isZero();
        assertThat(config.recycle().maxTasks()).isZero();
        assertThat(config.recycle().maxAge()).isNull();
        assertThat(config.recycle().maxMemory()).isZero();
        assertThat(config.recycle().memoryReserve()).isEqualTo(-1);
        assertThat(config.recycle().idleTimeout()).isNull();
        assertThat(config.tasks().timeout()).isNull();
        assertThat(config.tasks().cancelGrace()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.tasks().slowThreshold()).isNull();
        assertThat(config.tasks().queueCapacity()).isEqualTo(10_000);
        assertThat(config.tasks().saturation()).isEqualTo(Saturation.BLOCK);
        assertThat(config.launch())
                .isEqualTo(new LaunchSettings(
                        0,
                        List.of(),
                        Map.of(),
                        Set.of(),
                        null,
                        List.of(),
                        List.of(),
                        ClassPathMode.AUTO,
                        Duration.ofSeconds(30),
                        0,
                        true,
                        true));
        assertThat(config.initializer()).isNull();
        assertThat(config.finalizer()).isNull();
        assertThat(config.codec()).isNull();
        assertThat(config.trust()).isEqualTo(Trust.FULL);
        assertThat(config.shutdownTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.registerShutdownHook()).isTrue();
        assertThat(config.heartbeatTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.listeners()).isEmpty();
    }

    @Test
    void defaults_severalPools_haveNamesOfTheirOwn() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            names.add(builder.config().name());
        }

        assertThat(names).hasSize(10);
    }

    // ---- what is set ----------------------------------------------------------------------------------------------

    @Test
    void config_everythingSet_isKept(@TempDir Path directory) {
        TaskRunnable initializer = () -> {};
        TaskRunnable finalizer = () -> {};
        Codec codec = new NoCodec();
        ObjectInputFilter filter = info -> ObjectInputFilter.Status.UNDECIDED;
        PoolListener one = new PoolListener() {};
        PoolListener other = new PoolListener() {};

        builder.name("my.pool_1-x")
                .mode(Mode.INLINE)
                .workers(3)
                .standbyWorkers(2)
                .maxTasksPerWorker(100)
                .maxWorkerAge(Duration.ofHours(1))
                .maxWorkerMemory(1 << 30)
                .memoryReserve(1 << 20)
                .idleTimeout(Duration.ofMinutes(1))
                .taskTimeout(Duration.ofSeconds(5))
                .cancelGrace(Duration.ZERO)
                .slowTaskThreshold(Duration.ofSeconds(1))
                .queueCapacity(1)
                .saturation(Saturation.REJECT)
                .initializer(initializer)
                .finalizer(finalizer)
                .maxHeap(16L << 20)
                .jvmArguments(List.of("-Xss1m"))
                .environment(Map.of("A", "b"))
                .inheritEnvironment(Set.of("DB_*"))
                .workingDirectory(directory)
                .commandPrefix(List.of("nice"))
                .classPath(List.of(CLASS_PATH))
                .classPathMode(ClassPathMode.EXTRACTED)
                .codec(codec)
                .resultFilter(filter)
                .untrusted(true)
                .resultTypes(Mode.class, Duration[].class)
                .startTimeout(Duration.ofSeconds(7))
                .shutdownTimeout(Duration.ZERO)
                .debugPort(5005)
                .classDataSharing(false)
                .sharedMemory(false)
                .heartbeatTimeout(Duration.ofSeconds(1))
                .registerShutdownHook(false)
                .listener(one)
                .listener(other);
        PoolConfig config = builder.config();

        assertThat(config.name()).isEqualTo("my.pool_1-x");
        assertThat(config.mode()).isEqualTo(Mode.INLINE);
        assertThat(config.workers()).isEqualTo(3);
        assertThat(config.standbyWorkers()).isEqualTo(2);
        assertThat(config.recycle().maxTasks()).isEqualTo(100);
        assertThat(config.recycle().maxAge()).isEqualTo(Duration.ofHours(1));
        assertThat(config.recycle().maxMemory()).isEqualTo(1 << 30);
        assertThat(config.recycle().memoryReserve()).isEqualTo(1 << 20);
        assertThat(config.recycle().idleTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.tasks().timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.tasks().cancelGrace()).isZero();
        assertThat(config.tasks().slowThreshold()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.tasks().queueCapacity()).isEqualTo(1);
        assertThat(config.tasks().saturation()).isEqualTo(Saturation.REJECT);
        assertThat(config.initializer()).isSameAs(initializer);
        assertThat(config.finalizer()).isSameAs(finalizer);
        assertThat(config.launch())
                .isEqualTo(new LaunchSettings(
                        16L << 20,
                        List.of("-Xss1m"),
                        Map.of("A", "b"),
                        Set.of("DB_*"),
                        directory,
                        List.of("nice"),
                        List.of(CLASS_PATH),
                        ClassPathMode.EXTRACTED,
                        Duration.ofSeconds(7),
                        5005,
                        false,
                        false));
        assertThat(config.codec()).isSameAs(codec);
        assertThat(config.trust()).isEqualTo(new Trust(true, Set.of(Mode.class, Duration[].class), filter));
        assertThat(config.shutdownTimeout()).isZero();
        assertThat(config.heartbeatTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.registerShutdownHook()).isFalse();
        assertThat(config.listeners()).containsExactly(one, other);
    }

    @Test
    void config_builderOrCollectionsChangeLater_staysAsItWas() {
        List<String> arguments = new ArrayList<>(List.of("-Da=b"));
        Map<String, String> environment = new HashMap<>(Map.of("A", "b"));
        builder.jvmArguments(arguments).environment(environment).workers(1);
        PoolConfig config = builder.config();

        arguments.add("-Dc=d");
        environment.put("C", "d");
        builder.workers(9).listener(new PoolListener() {});

        assertThat(config.launch().jvmArguments()).containsExactly("-Da=b");
        assertThat(config.launch().environment()).containsOnlyKeys("A");
        assertThat(config.workers()).isEqualTo(1);
        assertThat(config.listeners()).isEmpty();
        assertThat(builder.config().launch().jvmArguments()).containsExactly("-Da=b");
    }

    @Test
    void config_shown_masksArgumentsAndEnvironment() {
        builder.jvmArguments(List.of("-Dpassword=secret1")).environment(Map.of("TOKEN", "secret2"));

        assertThat(builder.config().toString()).contains("TOKEN").doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-1._x", "pool-1"})
    void name_valid_isTaken(String name) {
        builder.name(name);

        assertThat(builder.config().name()).isEqualTo(name);
    }

    @Test
    void limits_justWithin_areTaken() {
        builder.name("n".repeat(64))
                .workers(4096)
                .maxTasksPerWorker(1)
                .maxWorkerMemory(1)
                .maxHeap(16L << 20)
                .debugPort(1)
                .queueCapacity(1)
                .startTimeout(Duration.ofNanos(1))
                .heartbeatTimeout(Duration.ofSeconds(1));
        builder.workers(1).debugPort(65535);

        assertThat(builder.config().launch().debugPort()).isEqualTo(65535);
    }

    // ---- what is refused ------------------------------------------------------------------------------------------

    private static Arguments invalid(Consumer<ProcessPool.Builder> setting, String message) {
        return Arguments.of(message, setting);
    }

    static Stream<Arguments> invalidValues() {
        String tooLong = "n".repeat(65);
        String nameRule = "name must be 1 to 64 letters, digits or any of . _ -: name=";
        return Stream.of(
                invalid(b -> b.name(""), nameRule + "\"\""),
                invalid(b -> b.name(" "), nameRule + "\" \""),
                invalid(b -> b.name("a b"), nameRule + "\"a b\""),
                invalid(b -> b.name("a/b"), nameRule + "\"a/b\""),
                invalid(b -> b.name("a\n"), nameRule + "\"a\n\""),
                invalid(b -> b.name("ü"), nameRule + "\"ü\""),
                invalid(b -> b.name(tooLong), nameRule + "\"" + tooLong + "\""),
                invalid(b -> b.workers(0), "workers must be >= 1: workers=0"),
                invalid(b -> b.workers(-1), "workers must be >= 1: workers=-1"),
                invalid(b -> b.workers(4097), "workers must be <= 4096: workers=4097"),
                invalid(b -> b.standbyWorkers(-1), "standbyWorkers must be >= 0: standbyWorkers=-1"),
                invalid(b -> b.maxTasksPerWorker(0), "maxTasksPerWorker must be >= 1: maxTasksPerWorker=0"),
                invalid(b -> b.maxWorkerAge(Duration.ZERO), "maxWorkerAge must be positive: maxWorkerAge=PT0S"),
                invalid(b -> b.maxWorkerAge(NEGATIVE), "maxWorkerAge must be positive: maxWorkerAge=PT-0.001S"),
                invalid(b -> b.maxWorkerMemory(0), "maxWorkerMemory must be >= 1: maxWorkerMemory=0"),
                invalid(b -> b.memoryReserve(-1), "memoryReserve must be >= 0: memoryReserve=-1"),
                invalid(b -> b.idleTimeout(Duration.ZERO), "idleTimeout must be positive: idleTimeout=PT0S"),
                invalid(b -> b.idleTimeout(NEGATIVE), "idleTimeout must be positive: idleTimeout=PT-0.001S"),
                invalid(b -> b.taskTimeout(Duration.ZERO), "taskTimeout must be positive: taskTimeout=PT0S"),
                invalid(b -> b.taskTimeout(NEGATIVE), "taskTimeout must be positive: taskTimeout=PT-0.001S"),
                invalid(b -> b.cancelGrace(NEGATIVE), "cancelGrace must not be negative: cancelGrace=PT-0.001S"),
                invalid(b -> b.queueCapacity(0), "queueCapacity must be >= 1: queueCapacity=0"),
                invalid(b -> b.maxHeap(0), "maxHeap must be >= 16777216: maxHeap=0"),
                invalid(b -> b.maxHeap((16L << 20) - 1), "maxHeap must be >= 16777216: maxHeap=16777215"),
                invalid(
                        b -> b.workingDirectory(Path.of("/no/such/place")),
                        "workingDirectory must be an existing directory: workingDirectory=/no/such/place"),
                invalid(b -> b.startTimeout(Duration.ZERO), "startTimeout must be positive: startTimeout=PT0S"),
                invalid(
                        b -> b.shutdownTimeout(NEGATIVE),
                        "shutdownTimeout must not be negative: shutdownTimeout=PT-0.001S"),
                invalid(
                        b -> b.slowTaskThreshold(Duration.ZERO),
                        "slowTaskThreshold must be positive: slowTaskThreshold=PT0S"),
                invalid(b -> b.debugPort(0), "debugPort must be 1 to 65535: debugPort=0"),
                invalid(b -> b.debugPort(65536), "debugPort must be 1 to 65535: debugPort=65536"),
                invalid(
                        b -> b.heartbeatTimeout(Duration.ofMillis(999)),
                        "heartbeatTimeout must be >= PT1S: heartbeatTimeout=PT0.999S"),
                invalid(
                        b -> b.heartbeatTimeout(NEGATIVE),
                        "heartbeatTimeout must be >= PT1S: heartbeatTimeout=PT-0.001S"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalidValues")
    void setting_invalid_isRefusedWithNameValueAndWhatIsAllowed(String message, Consumer<ProcessPool.Builder> setting) {
        builder.name("same");
        PoolConfig before = builder.config();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> setting.accept(builder))
                .withMessage(message);

        assertThat(builder.config()).as("unchanged").isEqualTo(before);
    }

    @Test
    void workingDirectory_aFile_isRefused(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.workingDirectory(file))
                .withMessage("workingDirectory must be an existing directory: workingDirectory=" + file);
    }

    /** What a process can never be started with is refused here, not at each start of a worker. */
    static Stream<Arguments> impossibleForAProcess() {
        return Stream.of(
                Arguments.of("environment", (Consumer<ProcessPool.Builder>) b -> b.environment(Map.of("", "x"))),
                Arguments.of("environment", (Consumer<ProcessPool.Builder>) b -> b.environment(Map.of("A=B", "x"))),
                Arguments.of("environment", (Consumer<ProcessPool.Builder>) b -> b.environment(Map.of("A\0", "x"))),
                Arguments.of("environment", (Consumer<ProcessPool.Builder>) b -> b.environment(Map.of("A", "\0"))),
                Arguments.of("jvmArguments", (Consumer<ProcessPool.Builder>) b -> b.jvmArguments(List.of("-Da=b", ""))),
                Arguments.of("jvmArguments", (Consumer<ProcessPool.Builder>) b -> b.jvmArguments(List.of("-Da=\0"))),
                Arguments.of(
                        "commandPrefix", (Consumer<ProcessPool.Builder>) b -> b.commandPrefix(List.of("nice", "\0"))),
                Arguments.of("commandPrefix", (Consumer<ProcessPool.Builder>) b -> b.commandPrefix(List.of(""))),
                Arguments.of("jvmArguments", (Consumer<ProcessPool.Builder>) b -> b.jvmArguments(List.of("@more"))),
                Arguments.of("jvmArguments", (Consumer<ProcessPool.Builder>) b -> b.jvmArguments(List.of("Main"))),
                Arguments.of("classPath", (Consumer<ProcessPool.Builder>) b -> b.classPath(List.of("a.jar"))),
                Arguments.of("classPath", (Consumer<ProcessPool.Builder>) b -> b.classPath(List.of("a\0.jar"))));
    }

    @ParameterizedTest
    @MethodSource("impossibleForAProcess")
    void setting_thatNoProcessCanHave_isRefused(String name, Consumer<ProcessPool.Builder> setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setting.accept(builder))
                .withMessageContaining(name);
    }

    @Test
    void debugPort_notEnoughPortsForTheWorkers_isRefusedAtTheEnd() {
        builder.debugPort(65_535).workers(2).mode(Mode.INLINE);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.build().terminate())
                .withMessageContaining("debugPort=65535")
                .withMessageContaining("workers=2");
    }

    @SuppressWarnings("NullAway") // that is the point
    static Stream<Arguments> nulls() {
        return Stream.of(
                Arguments.of("name", (Consumer<ProcessPool.Builder>) b -> b.name(null)),
                Arguments.of("mode", (Consumer<ProcessPool.Builder>) b -> b.mode(null)),
                Arguments.of("maxWorkerAge", (Consumer<ProcessPool.Builder>) b -> b.maxWorkerAge(null)),
                Arguments.of("idleTimeout", (Consumer<ProcessPool.Builder>) b -> b.idleTimeout(null)),
                Arguments.of("taskTimeout", (Consumer<ProcessPool.Builder>) b -> b.taskTimeout(null)),
                Arguments.of("cancelGrace", (Consumer<ProcessPool.Builder>) b -> b.cancelGrace(null)),
                Arguments.of("slowTaskThreshold", (Consumer<ProcessPool.Builder>) b -> b.slowTaskThreshold(null)),
                Arguments.of("saturation", (Consumer<ProcessPool.Builder>) b -> b.saturation(null)),
                Arguments.of("initializer", (Consumer<ProcessPool.Builder>) b -> b.initializer(null)),
                Arguments.of("finalizer", (Consumer<ProcessPool.Builder>) b -> b.finalizer(null)),
                Arguments.of("jvmArguments", (Consumer<ProcessPool.Builder>) b -> b.jvmArguments(null)),
                Arguments.of("environment", (Consumer<ProcessPool.Builder>) b -> b.environment(null)),
                Arguments.of("workingDirectory", (Consumer<ProcessPool.Builder>) b -> b.workingDirectory(null)),
                Arguments.of("commandPrefix", (Consumer<ProcessPool.Builder>) b -> b.commandPrefix(null)),
                Arguments.of("classPath", (Consumer<ProcessPool.Builder>) b -> b.classPath(null)),
                Arguments.of("codec", (Consumer<ProcessPool.Builder>) b -> b.codec(null)),
                Arguments.of("resultFilter", (Consumer<ProcessPool.Builder>) b -> b.resultFilter(null)),
                Arguments.of("startTimeout", (Consumer<ProcessPool.Builder>) b -> b.startTimeout(null)),
                Arguments.of("shutdownTimeout", (Consumer<ProcessPool.Builder>) b -> b.shutdownTimeout(null)),
                Arguments.of("heartbeatTimeout", (Consumer<ProcessPool.Builder>) b -> b.heartbeatTimeout(null)),
                Arguments.of("listener", (Consumer<ProcessPool.Builder>) b -> b.listener(null)));
    }

    @ParameterizedTest
    @MethodSource("nulls")
    void setting_null_isRefusedWithItsName(String name, Consumer<ProcessPool.Builder> setting) {
        assertThatNullPointerException()
                .isThrownBy(() -> setting.accept(builder))
                .withMessage(name + " must not be null: " + name + "=null");
    }

    static Stream<Arguments> nullsInside() {
        Map<String, String> nullValue = new HashMap<>();
        nullValue.put("A", null);
        return Stream.of(
                Arguments.of("jvmArguments", (Consumer<ProcessPool.Builder>)
                        b -> b.jvmArguments(Arrays.asList("-Da=b", null))),
                Arguments.of("commandPrefix", (Consumer<ProcessPool.Builder>)
                        b -> b.commandPrefix(Arrays.asList("nice", null))),
                Arguments.of(
                        "classPath", (Consumer<ProcessPool.Builder>) b -> b.classPath(Arrays.asList("a.jar", null))),
                Arguments.of("environment", (Consumer<ProcessPool.Builder>) b -> b.environment(nullValue)));
    }

    @ParameterizedTest
    @MethodSource("nullsInside")
    void setting_nullInside_isRefusedWithItsName(String name, Consumer<ProcessPool.Builder> setting) {
        assertThatNullPointerException()
                .isThrownBy(() -> setting.accept(builder))
                .withMessageContaining(name);
    }

    // ---- build, without processes ---------------------------------------------------------------------------------

    @Test
    void builder_ofTheApi_isThis() {
        assertThat(ProcessPool.builder()).isInstanceOf(DefaultBuilder.class);
    }

    @Test
    void build_twice_makesTwoPools() {
        builder.mode(Mode.INLINE).workers(1);
        try (ProcessPool one = builder.build();
                ProcessPool other = builder.build()) {
            assertThat(one).isNotSameAs(other);
            assertThat(one.snapshot().name()).isNotEqualTo(other.snapshot().name());
        }
    }

    @Test
    void build_initializerCannotTravel_isRefused() {
        Object captured = new Object();
        builder.mode(Mode.INLINE)
                .workers(1)
                .initializer(() -> assertThat(captured).isNotNull());

        assertThatExceptionOfType(TaskSerializationException.class)
                .isThrownBy(() -> builder.build().terminate())
                .withMessageContaining("initializer");
    }

    static Stream<Arguments> durations() {
        return Stream.<Map.Entry<String, BiFunction<ProcessPool.Builder, Duration, ProcessPool.Builder>>>of(
                        Map.entry("maxWorkerAge", ProcessPool.Builder::maxWorkerAge),
                        Map.entry("idleTimeout", ProcessPool.Builder::idleTimeout),
                        Map.entry("taskTimeout", ProcessPool.Builder::taskTimeout),
                        Map.entry("cancelGrace", ProcessPool.Builder::cancelGrace),
                        Map.entry("slowTaskThreshold", ProcessPool.Builder::slowTaskThreshold),
                        Map.entry("startTimeout", ProcessPool.Builder::startTimeout),
                        Map.entry("shutdownTimeout", ProcessPool.Builder::shutdownTimeout),
                        Map.entry("heartbeatTimeout", ProcessPool.Builder::heartbeatTimeout))
                .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    /** {@code ChronoUnit.FOREVER} is how Java spells "never", and overflows as soon as it is counted in milliseconds. */
    @Timeout(20)
    @ParameterizedTest(name = "{0}")
    @MethodSource("durations")
    void build_durationForEver_works(
            String name, BiFunction<ProcessPool.Builder, Duration, ProcessPool.Builder> setting) {
        ProcessPool.Builder set = setting.apply(builder.mode(Mode.INLINE).workers(1), ChronoUnit.FOREVER.getDuration());

        try (ProcessPool pool = set.build()) {
            assertThat(pool.<Integer>apply(() -> 42)).isEqualTo(42);
            assertThat(pool.<Integer>apply(() -> 43)).isEqualTo(43);
        }
    }

    /** A codec that is never used. */
    private static final class NoCodec implements Codec {

        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public void encode(Object value, OutputStream out) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object decode(InputStream in, ClassLoader loader, @Nullable ObjectInputFilter filter) {
            throw new UnsupportedOperationException();
        }
    }
}
