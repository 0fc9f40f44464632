package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.processpool.PoolClosedException;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import io.processpool.TaskOptions;
import io.processpool.WorkerState;
import io.processpool.spring.managed.ProcessPoolLifecycle;
import io.processpool.spring.testing.Contexts;
import io.processpool.spring.testing.Deeds;
import io.processpool.spring.testing.NothingLeft;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Pools from the start of a context to its end, and over again. */
@ExtendWith({NothingLeft.class, OutputCaptureExtension.class})
class LifecycleIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final ApplicationContextRunner runner =
            Contexts.withProcesses().withConfiguration(AutoConfigurations.of(LifecycleAutoConfiguration.class));

    private TaskFuture<Long> hold(ProcessPool pool, String name) {
        TaskFuture<Long> future = pool.applyAsync(Deeds.held(directory, name), TaskOptions.defaults());
        await().atMost(PATIENCE).until(() -> Files.exists(Deeds.started(directory, name)));
        return future;
    }

    private void release(String name) throws Exception {
        Files.createFile(Deeds.release(directory, name));
    }

    private static boolean alive(long pid) {
        return ProcessHandle.of(pid).isPresent();
    }

    // ---- start ----------------------------------------------------------------------------------------------------

    @Test
    void eager_launchesWorkersWithTheContext() {
        runner.withPropertyValues("processpool.start=eager").run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            await().atMost(PATIENCE).until(() -> pool.snapshot().workers(WorkerState.IDLE) == 1);
        });
    }

    @Test
    void lazy_launchesWorkersWithTheFirstTask() {
        runner.withPropertyValues("processpool.start=lazy").run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            assertThat(context.getBean(ProcessPoolLifecycle.class).isRunning()).isTrue();
            assertThat(pool.snapshot().workers()).isEmpty();
            assertThat(pool.snapshot().targetWorkers()).isEqualTo(1);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(Deeds.pid());
            assertThat(pool.activeChildren()).hasSize(1);
        });
    }

    @Test
    void lazy_recycledBeforeItsFirstTask_hasNoWorkers() {
        runner.withPropertyValues("processpool.start=lazy").run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            pool.recycleAll();
            assertThat(pool.activeChildren()).isEmpty();
            assertThat(pool.snapshot().workers()).isEmpty();
        });
    }

    @Test
    void ready_startsTheContextWhenAWorkerIsReady() {
        runner.withPropertyValues("processpool.start=ready", "processpool.pools.render.workers=1")
                .run(context -> context.getBeansOfType(ProcessPool.class)
                        .values()
                        .forEach(pool -> assertThat(pool.activeChildren().get(0).tasksCompleted())
                                .isEqualTo(1)));
    }

    // ---- half a start ---------------------------------------------------------------------------------------------

    static final List<Long> PIDS = new ArrayList<>();

    static class UsesAndFails {
        UsesAndFails(ProcessPool pool) {
            PIDS.add(pool.apply(Deeds::pid));
            throw new IllegalStateException("no");
        }
    }

    static class FailsLater implements SmartLifecycle {
        private final ProcessPool pool;

        FailsLater(ProcessPool pool) {
            this.pool = pool;
        }

        @Override
        public void start() {
            PIDS.add(pool.apply(Deeds::pid));
            throw new IllegalStateException("no");
        }

        @Override
        public void stop() {}

        @Override
        public boolean isRunning() {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {UsesAndFails.class, FailsLater.class})
    void failingBean_leavesNoWorker(Class<?> bean) {
        PIDS.clear();
        runner.withBean(bean).run(context -> {
            assertThat(context).getFailure().hasRootCauseMessage("no");
            assertThat(PIDS).hasSize(1).noneMatch(LifecycleIT::alive);
        });
    }

    @Test
    void ready_oneCannotStart_leavesNoWorkerOfTheOthers() {
        runner.withPropertyValues(
                        "processpool.pools.good.start=ready",
                        "processpool.pools.bad.start=ready",
                        "processpool.pools.bad.jvm-arguments=-XX:+NoSuchOption")
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining("NoSuchOption"));
    }

    // ---- stop -----------------------------------------------------------------------------------------------------

    @Test
    void close_waitsForTasks() {
        runner.run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            TaskFuture<Long> held = hold(pool, "task");
            CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
            await().atMost(PATIENCE).until(() -> pool.snapshot().state() == PoolState.SHUTDOWN);
            assertThatThrownBy(() -> pool.apply(Deeds::pid)).isInstanceOf(PoolClosedException.class);
            release("task");
            long pid = held.get(60, TimeUnit.SECONDS);
            closed.get(60, TimeUnit.SECONDS);
            assertThat(alive(pid)).isFalse();
        });
    }

    @Test
    void close_shutdownTimeoutIsOver_killsTheTask() {
        runner.withPropertyValues("processpool.shutdown-timeout=100ms").run(context -> {
            TaskFuture<Long> held = hold(context.getBean(ProcessPool.class), "task");
            context.close();
            assertThatThrownBy(() -> held.get(60, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(PoolClosedException.class);
        });
    }

    @Test
    void close_phaseTimeoutIsOver_killsTheTask(CapturedOutput output) {
        runner.withPropertyValues(
                        "processpool.shutdown-timeout=10m", "spring.lifecycle.timeout-per-shutdown-phase=100ms")
                .run(context -> {
                    assertThat(output).contains("waits only PT0.1S", "shutdown-timeout");
                    TaskFuture<Long> held = hold(context.getBean(ProcessPool.class), "task");
                    context.close();
                    assertThatThrownBy(() -> held.get(60, TimeUnit.SECONDS))
                            .isInstanceOf(ExecutionException.class)
                            .hasCauseInstanceOf(PoolClosedException.class);
                    assertThat(output).contains("goes on before these process pools have ended: [default]");
                });
    }

    /** What Spring does and logs after a stop must not come from a thread that the end of the context does not wait for. */
    @Test
    void stop_callsBackInTheThreadOfTheCaller_afterAllPoolsHaveEnded() {
        runner.run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            List<Object> seen = new ArrayList<>();
            context.getBean(ProcessPoolLifecycle.class)
                    .stop(() -> Collections.addAll(
                            seen, Thread.currentThread(), pool.snapshot().state()));
            assertThat(seen).containsExactly(Thread.currentThread(), PoolState.TERMINATED);
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("processpool-stop"));
        });
    }

    @Test
    void close_severalPools_drainAtTheSameTime() {
        runner.withPropertyValues("processpool.pools.one.workers=1", "processpool.pools.two.workers=1")
                .run(context -> {
                    ProcessPool one = context.getBean("one", ProcessPool.class);
                    ProcessPool two = context.getBean("two", ProcessPool.class);
                    TaskFuture<Long> first = hold(one, "one");
                    TaskFuture<Long> second = hold(two, "two");
                    CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
                    await().atMost(PATIENCE)
                            .until(() -> one.snapshot().state() == PoolState.SHUTDOWN
                                    && two.snapshot().state() == PoolState.SHUTDOWN);
                    release("one");
                    release("two");
                    assertThat(first.get(60, TimeUnit.SECONDS)).isNotEqualTo(second.get(60, TimeUnit.SECONDS));
                    closed.get(60, TimeUnit.SECONDS);
                });
    }

    @Test
    void close_takesLong_isToldInTheLog(CapturedOutput output) {
        ch.qos.logback.classic.Logger logger =
                (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("io.processpool.spring.managed");
        logger.setLevel(Level.INFO);
        try {
            runner.run(context -> {
                TaskFuture<Long> held = hold(context.getBean(ProcessPool.class), "task");
                CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
                await().atMost(PATIENCE)
                        .until(() -> output.getAll()
                                .contains(
                                        "Waiting for process pool 'default' to finish its tasks: 1 running, 0 queued"));
                release("task");
                held.get(60, TimeUnit.SECONDS);
                closed.get(60, TimeUnit.SECONDS);
            });
        } finally {
            logger.setLevel(null);
        }
    }

    @Test
    void close_twice_andUseAfterwards() {
        runner.run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            pool.apply(Deeds::pid);
            context.close();
            context.close();
            pool.close();
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
            assertThat(pool.join(Duration.ZERO)).isTrue();
            assertThatThrownBy(() -> pool.apply(Deeds::pid))
                    .isInstanceOf(PoolClosedException.class)
                    .hasMessageContaining("closed")
                    .hasMessageContaining("pool=default");
        });
    }

    @Test
    @Timeout(25) // less than Spring waits for a phase
    void close_fromACallbackOfThePool() {
        runner.run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            CompletableFuture<Void> closed = new CompletableFuture<>();
            pool.applyAsync(Deeds::pid, TaskOptions.defaults()).whenComplete((pid, failure) -> {
                context.close();
                closed.complete(null);
            });
            closed.get(60, TimeUnit.SECONDS);
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        });
    }

    @RepeatedTest(3)
    void close_duringTheFirstUse_leavesNothing() {
        runner.withPropertyValues("processpool.start=lazy").run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            CompletableFuture<Long> used = CompletableFuture.supplyAsync(() -> pool.apply(Deeds::pid));
            context.close();
            // Whoever comes first: the task has its time, or there is no pool any more.
            try {
                assertThat(used.get(60, TimeUnit.SECONDS)).isNotEqualTo(Deeds.pid());
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(PoolClosedException.class);
            }
            assertThatThrownBy(() -> pool.apply(Deeds::pid)).isInstanceOf(PoolClosedException.class);
        });
    }

    // ---- stop and start -------------------------------------------------------------------------------------------

    @Test
    void stopAndStart_hasNewWorkers() {
        runner.run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            long first = pool.apply(Deeds::pid);
            context.stop();
            assertThat(alive(first)).isFalse();
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
            assertThatThrownBy(() -> pool.apply(Deeds::pid))
                    .isInstanceOf(PoolClosedException.class)
                    .hasMessageContaining("stopped, paused or closing");
            context.start();
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(first);
        });
    }

    @Test
    void stopAndStart_neverUsedLazyPool_canBeUsed() {
        runner.withPropertyValues("processpool.start=lazy").run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            context.stop();
            assertThatThrownBy(() -> pool.apply(Deeds::pid)).isInstanceOf(PoolClosedException.class);
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
            context.start();
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.RUNNING);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(Deeds.pid());
        });
    }

    @Test
    void stopAndStart_lazyPool_waitsForItsNextUse() {
        runner.withPropertyValues("processpool.start=lazy").run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            pool.apply(Deeds::pid);
            context.stop();
            context.start();
            assertThat(pool.activeChildren()).isEmpty();
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.RUNNING);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(Deeds.pid());
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnPool {
        @Bean
        ProcessPool mine() {
            return ProcessPool.builder().name("mine").workers(1).build();
        }
    }

    // It could not start again, so it is closed only with the context.
    @Test
    void stopAndStart_leavesAnOwnPoolAlone() {
        runner.withUserConfiguration(OwnPool.class).run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            context.stop();
            context.start();
            TaskFuture<Long> held = hold(pool, "task");
            CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
            await().atMost(PATIENCE).until(() -> pool.snapshot().state() == PoolState.SHUTDOWN);
            release("task");
            held.get(60, TimeUnit.SECONDS);
            closed.get(60, TimeUnit.SECONDS);
        });
    }

    @Test
    void stop_whenPoolsStopLate_drainsAllTheSame_alsoAfterAChildWasClosed() {
        runner.withPropertyValues("processpool.lifecycle.stop=destroy").run(parent -> {
            new ApplicationContextRunner()
                    .withParent(parent)
                    .run(child -> assertThat(child).hasNotFailed());
            ProcessPool pool = parent.getBean(ProcessPool.class);
            long first = pool.apply(Deeds::pid);
            parent.stop();
            assertThat(alive(first)).isFalse();
            parent.start();
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(first);
        });
    }

    // ---- applications ---------------------------------------------------------------------------------------------

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(ProcessPoolAutoConfiguration.class)
    static class Application {}

    @Test
    void exit_ofTheApplication_leavesNothing() {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .run("--spring.main.banner-mode=off", "--processpool.workers=1");
        long pid = context.getBean(ProcessPool.class).apply(Deeds::pid);
        assertThat(SpringApplication.exit(context, () -> 7)).isEqualTo(7);
        assertThat(alive(pid)).isFalse();
    }
}
