package io.processpool.spring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** A WAR in a Tomcat that is not its own: classes come from a loader of the web application. */
@Timeout(90)
class ExternalServerIT {

    /** As in Tomcat's own scripts: what its leak detection looks into. */
    private static final List<String> OPENED = Stream.of("base/java.lang", "base/java.util", "rmi/sun.rmi.transport")
            .map(name -> "--add-opens=java." + name + "=ALL-UNNAMED")
            .toList();

    @TempDir
    Path directory;

    @Test
    void undeployAndDeployAgain_leavesNoProcessAndNoThread() throws IOException {
        try (Running running = start()) {
            URI shop = awaitShop(running, 1);
            assertThat(running.output()).contains("LOADER ParallelWebappClassLoader");
            assertThat(Running.get(shop, "/shop/receipts/1")).matches("1/default/\\d+ 1/printing/\\d+");
            List<Long> workers = running.workers(2);

            running.tell("undeploy");
            running.awaitOutput("SERVER UNDEPLOYED", 1);
            Running.awaitEnd(workers);

            running.tell("deploy");
            shop = awaitShop(running, 2);
            assertThat(Running.get(shop, "/shop/receipts/2")).matches("2/default/\\d+ 2/printing/\\d+");
            assertThat(running.workers(2)).doesNotContainAnyElementsOf(workers);

            running.tell("stop");
            assertThat(running.end()).isZero();
            running.expectNothingLeft();
            assertThat(running.output()).contains("SERVER STOPPED");
            running.expectNoTrouble();
        }
    }

    // In JDK 17 the JDK's own "process reaper" keeps it for 60 s after the end of the last process.
    @Test
    @EnabledForJreRange(min = JRE.JAVA_25)
    void undeploy_leavesNoClassLoader() throws IOException {
        try (Running running = start()) {
            URI shop = awaitShop(running, 1);
            assertThat(Running.get(shop, "/shop/receipts/1")).matches("1/default/\\d+ 1/printing/\\d+");
            List<Long> workers = running.workers(2);

            running.tell("undeploy");
            running.awaitOutput("SERVER UNDEPLOYED", 1);
            Running.awaitEnd(workers);
            running.tell("collect");
            running.awaitOutput("SERVER COLLECTED true", 1);

            running.tell("stop");
            assertThat(running.end()).isZero();
        }
    }

    @Test
    void serverIsKilled_workersEndByThemselves() throws IOException {
        try (Running running = start()) {
            awaitShop(running, 1);
            running.workers(2);

            Running.signal("KILL", List.of(running.pid()));

            assertThat(running.end()).isEqualTo(137);
            running.expectNothingLeft();
        }
    }

    private Running start() throws IOException {
        Path war = Archives.ofShop(directory).war();
        Path base = Files.createDirectories(directory.resolve("server"));
        Files.createDirectories(base.resolve("webapps"));
        Path classes = directory.resolve("server-classes");
        Archives.copy(Path.of("target", "test-classes", "example", "server"), classes.resolve("example/server"));
        String classPath = Stream.concat(
                        Stream.of(classes),
                        Archives.jars("(tomcat-embed-(core|el)|jakarta.annotation-api)-.*").stream())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(OPENED);
        command.add("-XX:SoftRefLRUPolicyMSPerMB=0"); // softly is as good as not at all
        command.addAll(List.of("-cp", classPath, "example.server.ExternalServer", war.toString(), base.toString()));
        return Running.start(directory, command);
    }

    private static URI awaitShop(Running running, int times) {
        running.awaitOutput("SHOP OPEN", times);
        String port = running.awaitOutput("SERVER OPEN (\\d+)\\R", times).group(1);
        return URI.create("http://127.0.0.1:" + port);
    }
}
