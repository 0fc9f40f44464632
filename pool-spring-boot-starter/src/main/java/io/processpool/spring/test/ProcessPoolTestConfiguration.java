package io.processpool.spring.test;

import io.processpool.Mode;
import io.processpool.spring.ProcessPoolCustomizer;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Gives all pools what {@link AutoConfigureProcessPool} says; properties alone would lose to those of a named pool. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(prefix = ProcessPoolTestConfiguration.PREFIX, name = "mode")
class ProcessPoolTestConfiguration {

    static final String PREFIX = "processpool.test";

    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    ProcessPoolCustomizer processPoolTestCustomizer(Environment environment) {
        Mode mode = environment.getRequiredProperty(PREFIX + ".mode", Mode.class);
        int workers = environment.getRequiredProperty(PREFIX + ".workers", Integer.class);
        return (name, builder) -> builder.mode(mode).workers(workers);
    }
}
