package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.ProcessPool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Pools of the auto-configuration, with real workers. */
class ProcessPoolAutoConfigurationIT {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(TaskExecutionAutoConfiguration.class, ProcessPoolAutoConfiguration.class))
            .withPropertyValues("processpool.workers=1");

    @Test
    void processPool_noConfiguration_runsTasksInAnotherProcess() {
        runner.run(context -> {
            ProcessPool pool = context.getBean(ProcessPool.class);
            long pid = pool.apply(() -> ProcessHandle.current().pid());
            assertThat(pid).isNotEqualTo(ProcessHandle.current().pid());
            assertThat(pool.snapshot().name()).isEqualTo("default");
            assertThat(context).hasBean("applicationTaskExecutor").hasBean("processPoolTaskExecutor");
        });
    }

    @Test
    void namedPools_inheritAndAreInjectedByName() {
        runner.withPropertyValues("processpool.pools.render.workers=2", "processpool.pools.ocr.max-tasks-per-worker=5")
                .run(context -> {
                    assertThat(context.getBean("render", ProcessPool.class)
                                    .snapshot()
                                    .targetWorkers())
                            .isEqualTo(2);
                    assertThat(context.getBean("ocr", ProcessPool.class)
                                    .snapshot()
                                    .targetWorkers())
                            .isEqualTo(1);
                    assertThat(context.getBean(ProcessPool.class).snapshot().name())
                            .isEqualTo("default");
                    assertThat(context.getBean(ProcessPool.class).snapshot().workers())
                            .isEmpty();
                    assertThat(context.getBean("render", ProcessPool.class).map(i -> i * i, List.of(1, 2, 3)))
                            .containsExactly(1, 4, 9);
                });
    }

    @Test
    void workers_zero_endStartUpWithTheProperty() {
        runner.withPropertyValues("processpool.workers=0")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("processpool.workers")
                        .hasMessageContaining("'0'"));
    }
}
