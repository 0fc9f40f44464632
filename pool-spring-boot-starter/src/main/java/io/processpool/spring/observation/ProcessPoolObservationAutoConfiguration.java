package io.processpool.spring.observation;

import io.micrometer.observation.ObservationRegistry;
import io.processpool.spring.ProcessPoolAutoConfiguration;
import io.processpool.spring.ProcessPoolCustomizer;
import io.processpool.spring.managed.ProcessPools;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of an observation for each submission. With tracing on the class path, the trace of the caller goes on
 * in the worker. Switched off by {@code management.observations.enable.processpool=false}.
 */
@AutoConfiguration(
        after = ProcessPoolAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({ProcessPools.class, ObservationRegistry.class})
public final class ProcessPoolObservationAutoConfiguration {

    ProcessPoolObservationAutoConfiguration() {}

    /** The registry is asked for late: what customizes it may need a pool. */
    @Bean
    @ConditionalOnMissingBean(name = "processPoolObservationCustomizer")
    ProcessPoolCustomizer processPoolObservationCustomizer(
            ObjectProvider<ObservationRegistry> registry, ObjectProvider<SubmissionObservationConvention> convention) {
        SubmissionObservations observations = new SubmissionObservations(
                registry::getObject, () -> convention.getIfAvailable(SubmissionObservationConvention::new));
        return (name, builder) -> builder.submissionObserver(observations);
    }
}
