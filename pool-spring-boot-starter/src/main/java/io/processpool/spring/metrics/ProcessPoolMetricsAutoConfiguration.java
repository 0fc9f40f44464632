package io.processpool.spring.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.processpool.spring.ProcessPoolAutoConfiguration;
import io.processpool.spring.managed.ProcessPools;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the meters {@code processpool.*}. */
@AutoConfiguration(
        after = ProcessPoolAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass({MeterRegistry.class, MeterBinder.class})
@ConditionalOnBean({ProcessPools.class, MeterRegistry.class})
public final class ProcessPoolMetricsAutoConfiguration {

    ProcessPoolMetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    ProcessPoolMetrics processPoolMetrics(ProcessPools pools, ConfigurableApplicationContext context) {
        return new ProcessPoolMetrics(pools, () -> !context.isClosed());
    }
}
