package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.ProcessPool;
import io.processpool.TaskSerializationException;
import io.processpool.spring.testing.Contexts;
import io.processpool.spring.testing.NothingLeft;
import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

/** The bean {@code processPoolTaskExecutor}. */
@ExtendWith(NothingLeft.class)
class PoolTaskExecutorTests {

    private static final CountDownLatch EXECUTED = new CountDownLatch(1);

    private final ApplicationContextRunner runner = Contexts.inline().withUserConfiguration(ByQualifier.class);

    record Holder(AsyncTaskExecutor executor) {}

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    static class ByQualifier {
        @Bean
        Holder holder(@Qualifier("processPoolTaskExecutor") AsyncTaskExecutor executor) {
            return new Holder(executor);
        }

        @Bean
        Errands errands() {
            return new Errands();
        }
    }

    static class Errands {
        @Async("processPoolTaskExecutor")
        public CompletableFuture<String> thread() {
            return CompletableFuture.completedFuture(Thread.currentThread().getName());
        }
    }

    private static ContextConsumer<AssertableApplicationContext> given(WithExecutor test) {
        return context -> test.run(context.getBean(Holder.class).executor(), context.getBean(ProcessPool.class));
    }

    interface WithExecutor {
        void run(AsyncTaskExecutor executor, ProcessPool pool) throws Exception;
    }

    private static <T> Callable<T> travelling(SerializableCallable<T> task) {
        return task;
    }

    interface SerializableCallable<T> extends Callable<T>, Serializable {}

    @Test
    void execute_runsTheTask() {
        runner.run(given((executor, pool) -> {
            executor.execute((Runnable & Serializable) () -> EXECUTED.countDown());
            assertThat(EXECUTED.await(30, TimeUnit.SECONDS)).isTrue();
        }));
    }

    @Test
    void submit_returnsWhatTheTaskReturns() {
        runner.run(given((executor, pool) -> {
            assertThat(executor.submit(travelling(() -> 42)).get(30, TimeUnit.SECONDS))
                    .isEqualTo(42);
            assertThat(executor.submit((Runnable & Serializable) () -> {}).get(30, TimeUnit.SECONDS))
                    .isNull();
        }));
    }

    @Test
    void submitCompletable_completes() {
        runner.run(given((executor, pool) -> {
            assertThat(executor.submitCompletable(travelling(() -> 42))
                            .thenApply(i -> i + 1)
                            .get(30, TimeUnit.SECONDS))
                    .isEqualTo(43);
            assertThat(executor.submitCompletable((Runnable & Serializable) () -> {})
                            .get(30, TimeUnit.SECONDS))
                    .isNull();
        }));
    }

    @Test
    void notSerializableTask_failsWithTheCulprit() {
        Object culprit = new Object() {
            @Override
            public String toString() {
                return "culprit";
            }
        };
        runner.run(given((executor, pool) -> {
            assertThatThrownBy(() -> executor.execute(
                            (Runnable & Serializable) () -> assertThat(culprit).isNotNull()))
                    .isInstanceOf(TaskSerializationException.class)
                    .hasMessageContaining(culprit.getClass().getName());
            assertThatThrownBy(() -> executor.submit(() -> culprit).get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(TaskSerializationException.class);
        }));
    }

    // What @Async hands to an executor is a lambda that holds the bean, so it cannot leave this process.
    @Test
    void async_withThisExecutor_failsWithAClearError() {
        runner.run(context -> assertThatThrownBy(
                        () -> context.getBean(Errands.class).thread().get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TaskSerializationException.class)
                .hasMessageContaining("is not serializable; cast it to a serializable type"));
    }

    @Test
    void closedPool_rejectsTheTask() {
        runner.run(given((executor, pool) -> {
            pool.close();
            assertThatThrownBy(() -> executor.submit(travelling(() -> 42))).isInstanceOf(TaskRejectedException.class);
        }));
        Holder[] holder = new Holder[1];
        runner.run(context -> holder[0] = context.getBean(Holder.class));
        assertThatThrownBy(() -> holder[0].executor().submit(travelling(() -> 42)))
                .isInstanceOf(TaskRejectedException.class)
                .hasMessageContaining("closed");
    }
}
