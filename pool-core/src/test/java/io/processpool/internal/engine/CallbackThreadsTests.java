package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.ManualTimer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallbackThreadsTests {

    private static final Duration MOMENT = Duration.ofMillis(CallbackThreads.PATIENCE_MILLIS);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ManualTimer timer = new ManualTimer();
    private final CallbackThreads callbacks = new CallbackThreads("callback-threads", timer);
    private final AtomicInteger running = new AtomicInteger();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void end() {
        release.countDown();
        callbacks.shutdown();
    }

    private void block() {
        running.incrementAndGet();
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void block(int count) {
        for (int i = 0; i < count; i++) {
            callbacks.execute(this::block);
        }
    }

    private void awaitRunning(int count) {
        Awaitility.await("callbacks that run").atMost(PATIENCE).until(() -> running.get() == count);
    }

    @Test
    void execute_quickCallbacks_shareTheUsualThreadsAndNobodyLooks() throws Exception {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch ended = new CountDownLatch(10_000);

        for (int i = 0; i < 10_000; i++) {
            callbacks.execute(() -> {
                seen.add(Thread.currentThread());
                ended.countDown();
            });
        }

        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(seen).hasSizeLessThanOrEqualTo(CallbackThreads.USUAL);
        assertThat(timer.pending()).as("looks that are due").hasSizeLessThanOrEqualTo(1);
    }

    /** Runs a callback and waits until its thread has nothing to do; returns that. */
    private Thread runAndAwaitIdle() {
        AtomicReference<Thread> ran = new AtomicReference<>();
        callbacks.execute(() -> ran.set(Thread.currentThread()));
        Awaitility.await("an idle thread").atMost(PATIENCE).until(() -> {
            Thread thread = ran.get();
            return thread != null && thread.getState() == Thread.State.TIMED_WAITING;
        });
        return ran.get();
    }

    @Test
    void execute_oneAfterTheOther_shareOneThread() {
        Set<Thread> seen = new HashSet<>();

        for (int i = 0; i < 5; i++) {
            seen.add(runAndAwaitIdle());
        }

        assertThat(seen).hasSize(1);
    }

    @Test
    void execute_moreThanThereAreIdleThreads_startsThreadsForTheOthersAtOnce() {
        runAndAwaitIdle();

        block(CallbackThreads.USUAL);

        awaitRunning(CallbackThreads.USUAL);
        assertThat(timer.pending()).as("looks that are due").hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void execute_allThreadsAreBlocked_othersRunAfterAMoment() throws Exception {
        CountDownLatch ran = new CountDownLatch(1);
        block(CallbackThreads.USUAL);
        awaitRunning(CallbackThreads.USUAL);
        assertThat(timer.pending()).as("nobody waits yet").isEmpty();

        callbacks.execute(ran::countDown);
        assertThat(timer.pending()).containsExactly(MOMENT);
        timer.advance(MOMENT);

        assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        timer.advance(MOMENT);
        timer.advance(MOMENT);
        assertThat(timer.pending()).as("nobody waits any more").isEmpty();
    }

    @Test
    void execute_hundredsBlock_eachHasItsTurn() {
        block(500);
        awaitRunning(CallbackThreads.USUAL);

        for (int ran = CallbackThreads.USUAL; ran < 500; ran += CallbackThreads.USUAL) {
            awaitRunning(ran);
            timer.advance(MOMENT);
        }

        awaitRunning(500);
    }

    @Test
    void execute_moreBlockThanThereMayBeThreads_isBounded() {
        block(CallbackThreads.MOST + 50);

        for (int i = 0; i < CallbackThreads.MOST / CallbackThreads.USUAL + 10; i++) {
            timer.advance(MOMENT);
        }

        awaitRunning(CallbackThreads.MOST);
        timer.advance(MOMENT);
        assertThat(running).hasValue(CallbackThreads.MOST);
        release.countDown();
        awaitRunning(CallbackThreads.MOST + 50);
    }

    // The timer of the pool ends with it; callbacks that wait run all the same.
    @Test
    void shutdown_whileOthersBlock_thoseThatWaitRun() throws Exception {
        CountDownLatch ran = new CountDownLatch(2);
        block(CallbackThreads.USUAL);
        callbacks.execute(ran::countDown);

        callbacks.shutdown();
        callbacks.execute(ran::countDown);

        assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        awaitRunning(CallbackThreads.USUAL);
    }

    // ---- when the system has no more threads ----------------------------------------------------------------------

    /** Has threads while it is told so. */
    private final AtomicInteger available = new AtomicInteger();

    private final CallbackThreads scarce = new CallbackThreads(
            target -> {
                if (available.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                return new Thread(target);
            },
            timer);

    @Test
    void execute_noThreads_runsWhenThereAreSome() throws Exception {
        CountDownLatch ran = new CountDownLatch(2);
        try {
            scarce.execute(ran::countDown);
            scarce.execute(ran::countDown);
            timer.advance(MOMENT);
            timer.advance(MOMENT);
            assertThat(ran.getCount()).isEqualTo(2);

            available.set(1);
            timer.advance(MOMENT);

            assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            scarce.shutdown();
        }
    }

    @Test
    void execute_noThreadButAnIdleOne_runsOnThat() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        try {
            available.set(1);
            scarce.execute(first::countDown);
            assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();

            scarce.execute(second::countDown);

            assertThat(second.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            scarce.shutdown();
        }
    }

    @Test
    void shutdown_noThreads_thoseThatWaitRunInTheThreadThatEndsThePool() {
        List<String> ran = new ArrayList<>();
        scarce.execute(() -> ran.add("waited"));
        scarce.execute(() -> {
            throw new IllegalStateException("a bug of the user");
        });
        scarce.execute(() -> ran.add("waited too"));

        scarce.shutdown();
        scarce.runRest();
        scarce.execute(() -> ran.add("late"));

        assertThat(ran).containsExactly("waited", "waited too", "late");
    }

    // ---- when the timer cannot be set -----------------------------------------------------------------------------

    @Test
    void execute_noMemoryToSetTheTimer_theNextCallbackMakesUpForIt() {
        block(CallbackThreads.USUAL);
        awaitRunning(CallbackThreads.USUAL);
        timer.memory().refuse(1);
        callbacks.execute(this::block);
        assertThat(timer.pending()).isEmpty();

        callbacks.execute(this::block);
        assertThat(timer.pending()).containsExactly(MOMENT);
        timer.advance(MOMENT);

        awaitRunning(CallbackThreads.USUAL + 2);
    }

    @Test
    void look_noMemoryToSetTheTimerAgain_theNextCallbackThatEndsMakesUpForIt() throws Exception {
        CountDownLatch ends = new CountDownLatch(1);
        callbacks.execute(() -> {
            try {
                ends.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        block(2 * CallbackThreads.USUAL + 3);
        awaitRunning(CallbackThreads.USUAL - 1);
        timer.memory().refuse(1);
        timer.advance(MOMENT);
        awaitRunning(2 * CallbackThreads.USUAL - 1);
        assertThat(timer.pending()).as("four wait, and nobody looks").isEmpty();

        ends.countDown();
        timer.awaitPending(1);
        timer.advance(MOMENT); // the one that has ended may count for this look
        timer.advance(MOMENT);

        awaitRunning(2 * CallbackThreads.USUAL + 3);
    }
}
