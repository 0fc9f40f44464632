package io.processpool;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings of a pool that are refused: rows G1 and E3. Nothing is started here. */
class SettingsTests {

    private static Arguments bad(String setting, String value, Consumer<ProcessPool.Builder> call) {
        return arguments(setting, value, call);
    }

    static Stream<Arguments> badSettings() {
        return Stream.of(
                bad("workers", "0", builder -> builder.workers(0)),
                bad("workers", "-1", builder -> builder.workers(-1)),
                bad("workers", "1000000", builder -> builder.workers(1_000_000)),
                bad("standbyWorkers", "-1", builder -> builder.standbyWorkers(-1)),
                bad("maxTasksPerWorker", "0", builder -> builder.maxTasksPerWorker(0)),
                bad("maxTasksPerWorker", "-1", builder -> builder.maxTasksPerWorker(-1)),
                bad("maxWorkerAge", "PT0S", builder -> builder.maxWorkerAge(Duration.ZERO)),
                bad("maxWorkerMemory", "0", builder -> builder.maxWorkerMemory(0)),
                bad("memoryReserve", "-1", builder -> builder.memoryReserve(-1)),
                bad("idleTimeout", "PT-1S", builder -> builder.idleTimeout(Duration.ofSeconds(-1))),
                bad("taskTimeout", "PT0S", builder -> builder.taskTimeout(Duration.ZERO)),
                bad("cancelGrace", "PT-0.001S", builder -> builder.cancelGrace(Duration.ofMillis(-1))),
                bad("queueCapacity", "0", builder -> builder.queueCapacity(0)),
                bad("queueCapacity", "-10", builder -> builder.queueCapacity(-10)),
                bad("maxHeap", "1", builder -> builder.maxHeap(1)),
                bad("startTimeout", "PT0S", builder -> builder.startTimeout(Duration.ZERO)),
                bad("shutdownTimeout", "PT-1S", builder -> builder.shutdownTimeout(Duration.ofSeconds(-1))),
                bad("slowTaskThreshold", "PT0S", builder -> builder.slowTaskThreshold(Duration.ZERO)),
                bad("heartbeatTimeout", "PT0.5S", builder -> builder.heartbeatTimeout(Duration.ofMillis(500))),
                bad("debugPort", "0", builder -> builder.debugPort(0)),
                bad("debugPort", "65536", builder -> builder.debugPort(65_536)),
                bad("mdcKeys", "[user, ]", builder -> builder.mdcKeys(List.of("user", ""))),
                bad("name", "\"\"", builder -> builder.name("")),
                bad("name", "\"a b\"", builder -> builder.name("a b")),
                bad("name", "\"../x\"", builder -> builder.name("../x")),
                bad(
                        "workingDirectory",
                        "/does/not/exist",
                        builder -> builder.workingDirectory(Path.of("/does/not/exist"))));
    }

    @ParameterizedTest(name = "{0}={1}")
    @MethodSource("badSettings")
    void setting_badValue_isRefusedWithNameAndValue(String setting, String value, Consumer<ProcessPool.Builder> call) {
        ProcessPool.Builder builder = ProcessPool.builder();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> call.accept(builder))
                .withMessageContainingAll(setting + " must ", setting + "=" + value);
    }

    static Stream<Arguments> nullSettings() {
        return Stream.of(
                bad("name", "null", builder -> builder.name(null)),
                bad("maxWorkerAge", "null", builder -> builder.maxWorkerAge(null)),
                bad("idleTimeout", "null", builder -> builder.idleTimeout(null)),
                bad("taskTimeout", "null", builder -> builder.taskTimeout(null)),
                bad("cancelGrace", "null", builder -> builder.cancelGrace(null)),
                bad("saturation", "null", builder -> builder.saturation(null)),
                bad("initializer", "null", builder -> builder.initializer(null)),
                bad("finalizer", "null", builder -> builder.finalizer(null)),
                bad("jvmArguments", "null", builder -> builder.jvmArguments(null)),
                bad("environment", "null", builder -> builder.environment(null)),
                bad("workingDirectory", "null", builder -> builder.workingDirectory(null)),
                bad("commandPrefix", "null", builder -> builder.commandPrefix(null)),
                bad("classPath", "null", builder -> builder.classPath(null)),
                bad("codec", "null", builder -> builder.codec(null)),
                bad("resultFilter", "null", builder -> builder.resultFilter(null)),
                bad("startTimeout", "null", builder -> builder.startTimeout(null)),
                bad("shutdownTimeout", "null", builder -> builder.shutdownTimeout(null)),
                bad("slowTaskThreshold", "null", builder -> builder.slowTaskThreshold(null)),
                bad("mode", "null", builder -> builder.mode(null)),
                bad("classPathMode", "null", builder -> builder.classPathMode(null)),
                bad("heartbeatTimeout", "null", builder -> builder.heartbeatTimeout(null)),
                bad("taskMeter", "null", builder -> builder.taskMeter(null)),
                bad("submissionObserver", "null", builder -> builder.submissionObserver(null)),
                bad("mdcKeys", "null", builder -> builder.mdcKeys(null)),
                bad("mdcKeys", "null", builder -> builder.mdcKeys(Arrays.asList("user", null))),
                bad("listener", "null", builder -> builder.listener(null)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nullSettings")
    void setting_null_isRefusedWithItsName(String setting, String value, Consumer<ProcessPool.Builder> call) {
        assertThatNullPointerException()
                .isThrownBy(() -> call.accept(ProcessPool.builder()))
                .withMessageContaining(setting);
    }

    @Test
    void setting_smallestAllowedValues_areTaken() {
        assertThatNoException()
                .isThrownBy(() -> ProcessPool.builder()
                        .name("a.b_c-1")
                        .workers(1)
                        .standbyWorkers(0)
                        .maxTasksPerWorker(1)
                        .maxWorkerAge(Duration.ofNanos(1))
                        .maxWorkerMemory(1)
                        .memoryReserve(0)
                        .idleTimeout(Duration.ofNanos(1))
                        .taskTimeout(Duration.ofNanos(1))
                        .cancelGrace(Duration.ZERO)
                        .queueCapacity(1)
                        .maxHeap(16 << 20)
                        .shutdownTimeout(Duration.ZERO)
                        .heartbeatTimeout(Duration.ofSeconds(1))
                        .debugPort(65_535)
                        .jvmArguments(List.of()));
    }

    @Test
    void create_badWorkers_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessPool.create(0))
                .withMessageContaining("workers=0");
    }
}
