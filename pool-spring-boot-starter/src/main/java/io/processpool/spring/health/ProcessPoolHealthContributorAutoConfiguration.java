package io.processpool.spring.health;

import io.processpool.spring.ProcessPoolAutoConfiguration;
import io.processpool.spring.managed.ProcessPools;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the health contributor {@code processpool}: one component for each pool. */
@AutoConfiguration(
        after = ProcessPoolAutoConfiguration.class,
        beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(ProcessPools.class)
public final class ProcessPoolHealthContributorAutoConfiguration {

    ProcessPoolHealthContributorAutoConfiguration() {}

    @Bean("processPoolHealthContributor")
    @ConditionalOnMissingBean(name = "processPoolHealthContributor")
    @ConditionalOnEnabledHealthIndicator("processpool")
    HealthContributor processPoolHealthContributor(ProcessPools pools) {
        return new ProcessPoolsHealth(pools);
    }
}
