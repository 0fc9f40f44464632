package io.processpool.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunningItemTests {

    private final RunningItem running = new RunningItem();

    @Test
    void hold_noItemRuns_doesNothing() {
        AtomicBoolean done = new AtomicBoolean();

        assertThat(running.hold(() -> done.set(true))).isFalse();
        running.begin(1, 2);
        running.end();
        assertThat(running.hold(() -> done.set(true))).isFalse();

        assertThat(done).isFalse();
    }

    @Test
    void hold_anItemRuns_itDoesNotEndMeanwhile() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean holding = new AtomicBoolean();
        AtomicBoolean endedMeanwhile = new AtomicBoolean();
        Thread runner = new Thread(() -> {
            running.begin(1, 2);
            begun.countDown();
            awaitUninterruptibly(mayEnd);
            running.end();
            endedMeanwhile.set(holding.get());
        });
        runner.start();
        begun.await();

        boolean held = running.hold(() -> {
            holding.set(true);
            mayEnd.countDown();
            await().until(() -> runner.getState() == Thread.State.WAITING);
            assertThat(running.is(1, 2)).isTrue();
            holding.set(false);
        });
        runner.join();

        assertThat(held).isTrue();
        assertThat(endedMeanwhile).isFalse();
        assertThat(running.current()).isEqualTo(RunningItem.NONE);
    }

    @Test
    void interrupt_itsItemOrAnother_reachesThatItemOnly() throws Exception {
        running.begin(1, 2);
        interruptFromElsewhere(1, 1);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();

        interruptFromElsewhere(1, 2);
        boolean interrupted = Thread.currentThread().isInterrupted();
        running.end();

        assertThat(interrupted).isTrue();
        assertThat(Thread.currentThread().isInterrupted())
                .as("left for the next")
                .isFalse();
    }

    private void interruptFromElsewhere(int batch, int index) {
        CompletableFuture.runAsync(() -> running.interrupt(batch, index)).join(); // leaves the flag set, if it was
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
