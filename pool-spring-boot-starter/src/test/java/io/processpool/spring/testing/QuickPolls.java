package io.processpool.spring.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets Awaitility look at once and then often. By default it looks every 100 ms and not before 100 ms have passed, which
 * is longer than most of what is awaited here takes. JUnit finds this extension by itself, for all classes.
 */
public final class QuickPolls implements BeforeAllCallback {

    private static final Duration INTERVAL = Duration.ofMillis(10);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(INTERVAL);
    }
}
