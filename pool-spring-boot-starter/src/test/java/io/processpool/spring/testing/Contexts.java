package io.processpool.spring.testing;

import io.processpool.spring.ProcessPoolAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Application contexts with the starter, and Boot's executors. */
public final class Contexts {

    private Contexts() {}

    /** As it is without any property. */
    public static ApplicationContextRunner withDefaults() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        TaskExecutionAutoConfiguration.class,
                        TaskSchedulingAutoConfiguration.class,
                        ProcessPoolAutoConfiguration.class));
    }

    /** With one worker. */
    public static ApplicationContextRunner withProcesses() {
        return withDefaults().withPropertyValues("processpool.workers=1");
    }

    /** With one worker, a thread of this JVM. */
    public static ApplicationContextRunner inline() {
        return withProcesses().withPropertyValues("processpool.mode=inline");
    }
}
