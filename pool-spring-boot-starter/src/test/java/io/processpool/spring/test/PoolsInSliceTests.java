package io.processpool.spring.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.ProcessPool;
import io.processpool.TaskSerializationException;
import io.processpool.spring.testing.Deeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/** A test with few auto-configurations, or none but this. */
@ExtendWith(SpringExtension.class)
@AutoConfigureProcessPool(workers = 2)
class PoolsInSliceTests {

    @Configuration(proxyBeanMethods = false)
    static class Beans {}

    @Autowired
    ProcessPool pool;

    @Test
    void pool_isInline() {
        assertThat(pool.apply(Deeds::pid)).isEqualTo(Deeds.pid());
        assertThat(pool.snapshot().targetWorkers()).isEqualTo(2);
    }

    @Test
    void whatCannotTravel_failsHereToo() {
        Object culprit = new Object();
        assertThatThrownBy(() -> pool.apply(() -> culprit.hashCode())).isInstanceOf(TaskSerializationException.class);
    }
}
