package io.processpool.spring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.search.Search;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.processpool.Mode;
import io.processpool.ProcessPool;
import io.processpool.spring.ProcessPoolAutoConfiguration;
import io.processpool.spring.ProcessPoolCustomizer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/** Which meters there are, and whom they follow. Tasks run in this JVM, since that makes no difference here. */
class PoolMetricsTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    ProcessPoolAutoConfiguration.class,
                    ProcessPoolMetricsAutoConfiguration.class))
            .withBean("simple", SimpleMeterRegistry.class)
            .withPropertyValues("processpool.mode=inline", "processpool.workers=1");

    private static Search of(MeterRegistry registry, String name, String pool) {
        return registry.find("processpool." + name).tag("pool", pool);
    }

    private static double gauge(AssertableApplicationContext context, String name) {
        return of(context.getBean(MeterRegistry.class), name, "default").gauge().value();
    }

    /** Names with the keys of their tags. */
    private static Set<String> meters(MeterRegistry registry) {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .filter(id -> id.getName().startsWith("processpool."))
                .map(id -> id.getName()
                        + id.getTags().stream()
                                .map(tag -> tag.getKey())
                                .sorted()
                                .toList())
                .collect(Collectors.toSet());
    }

    private static long succeeded(MeterRegistry registry, String pool) {
        return of(registry, "task", pool).tag("outcome", "success").timer().count();
    }

    private static void awaitSucceeded(MeterRegistry registry, String pool, long count) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(succeeded(registry, pool)).isEqualTo(count));
    }

    @Test
    void meters_allThere_beforeAnythingHappened() {
        runner.run(context -> assertThat(meters(context.getBean(MeterRegistry.class)))
                .containsExactlyInAnyOrder(
                        "processpool.workers[pool, state]",
                        "processpool.workers.max[pool]",
                        "processpool.workers.memory[pool]",
                        "processpool.tasks.active[pool]",
                        "processpool.tasks.queued[pool]",
                        "processpool.tasks.rejected[pool]",
                        "processpool.queue.remaining[pool]",
                        "processpool.task[outcome, pool]",
                        "processpool.task.wait[pool]",
                        "processpool.worker.start[pool]",
                        "processpool.worker.exits[pool, reason]"));
    }

    @Test
    void meters_tagValues_areThoseOfTheEnums() {
        runner.run(context -> {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertThat(values(registry, "processpool.workers", "state"))
                    .containsExactlyInAnyOrder("starting", "standby", "idle", "busy", "retiring", "zombie");
            assertThat(values(registry, "processpool.task", "outcome"))
                    .containsExactlyInAnyOrder(
                            "success", "failure", "timeout", "cancelled", "worker_lost", "abandoned");
            assertThat(values(registry, "processpool.worker.exits", "reason"))
                    .contains("max_tasks", "resized", "crashed", "unresponsive", "killed", "start_failed");
        });
    }

    private static Set<String> values(MeterRegistry registry, String name, String tag) {
        return registry.find(name).meters().stream()
                .map(meter -> meter.getId().getTag(tag))
                .collect(Collectors.toSet());
    }

    @Test
    void tasks_run_areTimed() {
        runner.run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            MeterRegistry registry = context.getBean(MeterRegistry.class);

            pool.map(i -> i + 1, List.of(1, 2, 3));

            awaitSucceeded(registry, "default", 3);
            assertThat(of(registry, "task.wait", "default").timer().count()).isEqualTo(3);
        });
    }

    @Test
    void gauges_resize_follow() {
        runner.run(context -> {
            assertThat(gauge(context, "workers.max")).isEqualTo(1);
            assertThat(gauge(context, "queue.remaining")).isEqualTo(10_000);

            context.getBean(ProcessPool.class).resize(3);

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(gauge(context, "workers.max")).isEqualTo(3));
        });
    }

    @Test
    void pool_registeredAndRemoved_isFollowed() {
        runner.run(context -> {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            Set<String> before = Set.copyOf(ids(registry));
            register(context, "later");

            context.getBean("later", ProcessPool.class).apply(() -> 1);
            awaitSucceeded(registry, "later", 1);
            assertThat(of(registry, "workers.max", "later").gauge().value()).isEqualTo(2);

            factory(context).removeBeanDefinition("later");
            assertThat(ids(registry)).isEqualTo(before);

            // Who comes again begins at zero, and counts once.
            register(context, "later");
            context.getBean("later", ProcessPool.class).apply(() -> 1);
            awaitSucceeded(registry, "later", 1);
        });
    }

    private static void register(AssertableApplicationContext context, String name) {
        GenericApplicationContext generic = (GenericApplicationContext) context.getSourceApplicationContext();
        generic.registerBean(name, ProcessPool.class, () -> {
            ProcessPool.Builder builder =
                    ProcessPool.builder().name(name).workers(2).mode(Mode.INLINE);
            context.getBeanProvider(ProcessPoolCustomizer.class)
                    .orderedStream()
                    .forEach(customizer -> customizer.customize(name, builder));
            return builder.build();
        });
    }

    private static DefaultListableBeanFactory factory(AssertableApplicationContext context) {
        return (DefaultListableBeanFactory) context.getBeanFactory();
    }

    private static Set<String> ids(MeterRegistry registry) {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().toString())
                .collect(Collectors.toSet());
    }

    @Test
    void customize_twice_countsOnce() {
        runner.run(context -> {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            ProcessPoolMetrics metrics = context.getBean(ProcessPoolMetrics.class);
            metrics.bindTo(registry);
            ProcessPool.Builder builder = ProcessPool.builder().mode(Mode.INLINE);
            metrics.customize("again", ProcessPool.builder());
            metrics.customize("again", builder);

            try (ProcessPool pool = builder.build()) {
                pool.apply(() -> 1);
            }

            awaitSucceeded(registry, "again", 1);
        });
    }

    @Test
    void context_stoppedAndStarted_goesOnCounting() {
        runner.run(context -> {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            context.getBean(ProcessPool.class).apply(() -> 1);
            awaitSucceeded(registry, "default", 1);
            Set<String> before = ids(registry);
            GenericApplicationContext generic = (GenericApplicationContext) context.getSourceApplicationContext();

            generic.stop();
            assertThat(ids(registry)).isEqualTo(before);
            generic.start();

            context.getBean(ProcessPool.class).apply(() -> 1);
            awaitSucceeded(registry, "default", 2);
            assertThat(ids(registry)).isEqualTo(before);
            assertThat(gauge(context, "workers.max")).isEqualTo(1);
        });
    }

    // A registry that pushes does so once more when it closes.
    @Test
    void context_closed_keepsCountersAndDropsGauges() {
        SimpleMeterRegistry outlives = new SimpleMeterRegistry();
        runner.withUserConfiguration(Outliving.class)
                .withBean("outlives", Outlives.class, () -> new Outlives(outlives))
                .run(context -> {
                    context.getBean(ProcessPool.class).apply(() -> 1);
                    awaitSucceeded(outlives, "default", 1);
                });

        assertThat(succeeded(outlives, "default")).isEqualTo(1);
        assertThat(of(outlives, "workers", "default").gauges()).isEmpty();
    }

    record Outlives(MeterRegistry registry) {}

    @Configuration(proxyBeanMethods = false)
    static class Outliving {

        @Bean(destroyMethod = "")
        MeterRegistry second(Outlives outlives) {
            return outlives.registry();
        }
    }

    @Test
    void registries_two_haveTheSame() {
        runner.withBean("other", SimpleMeterRegistry.class).run(context -> {
            assertThat(context.getBean(MeterRegistry.class)).isInstanceOf(CompositeMeterRegistry.class);
            context.getBean(ProcessPool.class).apply(() -> 1);

            for (String name : List.of("simple", "other")) {
                MeterRegistry registry = context.getBean(name, MeterRegistry.class);
                awaitSucceeded(registry, "default", 1);
                assertThat(of(registry, "workers.max", "default").gauge().value())
                        .isEqualTo(1);
            }
        });
    }

    @Test
    void enable_false_hasNone() {
        runner.withPropertyValues("management.metrics.enable.processpool=false").run(context -> {
            assertThat(context.getBean(ProcessPool.class).<Integer>apply(() -> 1))
                    .isEqualTo(1);
            assertThat(meters(context.getBean(MeterRegistry.class))).isEmpty();
        });
    }

    @Test
    void pool_ofTheApplicationsOwn_hasGauges() {
        runner.withBean(
                        "mine",
                        ProcessPool.class,
                        () -> ProcessPool.builder()
                                .name("mine")
                                .workers(4)
                                .mode(Mode.INLINE)
                                .build())
                .run(context -> assertThat(of(context.getBean(MeterRegistry.class), "workers.max", "mine")
                                .gauge()
                                .value())
                        .isEqualTo(4));
    }
}
