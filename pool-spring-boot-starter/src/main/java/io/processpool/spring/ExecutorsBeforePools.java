package io.processpool.spring;

import io.processpool.ProcessPool;
import io.processpool.spring.managed.ProcessPoolLifecycle;
import java.util.List;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
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
 * For executors that go on with their tasks until they are destroyed. What depends on what says in which order beans are
 * destroyed: first the executors, then the lifecycle, which drains all pools at once, then the pools.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(ExecutorsBeforePools.WhenStoppedLate.class)
final class ExecutorsBeforePools {

    /** What makes Boot's executors skip their phase of the shutdown. */
    private static final List<String> OF_LATE_EXECUTORS = List.of(
            "spring.task.execution.shutdown.await-termination",
            "spring.task.execution.pool.shutdown.accept-tasks-after-context-close",
            "spring.task.scheduling.shutdown.await-termination");

    /** Whether pools are drained when beans are destroyed, as the properties say. */
    static boolean stopsLate(Environment environment) {
        StopMode mode = Binder.get(environment)
                .bind("processpool.lifecycle.stop", StopMode.class)
                .orElse(StopMode.AUTO);
        return switch (mode) {
            case PHASE -> false;
            case DESTROY -> true;
            case AUTO ->
                OF_LATE_EXECUTORS.stream().anyMatch(late -> environment.getProperty(late, Boolean.class, false));
        };
    }

    /** Says it once all beans are there, so that it rules their end alone: a pool's own beans may need an executor. */
    @Bean
    static SmartInitializingSingleton executorsEndBeforeProcessPools(ConfigurableListableBeanFactory beans) {
        return () -> {
            for (String lifecycle : names(beans, ProcessPoolLifecycle.class)) {
                names(beans, TaskExecutor.class).forEach(name -> beans.registerDependentBean(lifecycle, name));
                names(beans, TaskScheduler.class).forEach(name -> beans.registerDependentBean(lifecycle, name));
                names(beans, ProcessPool.class).forEach(name -> beans.registerDependentBean(name, lifecycle));
            }
        };
    }

    private static List<String> names(ListableBeanFactory beans, Class<?> type) {
        return List.of(beans.getBeanNamesForType(type, true, false));
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
