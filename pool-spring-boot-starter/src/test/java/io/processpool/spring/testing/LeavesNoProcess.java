package io.processpool.spring.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Asserts before and after a test class that this JVM has no child process. A process that is ending gets time to end. */
public final class LeavesNoProcess implements BeforeAllCallback, AfterAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        assertNoProcess();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertNoProcess();
    }

    /** Waits until there is none, or fails. */
    public static void assertNoProcess() {
        await("no child process is left")
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(children()).isEmpty());
    }

    private static List<String> children() {
        return ProcessHandle.current()
                .descendants()
                .map(child -> child.pid() + " " + child.info().commandLine().orElse("?"))
                .toList();
    }
}
