package io.processpool.spring;

import io.processpool.ProcessPool;
import io.processpool.spring.managed.ProcessPoolLifecycle;
import org.springframework.boot.autoconfigure.AbstractDependsOnBeanFactoryPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.env.Environment;
import org.springframework.core.task.TaskExecutor;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.scheduling.TaskScheduler;

/**
 * For executors that wait for their tasks when they are destroyed. What depends on what says in which order beans are
 * destroyed: first the executors, then the lifecycle, which drains all pools at once, then the pools.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(ExecutorsBeforePools.WhenStoppedLate.class)
final class ExecutorsBeforePools {

    /** Whether pools are drained when beans are destroyed, as the properties say. */
    static boolean stopsLate(Environment environment) {
        StopMode mode = Binder.get(environment)
                .bind("processpool.lifecycle.stop", StopMode.class)
                .orElse(StopMode.AUTO);
        return switch (mode) {
            case PHASE -> false;
            case DESTROY -> true;
            case AUTO -> waits(environment, "execution") || waits(environment, "scheduling");
        };
    }

    private static boolean waits(Environment environment, String executor) {
        return environment.getProperty("spring.task." + executor + ".shutdown.await-termination", Boolean.class, false);
    }

    @Bean
    static AbstractDependsOnBeanFactoryPostProcessor executorsDependOnProcessPools() {
        return new AbstractDependsOnBeanFactoryPostProcessor(TaskExecutor.class, ProcessPoolLifecycle.class) {};
    }

    @Bean
    static AbstractDependsOnBeanFactoryPostProcessor schedulersDependOnProcessPools() {
        return new AbstractDependsOnBeanFactoryPostProcessor(TaskScheduler.class, ProcessPoolLifecycle.class) {};
    }

    @Bean
    static AbstractDependsOnBeanFactoryPostProcessor lifecycleDependsOnProcessPools() {
        return new AbstractDependsOnBeanFactoryPostProcessor(ProcessPoolLifecycle.class, ProcessPool.class) {};
    }

    static final class WhenStoppedLate implements ConfigurationCondition {

        @Override
        public ConfigurationPhase getConfigurationPhase() {
            return ConfigurationPhase.PARSE_CONFIGURATION;
        }

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return stopsLate(context.getEnvironment());
        }
    }
}
