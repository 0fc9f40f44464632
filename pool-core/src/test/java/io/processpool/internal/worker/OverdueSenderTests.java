package io.processpool.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OverdueSenderTests {

    private final RunningItem running = new RunningItem();
    private final AtomicInteger flushed = new AtomicInteger();
    private final List<Thread> started = new ArrayList<>();
    private int refusals;

    private final OverdueSender sender = new OverdueSender(running, flushed::incrementAndGet, work -> {
        Thread thread = OverdueSender.newThread(work);
        if (refusals > 0) {
            refusals--;
            throw new OutOfMemoryError("unable to create native thread");
        }
        started.add(thread);
        return thread;
    });

    @AfterEach
    void noMoreWaits() {
        sender.end(); // its thread sleeps
    }

    @Test
    void begin_anItemRuns_flushes() {
        assertThat(sender.begin(0)).isTrue();
        running.begin(1, 0);

        await().until(() -> flushed.get() > 0);
    }

    @Test
    void begin_noThreadToBeHad_triesAgainAfterAWhile() {
        refusals = 1;
        assertThat(sender.begin(0)).isFalse();
        assertThat(sender.begin(OverdueSender.NO_THREAD_NANOS - 1)).isFalse();
        assertThat(started).isEmpty();

        assertThat(sender.begin(OverdueSender.NO_THREAD_NANOS)).isTrue();

        assertThat(started).hasSize(1);
        running.begin(1, 0);
        await().until(() -> flushed.get() > 0);
        assertThat(sender.begin(OverdueSender.NO_THREAD_NANOS + 1)).isTrue();
    }
}
