package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ElasticThreadsTests {

    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(1, new NamedThreads("test", "timer"));
    private final ElasticThreads housekeeping = new ElasticThreads(new NamedThreads("test", "housekeeping"), timer);

    @AfterEach
    void close() {
        housekeeping.shutdown();
        timer.shutdownNow();
    }

    /** Refuses so many threads, as the system does when there are too many; returns how many it was asked for. */
    private AtomicInteger refuse(int threads) {
        ThreadFactory usual = housekeeping.getThreadFactory();
        AtomicInteger asked = new AtomicInteger();
        housekeeping.setThreadFactory(target -> {
            if (asked.incrementAndGet() <= threads) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return usual.newThread(target);
        });
        return asked;
    }

    @Test
    void execute_noThreads_runsWhenThereAreSome() {
        AtomicInteger asked = refuse(3);
        CountDownLatch ran = new CountDownLatch(2);

        housekeeping.execute(ran::countDown);
        housekeeping.execute(ran::countDown);

        await().atMost(Duration.ofSeconds(20)).until(() -> ran.getCount() == 0);
        assertThat(asked).hasValueGreaterThan(3);
    }

    @Test
    void execute_afterTheShutdown_isDropped() {
        AtomicInteger ran = new AtomicInteger();
        housekeeping.shutdown();

        housekeeping.execute(ran::incrementAndGet);

        assertThat(ran).hasValue(0);
    }
}
