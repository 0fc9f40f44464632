package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.processpool.Mode;
import io.processpool.ProcessPool;
import io.processpool.spring.testing.NothingLeft;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What an application says that does not start because of its pools: the property, the value, what is allowed. */
@ExtendWith({OutputCaptureExtension.class, NothingLeft.class})
class FailureAnalysisIT {

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(ProcessPoolAutoConfiguration.class)
    static class Application {}

    /** The default pool is the application's own, so that what is below 'processpool' is there to be inherited only. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(ProcessPoolAutoConfiguration.class)
    static class ApplicationWithOwnPool {
        @Bean
        ProcessPool mine() {
            return ProcessPool.builder().mode(Mode.INLINE).workers(1).build();
        }
    }

    /** Starts an application that cannot, and returns what it says. */
    private static String failure(CapturedOutput output, Class<?> application, String... properties) {
        Throwable failure = catchThrowable(() -> new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .properties("processpool.workers=1") // a default, which all else wins over
                .registerShutdownHook(false)
                .run(Stream.concat(Stream.of("spring.main.banner-mode=off"), Arrays.stream(properties))
                        .map(property -> "--" + property)
                        .toArray(String[]::new))
                .close());
        assertThat(failure).isNotNull();
        String all = output.getAll();
        assertThat(all).contains("APPLICATION FAILED TO START");
        return all.substring(all.indexOf("APPLICATION FAILED TO START"));
    }

    private static Arguments invalid(String property, String... words) {
        return arguments(property, words);
    }

    static Stream<Arguments> invalidValues() {
        return Stream.of(
                invalid("processpool.workers=0", "'0'", "workers must be >= 1"),
                invalid(
                        "processpool.workers=abc",
                        "\"abc\"",
                        "failed to convert java.lang.String to java.lang.Integer"),
                invalid("processpool.workers=5000", "'5000'", "workers must be <= 4096"),
                invalid("processpool.name=a b", "'a b'", "letters, digits or any of . _ -"),
                invalid("processpool.standby-workers=-1", "'-1'", "standbyWorkers must be >= 0"),
                invalid("processpool.max-tasks-per-worker=0", "'0'", "maxTasksPerWorker must be >= 1"),
                invalid("processpool.max-worker-age=0s", "'0s'", "maxWorkerAge must be positive"),
                invalid("processpool.max-worker-age=soon", "\"soon\"", "failed to convert"),
                invalid("processpool.max-worker-memory=0B", "'0B'", "maxWorkerMemory must be >= 1"),
                invalid("processpool.memory-reserve=-1B", "'-1B'", "memoryReserve must be >= 0"),
                invalid("processpool.idle-timeout=0s", "'0s'", "idleTimeout must be positive"),
                invalid("processpool.task-timeout=-5s", "'-5s'", "taskTimeout must be positive"),
                invalid("processpool.cancel-grace=-1s", "'-1s'", "cancelGrace must not be negative"),
                invalid("processpool.queue-capacity=0", "'0'", "queueCapacity must be >= 1"),
                invalid("processpool.saturation=explode", "\"explode\"", "BLOCK", "REJECT"),
                invalid("processpool.mode=thread", "\"thread\"", "PROCESS", "INLINE"),
                invalid("processpool.start=soon", "\"soon\"", "EAGER", "LAZY", "READY"),
                invalid("processpool.lifecycle.stop=late", "\"late\"", "AUTO", "PHASE", "DESTROY"),
                invalid("processpool.class-path=jar", "\"jar\"", "AUTO", "LAUNCHER", "EXTRACTED"),
                invalid("processpool.initializer=no.such.Type", "\"no.such.Type\"", "failed to convert"),
                invalid(
                        "processpool.initializer=java.lang.String",
                        "'java.lang.String'",
                        "does not implement io.processpool.TaskRunnable"),
                invalid(
                        "processpool.finalizer=java.lang.Number",
                        "'java.lang.Number'",
                        "does not implement io.processpool.TaskRunnable"),
                invalid(
                        "processpool.codec=io.processpool.Codec",
                        "'io.processpool.Codec'",
                        "Specified class is an interface"),
                invalid("processpool.codec=no.such.Type", "'no.such.Type'", "there is no class no.such.Type"),
                invalid(
                        "processpool.codec=java.lang.String",
                        "'java.lang.String'",
                        "does not implement io.processpool.Codec"),
                invalid("processpool.max-heap=1MB", "'1MB'", "maxHeap must be >= 16777216"),
                invalid("processpool.max-heap=much", "\"much\"", "failed to convert"),
                invalid("processpool.working-directory=/no/such", "'/no/such'", "must be an existing directory"),
                invalid("processpool.result-filter=!", "'!'", "It was refused"),
                invalid("processpool.start-timeout=0s", "'0s'", "startTimeout must be positive"),
                invalid("processpool.shutdown-timeout=-1s", "'-1s'", "shutdownTimeout must not be negative"),
                invalid("processpool.slow-task-threshold=0s", "'0s'", "slowTaskThreshold must be positive"),
                invalid("processpool.debug-port=70000", "'70000'", "debugPort must be 1 to 65535"),
                invalid("processpool.heartbeat-timeout=10ms", "'10ms'", "heartbeatTimeout must be >= PT1S"),
                invalid("processpool.history-size=-1", "'-1'", "0 or more"),
                invalid("processpool.pools.render.workers=0", "'0'", "workers must be >= 1"),
                invalid("processpool.pools.render.workers=abc", "\"abc\"", "failed to convert"),
                invalid("processpool.pools.render.max-tasks-per-worker=0", "'0'", "maxTasksPerWorker must be >= 1"),
                invalid("processpool.pools.default.workers=1", "'default'", "directly below 'processpool'"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalidValues")
    void invalidValue_isAnalysed(String property, String[] words, CapturedOutput output) {
        String name = property.substring(0, property.indexOf('='));
        assertThat(failure(output, Application.class, property))
                .contains(name.equals("processpool.pools.default.workers") ? "processpool.pools.default" : name)
                .contains(words);
    }

    @Test
    void inheritedValue_isAnalysedWhereItWasSet(CapturedOutput output) {
        assertThat(failure(
                        output,
                        ApplicationWithOwnPool.class,
                        "processpool.jvm-arguments[0]=-Da=1",
                        "processpool.jvm-arguments[1]= ",
                        "processpool.pools.render.workers=1"))
                .contains("'processpool.jvm-arguments'", "must contain no blank element");
    }

    @Test
    void valueInRelaxedForm_isAnalysedAsTheOwnOne(CapturedOutput output) {
        assertThat(failure(
                        output,
                        ApplicationWithOwnPool.class,
                        "processpool.maxTasksPerWorker=5",
                        "processpool.pools.render.maxTasksPerWorker=0"))
                .contains("'processpool.pools.render.max-tasks-per-worker'", "'0'");
    }

    @Test
    void fory_classThatIsNone_isAnalysed(CapturedOutput output) {
        assertThat(failure(
                        output, Application.class, "processpool.codec=fory", "processpool.fory.register=no.such.Type"))
                .contains("'processpool.fory.register'", "no.such.Type", "there is no class no.such.Type");
    }

    @Test
    void fory_patternThatIsNone_isAnalysed(CapturedOutput output) {
        assertThat(failure(
                        output, Application.class, "processpool.codec=fory", "processpool.pools.render.fory.allow=*"))
                .contains("'processpool.pools.render.fory.allow'", "patterns must be class names", "'*'");
    }

    @Test
    void fory_classesAndPatterns_areAnalysed(CapturedOutput output) {
        assertThat(failure(
                        output,
                        Application.class,
                        "processpool.codec=fory",
                        "processpool.fory.register=java.io.File",
                        "processpool.fory.allow=com.acme.*"))
                .contains("'processpool.fory.allow'", "not both");
    }

    // Asked for before Spring itself does, which would have it analysed.
    @Test
    void timeoutOfSpringsPhase_isAnalysed(CapturedOutput output) {
        assertThat(failure(output, Application.class, "spring.lifecycle.timeout-per-shutdown-phase=soon"))
                .contains("spring.lifecycle.timeout-per-shutdown-phase", "\"soon\"", "failed to convert");
    }

    @Test
    void twoPoolsOfOneName_areAnalysed(CapturedOutput output) {
        assertThat(failure(
                        output,
                        Application.class,
                        "processpool.mode=inline",
                        "processpool.name=render",
                        "processpool.pools.render.workers=1"))
                .contains("'processpool.name'", "'render'", "'processpool' and 'processpool.pools.render'");
    }

    @Test
    void environment_valuesAreNotTold(CapturedOutput output) {
        assertThat(failure(output, Application.class, "processpool.environment.MY_VAR=sec\0ret"))
                .contains("processpool.environment", "MY_VAR", "must have values without NUL")
                .doesNotContain("sec\0ret");
    }

    @Test
    void valuesThatContradictEachOther_areAnalysed(CapturedOutput output) {
        assertThat(failure(
                        output,
                        Application.class,
                        "processpool.pools.render.debug-port=65535",
                        "processpool.workers=2"))
                .contains("processpool.pools.render", "debugPort must leave a port", "workers=2");
    }

    @Test
    void entry_namedAsAnotherBean_isAnalysed(CapturedOutput output) {
        assertThat(failure(output, ApplicationWithOwnPool.class, "processpool.pools.processPoolFactory.workers=1"))
                .contains("processpool.pools.processPoolFactory", "another bean of this name");
    }

    // ---- workers that cannot be started ---------------------------------------------------------------------------

    @Test
    void ready_unknownJvmOption_isAnalysedWithTheWordsOfTheWorker(CapturedOutput output) {
        assertThat(failure(
                        output,
                        Application.class,
                        "processpool.start=ready",
                        "processpool.workers=1",
                        "processpool.jvm-arguments=-XX:+NoSuchOption"))
                .contains("A process pool could not start any worker", "NoSuchOption", "pool=default")
                .contains("jvm-arguments", "start: eager");
    }

    @Test
    void ready_failingInitializer_isAnalysedWithItsException(CapturedOutput output) {
        assertThat(failure(
                        output,
                        Application.class,
                        "processpool.pools.render.start=ready",
                        "processpool.workers=1",
                        "processpool.pools.render.initializer=" + Samples.FailingInitializer.class.getName()))
                .contains("A process pool could not start any worker", "the model is missing", "pool=render");
    }
}
