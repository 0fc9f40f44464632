package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a child process, a thread of a pool, or a pipe behind. */
final class LeakCheck implements BeforeEachCallback, AfterEachCallback {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private List<String> children = List.of();
    private long pipes;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        children = children();
        pipes = pipes();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        await("no leaks").atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(children()).as("child processes").isSubsetOf(children);
            assertThat(threads()).as("threads").isEmpty();
            assertThat(pipes()).as("pipes").isLessThanOrEqualTo(pipes);
        });
    }

    private static List<String> children() {
        try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
            return children.map(child -> child.pid() + " " + child.info()).toList();
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("pool-" + LaunchFixture.POOL))
                .toList();
    }

    static long pipes() throws IOException {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return 0;
        }
        long pipes = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : descriptors) {
                try {
                    if (Files.readSymbolicLink(descriptor).toString().startsWith("pipe:")) {
                        pipes++;
                    }
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        }
        return pipes;
    }
}
