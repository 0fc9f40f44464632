package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.processpool.ProcessPool;
import io.processpool.spring.endpoint.ProcessPoolEndpoint;
import io.processpool.spring.endpoint.ProcessPoolEndpointAutoConfiguration;
import io.processpool.spring.endpoint.ProcessPoolEndpointWebExtension;
import io.processpool.spring.health.ProcessPoolHealthContributorAutoConfiguration;
import io.processpool.spring.metrics.ProcessPoolMetricsAutoConfiguration;
import io.processpool.spring.observation.ProcessPoolObservationAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What there is with all optional libraries, and without each of them. Tasks run in this JVM. */
class OptionalPartsTests {

    private static final String METRICS = "processPoolMetrics";
    private static final String HEALTH = "processPoolHealthContributor";
    private static final String OBSERVATIONS = "processPoolObservationCustomizer";

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    ObservationAutoConfiguration.class,
                    ProcessPoolAutoConfiguration.class,
                    ProcessPoolEndpointAutoConfiguration.class,
                    ProcessPoolHealthContributorAutoConfiguration.class,
                    ProcessPoolMetricsAutoConfiguration.class,
                    ProcessPoolObservationAutoConfiguration.class))
            .withPropertyValues(
                    "processpool.mode=inline",
                    "processpool.workers=1",
                    "management.endpoints.web.exposure.include=processpool");

    private final ApplicationContextRunner withRegistry =
            runner.withBean("registry", MeterRegistry.class, SimpleMeterRegistry::new);

    private static void assertWorks(AssertableApplicationContext context) {
        assertThat(context).hasNotFailed();
        assertThat(context.getBean(ProcessPool.class).<Integer, Integer>apply(i -> i + 1, 41))
                .isEqualTo(42);
    }

    @Test
    void everything_isThere() {
        withRegistry.run(context -> {
            assertWorks(context);
            assertThat(context)
                    .hasSingleBean(ProcessPoolEndpoint.class)
                    .hasSingleBean(ProcessPoolEndpointWebExtension.class)
                    .hasBean(METRICS)
                    .hasBean(HEALTH)
                    .hasBean(OBSERVATIONS);
        });
    }

    @Test
    void enabled_false_nothingIsThere() {
        withRegistry
                .withPropertyValues("processpool.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(ProcessPool.class)
                        .doesNotHaveBean(ProcessPoolEndpoint.class)
                        .doesNotHaveBean(ProcessPoolEndpointWebExtension.class)
                        .doesNotHaveBean(METRICS)
                        .doesNotHaveBean(HEALTH)
                        .doesNotHaveBean(OBSERVATIONS));
    }

    @Test
    void actuator_absent_noEndpoint() {
        withRegistry
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                .run(context -> {
                    assertWorks(context);
                    assertThat(context)
                            .doesNotHaveBean(ProcessPoolEndpoint.class)
                            .doesNotHaveBean(ProcessPoolEndpointWebExtension.class)
                            .hasBean(METRICS)
                            .hasBean(HEALTH);
                });
    }

    @Test
    void health_absent_noContributor() {
        withRegistry
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
                .run(context -> {
                    assertWorks(context);
                    assertThat(context)
                            .doesNotHaveBean(HEALTH)
                            .hasSingleBean(ProcessPoolEndpoint.class)
                            .hasBean(METRICS);
                });
    }

    @Test
    void micrometer_absent_noMeters() {
        runner.withClassLoader(new FilteredClassLoader("io.micrometer.core")).run(context -> {
            assertWorks(context);
            assertThat(context).doesNotHaveBean(METRICS).hasSingleBean(ProcessPoolEndpoint.class);
        });
    }

    @Test
    void observation_absent_noObservations() {
        withRegistry
                .withClassLoader(new FilteredClassLoader("io.micrometer.observation"))
                .run(context -> {
                    assertWorks(context);
                    assertThat(context).doesNotHaveBean(OBSERVATIONS).hasBean(METRICS);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.springframework.web", "jakarta.servlet", "io.micrometer.tracing"})
    void other_absent_changesNothing(String filtered) {
        withRegistry.withClassLoader(new FilteredClassLoader(filtered)).run(context -> {
            assertWorks(context);
            assertThat(context)
                    .hasSingleBean(ProcessPoolEndpoint.class)
                    .hasBean(METRICS)
                    .hasBean(HEALTH)
                    .hasBean(OBSERVATIONS);
        });
    }

    @Test
    void all_absent_poolWorks() {
        runner.withClassLoader(new FilteredClassLoader(
                        "org.springframework.boot.actuate",
                        "org.springframework.boot.health",
                        "org.springframework.boot.micrometer",
                        "io.micrometer",
                        "org.springframework.web"))
                .run(context -> {
                    assertWorks(context);
                    assertThat(context)
                            .doesNotHaveBean(METRICS)
                            .doesNotHaveBean(HEALTH)
                            .doesNotHaveBean(OBSERVATIONS)
                            .doesNotHaveBean(ProcessPoolEndpoint.class);
                });
    }

    @Test
    void registry_absent_noMeters() {
        runner.run(context -> {
            assertWorks(context);
            assertThat(context).doesNotHaveBean(SimpleMeterRegistry.class);
        });
    }

    @Test
    void endpoint_notExposed_isNotMade() {
        withRegistry
                .withPropertyValues("management.endpoints.web.exposure.include=health")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(ProcessPoolEndpoint.class)
                        .doesNotHaveBean(ProcessPoolEndpointWebExtension.class));
    }

    @Test
    void endpoint_exposedByJmxAlone_hasNoWebExtension() {
        withRegistry
                .withPropertyValues(
                        "management.endpoints.web.exposure.include=health",
                        "management.endpoints.jmx.exposure.include=processpool",
                        "spring.jmx.enabled=true")
                .run(context -> assertThat(context)
                        .hasSingleBean(ProcessPoolEndpoint.class)
                        .doesNotHaveBean(ProcessPoolEndpointWebExtension.class));
    }

    @Test
    void health_disabled_noContributor() {
        withRegistry
                .withPropertyValues("management.health.processpool.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HEALTH).hasBean(METRICS));
    }
}
