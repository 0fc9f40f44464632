package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.Context;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.ObservationRegistry;
import io.processpool.ProcessPool;
import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.LonelyApp;
import jakarta.annotation.PostConstruct;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.aop.Advisor;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.expression.Expression;
import org.yaml.snakeyaml.Yaml;

/** The starter in a JVM that truly lacks everything optional. */
@ExtendWith(LeavesNoProcess.class)
class StarterAloneIT {

    /** One class of each library that {@code spring-boot-starter} brings, and of ours. */
    private static final List<Class<?>> LIBRARIES = List.of(
            ProcessPool.class,
            ProcessPoolAutoConfiguration.class,
            LonelyApp.class,
            SpringApplication.class,
            EnableAutoConfiguration.class,
            ApplicationContext.class,
            BeanFactory.class,
            Advisor.class,
            Expression.class,
            Ordered.class,
            LogFactory.class,
            KeyValue.class,
            ObservationRegistry.class,
            LoggerFactory.class,
            SLF4JBridgeHandler.class,
            LoggerContext.class,
            Context.class,
            PostConstruct.class,
            Yaml.class,
            NullMarked.class);

    @TempDir
    Path directory;

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nothingElse_poolRunsTasks() throws Exception {
        String output = run(0);

        assertThat(output)
                .contains("in another process: true", "headers: {}", "parts: [ProcessPoolAutoConfiguration]")
                .doesNotContain("Exception", "WARN", "ERROR");
    }

    @Test
    void codecFory_isAnalysed() throws Exception {
        assertThat(run(1, "--processpool.codec=fory"))
                .contains("APPLICATION FAILED TO START", "processpool.codec", "'fory'")
                .contains("Apache Fory is not on the class path: add org.apache.fory:fory-core:");
    }

    /** Runs the application and returns what it said. */
    private String run(int expectedExit, String... properties) throws Exception {
        String classPath = LIBRARIES.stream()
                .map(StarterAloneIT::location)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        Path output = directory.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                classPath,
                LonelyApp.class.getName(),
                "--processpool.workers=1"));
        command.addAll(List.of(properties));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(output);
        assertThat(process.exitValue()).as(said).isEqualTo(expectedExit);
        return said;
    }
}
