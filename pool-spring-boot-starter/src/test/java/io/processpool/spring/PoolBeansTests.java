package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.Mode;
import io.processpool.PoolListener;
import io.processpool.PoolSnapshot;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import io.processpool.TaskSnapshot;
import io.processpool.WorkerContext;
import io.processpool.spring.managed.ManagedPool;
import io.processpool.spring.managed.PoolHistories;
import io.processpool.spring.managed.ProcessPoolLifecycle;
import io.processpool.spring.managed.ProcessPools;
import io.processpool.spring.testing.Contexts;
import io.processpool.spring.testing.NothingLeft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.framework.autoproxy.BeanNameAutoProxyCreator;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

/** Which beans there are, who gets them, and what they back off for. */
@ExtendWith(NothingLeft.class)
class PoolBeansTests {

    private final ApplicationContextRunner runner = Contexts.inline();

    private static String nameSeenBy(ProcessPool pool) {
        return pool.apply(() -> WorkerContext.current().poolName());
    }

    // ---- injection ------------------------------------------------------------------------------------------------

    record Service(ProcessPool pool, ProcessPool render) {}

    @Configuration(proxyBeanMethods = false)
    static class ServiceConfiguration {
        @Bean
        Service service(ProcessPool pool, @Qualifier("render") ProcessPool other) {
            return new Service(pool, other);
        }
    }

    /** Names of parameters as of the pools. */
    record ByParameterName(ProcessPool render) {}

    @Test
    void defaultPool_isInjected() {
        runner.run(context -> {
            assertThat(context).hasSingleBean(ProcessPool.class).hasBean("processPool");
            assertThat(nameSeenBy(context.getBean(ProcessPool.class))).isEqualTo("default");
        });
    }

    @Test
    void namedPools_areInjectedByQualifier_andTheDefaultOneWithout() {
        runner.withPropertyValues("processpool.pools.render.workers=2", "processpool.pools.ocr.workers=3")
                .withUserConfiguration(ServiceConfiguration.class)
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    assertThat(nameSeenBy(service.pool())).isEqualTo("default");
                    assertThat(nameSeenBy(service.render())).isEqualTo("render");
                    assertThat(context.getBeansOfType(ProcessPool.class))
                            .containsOnlyKeys("processPool", "render", "ocr");
                    assertThat(context.getBeanProvider(ProcessPool.class).stream())
                            .hasSize(3);
                });
    }

    // Spring prefers what is no fallback to what has the name of the parameter, as it does with @Primary.
    @Test
    void parameterName_withoutQualifier_getsTheDefaultPool() {
        runner.withPropertyValues("processpool.pools.render.workers=2")
                .withBean(ByParameterName.class)
                .run(context -> assertThat(nameSeenBy(
                                context.getBean(ByParameterName.class).render()))
                        .isEqualTo("default"));
    }

    @Test
    void name_ofAPool_isAPropertyOfItsOwn() {
        runner.withPropertyValues(
                        "processpool.name=main", "processpool.pools.render.name=pdf", "processpool.pools.ocr.workers=1")
                .run(context -> {
                    assertThat(nameSeenBy(context.getBean(ProcessPool.class))).isEqualTo("main");
                    assertThat(nameSeenBy(context.getBean("render", ProcessPool.class)))
                            .isEqualTo("pdf");
                    assertThat(nameSeenBy(context.getBean("ocr", ProcessPool.class)))
                            .isEqualTo("ocr");
                });
    }

    // ---- backing off ----------------------------------------------------------------------------------------------

    @Configuration(proxyBeanMethods = false)
    static class OwnPool {
        @Bean
        ProcessPool mine() {
            return ProcessPool.builder()
                    .name("mine")
                    .mode(Mode.INLINE)
                    .workers(1)
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnRender {
        @Bean
        ProcessPool render() {
            return ProcessPool.builder()
                    .name("own-render")
                    .mode(Mode.INLINE)
                    .workers(1)
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class RenderIsPrimary {
        @Bean
        @Primary
        ProcessPool mainPool(@Qualifier("render") ProcessPool render) {
            return render;
        }
    }

    @Test
    void ownPool_replacesTheDefaultOne_andNamedOnesStay() {
        runner.withPropertyValues("processpool.pools.render.workers=2")
                .withUserConfiguration(OwnPool.class)
                .run(context -> {
                    assertThat(context.getBeansOfType(ProcessPool.class)).containsOnlyKeys("mine", "render");
                    assertThat(nameSeenBy(context.getBean(ProcessPool.class))).isEqualTo("mine");
                    assertThat(context.getBean(ProcessPools.class).all()).containsOnlyKeys("mine", "render");
                    AsyncTaskExecutor executor = executor(context);
                    assertThat(executor.submitCompletable(new PoolName()).get(30, TimeUnit.SECONDS))
                            .isEqualTo("mine");
                });
    }

    @Test
    void ownPool_isClosedWithTheContext() {
        List<ProcessPool> pools = new ArrayList<>();
        runner.withUserConfiguration(OwnPool.class).run(context -> pools.add(context.getBean(ProcessPool.class)));
        assertThat(pools.get(0).snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }

    @Test
    void ownPool_ofTheNameOfAnEntry_replacesThat() {
        runner.withPropertyValues("processpool.pools.render.workers=2", "processpool.pools.ocr.workers=1")
                .withUserConfiguration(OwnRender.class)
                .run(context -> {
                    assertThat(context.getBeansOfType(ProcessPool.class)).containsOnlyKeys("render", "ocr");
                    assertThat(nameSeenBy(context.getBean("render", ProcessPool.class)))
                            .isEqualTo("own-render");
                });
    }

    @Test
    void severalOwnPools_haveNoTaskExecutor() {
        runner.withUserConfiguration(OwnPool.class, OwnRender.class)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean("processPool")
                        .doesNotHaveBean(ProcessPoolAutoConfiguration.TASK_EXECUTOR));
    }

    @Test
    void twoBeans_thatAreTheSamePool_areOnePool() {
        runner.withPropertyValues("processpool.pools.render.workers=2")
                .withUserConfiguration(RenderIsPrimary.class)
                .run(context -> {
                    assertThat(nameSeenBy(context.getBean(ProcessPool.class))).isEqualTo("render");
                    assertThat(context.getBean(ProcessPools.class).all()).containsOnlyKeys("render");
                });
    }

    @Test
    void everyOtherBean_backsOff() {
        ProcessPools pools = new ProcessPools();
        PoolHistories histories = new PoolHistories(1);
        ProcessPoolLifecycle lifecycle = new ProcessPoolLifecycle(pools, 1, Duration.ZERO, false);
        AsyncTaskExecutor executor = Runnable::run;
        runner.withBean("a", ProcessPools.class, () -> pools)
                .withBean("b", PoolHistories.class, () -> histories)
                .withBean("c", ProcessPoolLifecycle.class, () -> lifecycle)
                .withBean(ProcessPoolAutoConfiguration.TASK_EXECUTOR, AsyncTaskExecutor.class, () -> executor)
                .run(context -> {
                    assertThat(context).getBean(ProcessPools.class).isSameAs(pools);
                    assertThat(context).getBean(PoolHistories.class).isSameAs(histories);
                    assertThat(context).getBean(ProcessPoolLifecycle.class).isSameAs(lifecycle);
                    assertThat(executor(context)).isSameAs(executor);
                });
    }

    @Test
    void parentContext_hasThePools_andItsChildUsesThem() {
        runner.withPropertyValues("processpool.pools.render.workers=2")
                .run(parent -> runner.withPropertyValues("processpool.pools.render.workers=2")
                        .withParent(parent)
                        .run(child -> {
                            assertThat(child.getBean(ProcessPool.class)).isSameAs(parent.getBean(ProcessPool.class));
                            assertThat(child.getBean("render")).isSameAs(parent.getBean("render"));
                            assertThat(nameSeenBy(child.getBean("render", ProcessPool.class)))
                                    .isEqualTo("render");
                        }));
    }

    // ---- refused names --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"default", "processPool"})
    void entry_namedAsTheDefaultPool_isRefused(String name) {
        runner.withPropertyValues("processpool.pools." + name + ".workers=2")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasMessageContaining("processpool.pools." + name)
                        .hasMessageContaining("directly below 'processpool'"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"applicationTaskExecutor", "service", "processPoolTaskExecutor"})
    void entry_namedAsAnotherBean_isRefused(String name) {
        runner.withBean("service", StringBuilder.class)
                .withPropertyValues("processpool.pools." + name + ".workers=2")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasMessageContaining("processpool.pools." + name)
                        .hasMessageContaining("another bean of this name, of type"));
    }

    // ---- enabled --------------------------------------------------------------------------------------------------

    @Test
    void enabledFalse_removesEverything() {
        runner.withPropertyValues("processpool.enabled=false", "processpool.pools.render.workers=2")
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(ProcessPool.class);
                    assertThat(context.getBeanDefinitionNames())
                            .noneMatch(name -> name.toLowerCase().contains("processpool") || name.equals("render"))
                            .contains("applicationTaskExecutor");
                });
    }

    @Test
    void taskExecutorFalse_removesTheAdapter() {
        runner.withPropertyValues("processpool.task-executor=false")
                .run(context -> assertThat(context)
                        .hasSingleBean(ProcessPool.class)
                        .doesNotHaveBean(ProcessPoolAutoConfiguration.TASK_EXECUTOR));
    }

    // ---- customizers and listeners --------------------------------------------------------------------------------

    @Configuration(proxyBeanMethods = false)
    static class Customizers {
        @Bean
        @Order(2)
        ProcessPoolCustomizer second() {
            return (name, builder) -> builder.workers(name.equals("render") ? 5 : 3);
        }

        @Bean
        @Order(1)
        ProcessPoolCustomizer first() {
            return (name, builder) -> builder.workers(4).name("renamed");
        }
    }

    @Test
    void customizers_areOrdered_andWinOverProperties() {
        runner.withPropertyValues("processpool.pools.render.workers=2", "processpool.start=eager")
                .withUserConfiguration(Customizers.class)
                .run(context -> {
                    assertThat(context.getBean(ProcessPool.class).snapshot().targetWorkers())
                            .isEqualTo(3);
                    assertThat(context.getBean("render", ProcessPool.class)
                                    .snapshot()
                                    .targetWorkers())
                            .isEqualTo(5);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Smaller {
        @Bean
        ProcessPoolCustomizer smaller() {
            return (name, builder) -> builder.workers(3).queueCapacity(7).workers(4);
        }
    }

    @Test
    void customizers_areSeenBeforeThePoolIsUsed() {
        runner.withPropertyValues(
                        "processpool.start=lazy", "processpool.queue-capacity=9", "processpool.untrusted=true")
                .withUserConfiguration(Smaller.class)
                .run(context -> {
                    PoolSnapshot unused = context.getBean(ProcessPool.class).snapshot();
                    assertThat(unused.workers()).isEmpty();
                    assertThat(unused.targetWorkers()).isEqualTo(4);
                    assertThat(unused.queueRemaining()).isEqualTo(7);
                    assertThat(unused.untrusted()).isTrue();
                    context.getBean(ProcessPool.class).apply(() -> 1);
                    assertThat(context.getBean(ProcessPool.class).snapshot().targetWorkers())
                            .isEqualTo(4);
                });
    }

    @Test
    void customizers_cannotChangeTheName_thatMetersGoBy() {
        runner.withUserConfiguration(Customizers.class)
                .run(context -> assertThat(nameSeenBy(context.getBean(ProcessPool.class)))
                        .isEqualTo("default"));
    }

    static class Hearing implements PoolListener {
        final BlockingQueue<String> tasks = new LinkedBlockingQueue<>();

        @Override
        public void taskQueued(TaskSnapshot task) {
            tasks.add(task.name());
        }
    }

    @Test
    void listenerBeans_observeEveryPool() {
        runner.withPropertyValues("processpool.pools.render.workers=1")
                .withBean(Hearing.class)
                .run(context -> {
                    Hearing hearing = context.getBean(Hearing.class);
                    for (ProcessPool pool :
                            context.getBeansOfType(ProcessPool.class).values()) {
                        nameSeenBy(pool);
                        assertThat(hearing.tasks.poll(30, TimeUnit.SECONDS)).isNotNull();
                    }
                });
    }

    /** Hands what it hears to Boot's executor. */
    static class Handing implements PoolListener {
        Handing(@Qualifier("applicationTaskExecutor") AsyncTaskExecutor executor) {
            assertThat(executor).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"phase", "destroy"})
    void listenerBean_withAnExecutor_makesNoCircle(String stop) {
        runner.withPropertyValues("processpool.lifecycle.stop=" + stop)
                .withBean(Handing.class)
                .run(context -> assertThat(nameSeenBy(context.getBean(ProcessPool.class)))
                        .isEqualTo("default"));
    }

    // ---- executors ------------------------------------------------------------------------------------------------

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    static class AsyncConfiguration {
        @Bean
        Errands errands() {
            return new Errands();
        }
    }

    static class Errands {
        @Async
        public CompletableFuture<String> thread() {
            return CompletableFuture.completedFuture(Thread.currentThread().getName());
        }
    }

    @Test
    void async_usesBootsOwnExecutor() {
        runner.withUserConfiguration(AsyncConfiguration.class).run(context -> {
            assertThat(context).hasBean("applicationTaskExecutor");
            assertThat(context.getBeansOfType(java.util.concurrent.Executor.class))
                    .containsKeys("applicationTaskExecutor");
            assertThat(context.getBean(Errands.class).thread().get(30, TimeUnit.SECONDS))
                    .startsWith("task-");
        });
    }

    private static AsyncTaskExecutor executor(ApplicationContext context) {
        return context.getBean(ProcessPoolAutoConfiguration.TASK_EXECUTOR, AsyncTaskExecutor.class);
    }

    // ---- other ways of Spring -------------------------------------------------------------------------------------

    @Test
    void lazyInitialization_startsAPoolWithItsFirstUse() {
        runner.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .withPropertyValues("processpool.pools.render.workers=1")
                .run(context -> {
                    assertThat(context.getBean(ProcessPools.class).all()).isEmpty();
                    assertThat(nameSeenBy(context.getBean("render", ProcessPool.class)))
                            .isEqualTo("render");
                    assertThat(context.getBean(ProcessPools.class).all()).containsOnlyKeys("render");
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Proxies {
        @Bean
        static BeanNameAutoProxyCreator proxies() {
            BeanNameAutoProxyCreator creator = new BeanNameAutoProxyCreator();
            creator.setBeanNames("processPool");
            creator.setInterceptorNames("interceptor");
            return creator;
        }

        @Bean
        static MethodInterceptor interceptor() {
            return invocation -> invocation.proceed();
        }
    }

    @Test
    void proxy_ofAPool_isStartedAndStoppedAsThePoolBehindIt() {
        List<ProcessPool> pools = new ArrayList<>();
        runner.withUserConfiguration(Proxies.class).run(context -> {
            ProcessPool pool = context.getBean("processPool", ProcessPool.class);
            assertThat(pool).isNotInstanceOf(ManagedPool.class);
            assertThat(nameSeenBy(pool)).isEqualTo("default");
            assertThat(context.getBean(ProcessPools.class).all().values()).allMatch(ManagedPool.class::isInstance);
            pools.add(pool);
        });
        assertThat(pools.get(0).snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }

    @Test
    void severalContexts_haveTheirOwnPools() {
        runner.run(one -> runner.run(other -> {
            ProcessPool first = one.getBean(ProcessPool.class);
            ProcessPool second = other.getBean(ProcessPool.class);
            other.close();
            assertThat(second.snapshot().state()).isEqualTo(PoolState.TERMINATED);
            assertThat(nameSeenBy(first)).isEqualTo("default");
        }));
    }

    /** The pool that it runs in. */
    private record PoolName() implements java.util.concurrent.Callable<String>, java.io.Serializable {
        @Override
        public String call() {
            return WorkerContext.current().poolName();
        }
    }
}
