package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.PoolClosedException;
import io.processpool.ProcessPool;
import io.processpool.spring.testing.Deeds;
import io.processpool.spring.testing.NothingLeft;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** While a context closes, whoever is still at work has pools: in this order everything else ends before they do. */
@ExtendWith(NothingLeft.class)
class ShutdownOrderIT {

    /** Somebody at work: says that he is, and uses the pool when he is told to. */
    static final class Step {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private final CompletableFuture<Long> result = new CompletableFuture<>();

        long work(ProcessPool pool) {
            entered.countDown();
            try {
                if (!go.await(60, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("was never told to go on");
                }
                long pid = pool.apply(Deeds::pid);
                result.complete(pid);
                return pid;
            } catch (InterruptedException | RuntimeException e) {
                result.completeExceptionally(e);
                throw new IllegalStateException(e);
            }
        }

        void awaitEntered() throws InterruptedException {
            assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** All who are at work in one application. */
    static final class Steps {
        final Step request = new Step();
        final Step async = new Step();
        final Step scheduled = new Step();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    @EnableScheduling
    static class Workplaces {
        @Bean
        Steps steps() {
            return new Steps();
        }

        @Bean
        Errands errands(Steps steps, ProcessPool pool) {
            return new Errands(steps, pool);
        }

        /** Stops after the web server, and before executors. */
        @Bean
        Stopping beforeExecutors(Steps steps) {
            return new Stopping(Integer.MAX_VALUE / 2 + 1, () -> {
                steps.async.go.countDown();
                steps.scheduled.go.countDown();
            });
        }
    }

    static class Errands {
        private final Steps steps;
        private final ProcessPool pool;

        Errands(Steps steps, ProcessPool pool) {
            this.steps = steps;
            this.pool = pool;
        }

        @Async
        public void async() {
            steps.async.work(pool);
        }

        @Scheduled(initialDelay = 0, fixedDelay = 100, timeUnit = TimeUnit.DAYS)
        public void scheduled() {
            steps.scheduled.work(pool);
        }

        @EventListener
        public void closing(ContextClosedEvent event) {
            steps.request.go.countDown();
        }
    }

    /** Does something in one phase of the shutdown. */
    static final class Stopping implements SmartLifecycle {
        private final int phase;
        private final Runnable deed;
        private volatile boolean running;

        Stopping(int phase, Runnable deed) {
            this.phase = phase;
            this.deed = deed;
        }

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            deed.run();
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return phase;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WebApplication extends Workplaces {
        @RestController
        static class Controller {
            private final Steps steps;
            private final ProcessPool pool;

            Controller(Steps steps, ProcessPool pool) {
                this.steps = steps;
                this.pool = pool;
            }

            @GetMapping("/work")
            String work() {
                return "pid " + steps.request.work(pool);
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    @ImportAutoConfiguration({
        TaskExecutionAutoConfiguration.class,
        TaskSchedulingAutoConfiguration.class,
        ProcessPoolAutoConfiguration.class
    })
    static class LateApplication {
        @Bean
        Steps steps() {
            return new Steps();
        }

        @Bean
        LateErrand errand(Steps steps, ProcessPool pool) {
            return new LateErrand(steps, pool);
        }

        /** Stops after pools do by default. */
        @Bean
        Stopping afterPools(Steps steps) {
            return new Stopping(ProcessPoolProperties.DEFAULT_PHASE - 1, steps.async.go::countDown);
        }
    }

    static class LateErrand {
        private final Steps steps;
        private final ProcessPool pool;

        LateErrand(Steps steps, ProcessPool pool) {
            this.steps = steps;
            this.pool = pool;
        }

        @Async
        public void async() {
            steps.async.work(pool);
        }
    }

    private static ConfigurableApplicationContext start(
            Class<?> application, WebApplicationType type, String... arguments) {
        return new SpringApplicationBuilder(application)
                .web(type)
                .registerShutdownHook(false)
                .run(Stream.concat(
                                Stream.of("--spring.main.banner-mode=off", "--processpool.workers=1"),
                                Arrays.stream(arguments))
                        .toArray(String[]::new));
    }

    @Test
    void close_requestAsyncAndScheduledTaskInFlight_allCanUseThePool() throws Exception {
        ConfigurableApplicationContext context = start(
                WebApplication.class,
                WebApplicationType.SERVLET,
                "--management.otlp.metrics.export.enabled=false", // nobody listens
                "--server.port=0",
                "--server.address=127.0.0.1");
        Steps steps = context.getBean(Steps.class);
        String port = context.getEnvironment().getProperty("local.server.port");
        context.getBean(Errands.class).async();
        CompletableFuture<HttpResponse<String>> response = HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/work"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        steps.request.awaitEntered();
        steps.async.awaitEntered();
        steps.scheduled.awaitEntered();
        context.close();
        assertThat(response.get(60, TimeUnit.SECONDS).body()).startsWith("pid ");
        assertThat(steps.async.result.get(60, TimeUnit.SECONDS)).isNotEqualTo(Deeds.pid());
        assertThat(steps.scheduled.result.get(60, TimeUnit.SECONDS)).isNotEqualTo(Deeds.pid());
    }

    private static Step closeWithLateTask(String stop) throws InterruptedException {
        ConfigurableApplicationContext context = start(
                LateApplication.class,
                WebApplicationType.NONE,
                "--processpool.lifecycle.stop=" + stop,
                "--processpool.pools.render.workers=1",
                "--spring.task.execution.shutdown.await-termination=true",
                "--spring.task.execution.shutdown.await-termination-period=60s");
        context.getBean(LateErrand.class).async();
        Step step = context.getBean(Steps.class).async;
        step.awaitEntered();
        context.close();
        return step;
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "destroy"})
    void close_executorThatWaitsWhenItIsDestroyed_itsTaskCanUseThePool(String stop) throws Exception {
        assertThat(closeWithLateTask(stop).result.get(60, TimeUnit.SECONDS)).isNotEqualTo(Deeds.pid());
    }

    /** Hands one more task to Boot's executor, as it stops. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({TaskExecutionAutoConfiguration.class, ProcessPoolAutoConfiguration.class})
    static class LastWishes {
        final CompletableFuture<Long> result = new CompletableFuture<>();

        /** Looks them up as it stops: what depends on an executor stops before it. */
        @Bean
        Stopping afterPools(ApplicationContext context) {
            return new Stopping(ProcessPoolProperties.DEFAULT_PHASE - 1, () -> {
                ProcessPool pool = context.getBean(ProcessPool.class);
                context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
                        .submitCompletable(() -> result.complete(pool.apply(Deeds::pid)))
                        .exceptionally(result::completeExceptionally)
                        .join();
            });
        }
    }

    @Test
    void close_executorThatTakesTasksUntilItIsDestroyed_itsLastTaskCanUseThePool() throws Exception {
        ConfigurableApplicationContext context = start(
                LastWishes.class,
                WebApplicationType.NONE,
                "--spring.task.execution.pool.shutdown.accept-tasks-after-context-close=true");
        CompletableFuture<Long> result = context.getBean(LastWishes.class).result;

        context.close();

        assertThat(result.get(60, TimeUnit.SECONDS)).isNotEqualTo(Deeds.pid());
    }

    // What the other two are for.
    @Test
    void close_executorThatWaitsWhenItIsDestroyed_stopInPhaseIsTooEarly() throws Exception {
        Step step = closeWithLateTask("phase");
        assertThatThrownBy(() -> step.result.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(PoolClosedException.class);
    }
}
