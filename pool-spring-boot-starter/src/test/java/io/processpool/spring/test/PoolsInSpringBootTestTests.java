package io.processpool.spring.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.ProcessPool;
import io.processpool.spring.testing.Deeds;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;

/** A test of an application whose configuration file wants processes. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.NONE, properties = "spring.config.name=pools-of-a-test")
@AutoConfigureProcessPool
class PoolsInSpringBootTestTests {

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(TaskExecutionAutoConfiguration.class)
    static class Application {}

    @Autowired
    ProcessPool pool;

    @Autowired
    @Qualifier("render")
    ProcessPool render;

    @Test
    void everyPool_isInlineAndSmall() {
        assertThat(pool.apply(Deeds::pid)).isEqualTo(Deeds.pid());
        assertThat(pool.snapshot().targetWorkers()).isEqualTo(1);
        assertThat(render.apply(Deeds::pid)).isEqualTo(Deeds.pid());
        assertThat(render.snapshot().targetWorkers()).isEqualTo(1);
    }
}
