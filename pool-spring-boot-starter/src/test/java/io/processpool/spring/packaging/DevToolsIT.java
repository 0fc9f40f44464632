package io.processpool.spring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** DevTools restarts an application, whose classes then come from a new loader, when one of its files changes. */
@Timeout(60)
class DevToolsIT {

    @TempDir
    Path directory;

    @Test
    void restart_newWorkersServeWithTheNewClasses() throws IOException {
        Archives shop = Archives.ofShop(directory);
        Path resource = Files.writeString(shop.classes().resolve("prices.txt"), "old");
        List<Path> devTools = Archives.jars("spring-boot-devtools-.*");
        assertThat(devTools).hasSize(1);
        List<String> command = List.of(
                "-cp",
                shop.classPathWith(devTools),
                "example.shop.ShopApplication",
                "--spring.devtools.livereload.enabled=false",
                "--spring.devtools.restart.poll-interval=200ms",
                "--spring.devtools.restart.quiet-period=100ms");
        try (Running running = Running.start(directory, command)) {
            URI first = running.awaitOpen(1);
            assertThat(running.output()).contains("LOADER RestartClassLoader");
            assertThat(Running.get(first, "/read?resource=prices.txt")).isEqualTo("old");
            List<Long> workers = running.workers(2);

            Files.writeString(resource, "brand-new");

            URI second = running.awaitOpen(2);
            assertThat(Running.get(second, "/read?resource=prices.txt")).isEqualTo("brand-new");
            assertThat(Running.get(second, "/receipts/2")).matches("2/default/\\d+ 2/printing/\\d+");
            assertThat(running.workers(2)).doesNotContainAnyElementsOf(workers);

            Running.signal("TERM", List.of(running.pid()));
            assertThat(running.end()).isEqualTo(143);
            // DevTools keeps sessions across restarts.
            running.expectNothingLeft("tomcat.*|[0-9A-F]{40}");
            running.expectNoTrouble();
        }
    }
}
