package io.processpool.spring;

import io.processpool.PoolListener;
import io.processpool.ProcessPool;
import io.processpool.spring.managed.PoolHistories;
import io.processpool.spring.managed.ProcessPoolLifecycle;
import io.processpool.spring.managed.ProcessPools;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.core.task.AsyncTaskExecutor;

/**
 * Auto-configuration of {@link ProcessPool} beans: {@code processPool}, set by {@code processpool.*}, and one for each entry
 * below {@code processpool.pools}, which inherits those settings. Everything backs off for a bean of the application's own:
 * one that is a pool replaces {@code processPool}, and a named pool if it has its name. Beans of type {@link PoolListener}
 * observe all pools that are made here.
 *
 * <p>The pools follow the lifecycle of the application context: they are launched when it starts, drained when it stops,
 * after web requests, {@code @Async} and scheduled tasks have ended, and killed if draining takes too long.
 */
@AutoConfiguration(after = TaskExecutionAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "processpool.enabled", matchIfMissing = true)
@EnableConfigurationProperties({ProcessPoolProperties.class, PoolProperties.class})
@Import({NamedPools.class, ExecutorsBeforePools.class})
public final class ProcessPoolAutoConfiguration {

    /** The name of the bean that hands tasks to the default pool. */
    public static final String TASK_EXECUTOR = "processPoolTaskExecutor";

    ProcessPoolAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    static ProcessPools processPools() {
        return new ProcessPools();
    }

    @Bean
    @ConditionalOnMissingBean
    PoolHistories processPoolHistories(ProcessPoolProperties properties) {
        if (properties.historySize() < 0) {
            throw new InvalidConfigurationPropertyValueException(
                    "processpool.history-size", properties.historySize(), "It must be 0 or more.");
        }
        return new PoolHistories(properties.historySize());
    }

    @Bean(PoolFactory.BEAN)
    @ConditionalOnMissingBean
    PoolFactory processPoolFactory(
            ProcessPoolProperties properties,
            PoolProperties base,
            ObjectProvider<PoolListener> listeners,
            ObjectProvider<ProcessPoolCustomizer> customizers,
            Environment environment) {
        return new PoolFactory(properties, base, listeners, customizers, environment);
    }

    @Bean
    @ConditionalOnMissingBean
    ProcessPool processPool(PoolFactory factory) {
        return factory.defaultPool();
    }

    @Bean
    @ConditionalOnMissingBean
    ProcessPoolLifecycle processPoolLifecycle(
            ProcessPools pools, ProcessPoolProperties properties, Environment environment) {
        boolean stopsLate = ExecutorsBeforePools.stopsLate(environment);
        return new ProcessPoolLifecycle(pools, properties.lifecycle().phase(), PhaseTimeout.of(environment), stopsLate);
    }

    /**
     * Never a candidate for injection without its name, so Boot's own executor is made as ever. An application that has
     * several pools of its own, and none of them primary, has no default pool.
     */
    @Bean(name = TASK_EXECUTOR, defaultCandidate = false)
    @ConditionalOnMissingBean(name = TASK_EXECUTOR)
    @ConditionalOnSingleCandidate(ProcessPool.class)
    @ConditionalOnBooleanProperty(name = "processpool.task-executor", matchIfMissing = true)
    AsyncTaskExecutor processPoolTaskExecutor(ObjectProvider<ProcessPool> pool) {
        return new PoolTaskExecutor(pool::getObject);
    }
}
