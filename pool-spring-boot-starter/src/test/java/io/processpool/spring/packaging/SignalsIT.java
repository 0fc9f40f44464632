package io.processpool.spring.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.spring.testing.ShortTempDir;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A packed web application is told to end while a request waits for a task. */
@Timeout(60)
class SignalsIT {

    @TempDir
    static Path packed;

    private static Path jar;
    private static Path war;

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    @BeforeAll
    static void pack() throws IOException {
        Archives shop = Archives.ofShop(packed);
        jar = shop.jar();
        war = shop.war();
    }

    private Running start(String archive, String... arguments) {
        return start(List.of(), archive, arguments);
    }

    private Running start(List<String> prefix, String archive, String... arguments) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("-jar", (archive.equals("jar") ? jar : war).toString()));
        command.addAll(List.of(arguments));
        return Running.start(directory, prefix, command);
    }

    /** Starts a request whose task goes on until {@link #go}. */
    private CompletableFuture<String> begin(URI shop) {
        CompletableFuture<String> answer = Running.ask(shop, "/receipt-once/late?directory=" + directory);
        await("the task has begun")
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Files.exists(directory.resolve("late-begun")));
        return answer;
    }

    private void go() throws IOException {
        Files.createFile(directory.resolve("late-go"));
    }

    @ParameterizedTest
    @CsvSource({"jar,launcher", "jar,extracted", "war,auto"})
    void terminated_requestIsAnsweredAndNothingIsLeft(String archive, String mode) throws IOException {
        try (Running running = start(archive, "--processpool.class-path=" + mode)) {
            URI shop = running.awaitOpen(1);
            CompletableFuture<String> answer = begin(shop);
            running.workers(2);

            Running.signal("TERM", List.of(running.pid()));
            running.awaitOutput("Commencing graceful shutdown", 1);
            go();

            assertThat(answer.join()).startsWith("late/default/");
            assertThat(running.end()).isEqualTo(143);
            running.expectNothingLeft();
            running.expectNoTrouble();
        }
    }

    /** Ctrl-C reaches the workers too; they leave it to the application. */
    @Test
    void interruptedAtTheTerminal_requestIsAnsweredAndNothingIsLeft() throws IOException {
        try (Running running = start(Running.heeding("INT"), "jar")) {
            URI shop = running.awaitOpen(1);
            CompletableFuture<String> answer = begin(shop);
            List<Long> all = new ArrayList<>(running.workers(2));
            all.add(running.pid());

            Running.signal("INT", all);
            running.awaitOutput("Commencing graceful shutdown", 1);
            go();

            assertThat(answer.join()).startsWith("late/default/");
            assertThat(running.end()).isEqualTo(130);
            running.expectNothingLeft();
            running.expectNoTrouble();
        }
    }

    @ParameterizedTest
    @CsvSource({"jar,launcher", "jar,extracted", "war,auto"})
    void killed_workersEndByThemselvesAndTidyUp(String archive, String mode) {
        try (Running running = start(archive, "--processpool.class-path=" + mode)) {
            begin(running.awaitOpen(1));
            running.workers(2);

            Running.signal("KILL", List.of(running.pid()));

            assertThat(running.end()).isEqualTo(137);
            running.expectNothingLeft("tomcat.*");
        }
    }

    @Test
    void exited_withTheCodeOfTheApplication() {
        try (Running running = start("jar")) {
            URI shop = running.awaitOpen(1);
            running.workers(2);

            assertThat(Running.get(shop, "/exit")).isEqualTo("bye");

            assertThat(running.end()).isEqualTo(7);
            running.expectNothingLeft();
            running.expectNoTrouble();
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreads_waitForTasksAndEnd() throws IOException {
        try (Running running = start("jar", "--spring.threads.virtual.enabled=true")) {
            URI shop = running.awaitOpen(1);
            CompletableFuture<String> answer = begin(shop);
            running.workers(2);

            Running.signal("TERM", List.of(running.pid()));
            running.awaitOutput("Commencing graceful shutdown", 1);
            go();

            assertThat(answer.join()).endsWith("served by a virtual thread");
            assertThat(running.end()).isEqualTo(143);
            running.expectNothingLeft();
            running.expectNoTrouble();
        }
    }
}
