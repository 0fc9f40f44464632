package io.processpool.spring;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** How long a closing application context waits for what stops in one phase of its lifecycle. */
final class PhaseTimeout {

    static final String PROPERTY = "spring.lifecycle.timeout-per-shutdown-phase";

    /** Boot's own default. */
    private static final Duration UNSAID = Duration.ofSeconds(30);

    private PhaseTimeout() {}

    static Duration of(Environment environment) {
        return Binder.get(environment).bind(PROPERTY, Duration.class).orElse(UNSAID);
    }
}
