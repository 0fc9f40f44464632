package io.processpool.spring.endpoint;

import io.processpool.spring.ProcessPoolAutoConfiguration;
import io.processpool.spring.managed.PoolHistories;
import io.processpool.spring.managed.ProcessPools;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the Actuator endpoint {@code processpool}. */
@AutoConfiguration(after = ProcessPoolAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(ProcessPools.class)
public final class ProcessPoolEndpointAutoConfiguration {

    ProcessPoolEndpointAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    ProcessPoolEndpoint processPoolEndpoint(ProcessPools pools, PoolHistories histories) {
        return new ProcessPoolEndpoint(pools, histories);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(ProcessPoolEndpoint.class)
    @ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
    ProcessPoolEndpointWebExtension processPoolEndpointWebExtension(ProcessPoolEndpoint endpoint) {
        return new ProcessPoolEndpointWebExtension(endpoint);
    }
}
