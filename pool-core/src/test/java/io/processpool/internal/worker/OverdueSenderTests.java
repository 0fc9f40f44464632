package io.processpool.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
        thread.start();
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

    /** What a task has set lives as long as what keeps it. */
    @Test
    void newThread_fromAThreadWithThingsOfATask_hasNoneOfThem() throws Exception {
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        CompletableFuture<String> seen = new CompletableFuture<>();
        CompletableFuture<Thread> made = new CompletableFuture<>();
        Thread task = new Thread(() -> {
            local.set("of the task");
            made.complete(OverdueSender.newThread(() -> seen.complete(String.valueOf(local.get()))));
        });
        task.setContextClassLoader(new ClassLoader() {});
        task.setPriority(Thread.MAX_PRIORITY);
        task.start();

        Thread thread = made.get();
        assertThat(thread.getContextClassLoader()).isSameAs(OverdueSender.class.getClassLoader());
        assertThat(thread.getPriority()).isEqualTo(Thread.NORM_PRIORITY);
        assertThat(thread.isDaemon()).isTrue();
        thread.start();
        assertThat(seen.get()).isEqualTo("null");
        thread.join();
        task.join();
    }

    /** One that stays interrupted does not park any more: it would keep a processor busy. */
    @Test
    void interrupt_whileItWatchesOrSleeps_doesNotStay() {
        sender.begin(0);
        Thread thread = started.get(0);
        thread.interrupt();
        await().until(() -> !thread.isInterrupted());

        sender.end();
        await().until(() -> thread.getState() == Thread.State.WAITING);
        thread.interrupt();
        await().until(() -> !thread.isInterrupted());

        await().until(() -> thread.getState() == Thread.State.WAITING);
        sender.begin(0);
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

    @Test
    void begin_afterItHasFallenAsleep_wakesIt() {
        running.begin(1, 0);
        sender.begin(0);
        awaitRound();

        sender.end();
        await("sleep").until(() -> !sender.isAwake());
        sender.begin(0);
        awaitRound();

        assertThat(sender.isAwake()).isTrue();
    }

    private void awaitRound() {
        int before = flushed.get();
        await("a round").until(() -> flushed.get() > before);
    }
}
