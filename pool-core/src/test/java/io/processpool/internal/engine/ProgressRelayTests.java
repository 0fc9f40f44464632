package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.processpool.testing.CapturedLog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProgressRelayTests {

    private final ManualExecutor executor = new ManualExecutor();
    private final List<String> heard = new ArrayList<>();
    private final ProgressRelay relay = new ProgressRelay((done, total) -> heard.add(done + "/" + total), executor);

    @Test
    void report_idleListener_hearsOnTheExecutor() {
        relay.report(1, 10);
        assertThat(heard).isEmpty();

        executor.runAll();

        assertThat(heard).containsExactly("1/10");
    }

    @Test
    void report_severalBeforeTheListenerRuns_hearsOnlyTheNewest() {
        relay.report(1, 10);
        relay.report(2, 10);
        relay.report(3, -1);

        assertThat(executor.waiting()).as("tasks for the executor").isEqualTo(1);
        executor.runAll();

        assertThat(heard).containsExactly("3/-1");
    }

    @Test
    void report_whileTheListenerRuns_hearsItAfterwards() {
        ProgressRelay[] reentrant = new ProgressRelay[1];
        reentrant[0] = new ProgressRelay(
                (done, total) -> {
                    heard.add(done + "/" + total);
                    if (done < 3) {
                        reentrant[0].report(done + 1, total);
                        assertThat(executor.waiting()).as("never two at once").isZero();
                    }
                },
                executor);

        reentrant[0].report(1, 3);
        executor.runAll();

        assertThat(heard).containsExactly("1/3", "2/3", "3/3");
    }

    @Test
    void report_afterTheListenerHasRun_hearsAgain() {
        for (int i = 1; i <= 3; i++) {
            relay.report(i, 3);
            executor.runAll();
        }

        assertThat(heard).containsExactly("1/3", "2/3", "3/3");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void report_listenerThrows_isLoggedAndCalledAgain(boolean error) {
        ProgressRelay failing = new ProgressRelay(
                (done, total) -> {
                    heard.add(done + "/" + total);
                    if (error) {
                        throw new AssertionError("an assertion in a listener");
                    }
                    throw new IllegalStateException("a bug in a listener");
                },
                executor);
        try (CapturedLog log = CapturedLog.of(ProgressRelay.class.getName())) {
            for (int i = 1; i <= 2; i++) {
                failing.report(i, 2);
                executor.runAll();
            }
            assertThat(log.events(Level.WARN, "progress listener failed at 1 of 2"))
                    .hasSize(1);
            assertThat(log.events(Level.WARN, "progress listener failed at 2 of 2"))
                    .hasSize(1);
        }

        assertThat(heard).containsExactly("1/2", "2/2");
    }

    @Test
    void report_executorIsClosed_isSilent() {
        executor.close();

        relay.report(1, 2);
        relay.report(2, 2);

        assertThat(heard).isEmpty();
    }

    @Test
    void report_noThreadToBeHad_theNextReportIsPassedOn() {
        AtomicBoolean scarce = new AtomicBoolean(true);
        ProgressRelay patient = new ProgressRelay((done, total) -> heard.add(done + "/" + total), task -> {
            if (scarce.get()) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            task.run();
        });

        patient.report(1, 2);
        scarce.set(false);
        patient.report(2, 2);

        assertThat(heard).containsExactly("2/2");
    }

    @Test
    void report_byManyThreads_neverTwoAtOnceAndTheLastIsHeard() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicInteger inside = new AtomicInteger();
        AtomicBoolean together = new AtomicBoolean();
        CountDownLatch last = new CountDownLatch(1);
        List<Long> order = Collections.synchronizedList(new ArrayList<>());
        ProgressRelay shared = new ProgressRelay(
                (done, total) -> {
                    if (inside.incrementAndGet() > 1) {
                        together.set(true);
                    }
                    order.add(done);
                    inside.decrementAndGet();
                    if (done == 20_000) {
                        last.countDown();
                    }
                },
                threads);

        Object monotonic = new Object();
        long[] done = new long[1];
        List<Thread> reporters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread reporter = new Thread(() -> {
                for (int j = 0; j < 5_000; j++) {
                    synchronized (monotonic) { // as a job does
                        shared.report(++done[0], 20_000);
                    }
                }
            });
            reporters.add(reporter);
            reporter.start();
        }

        assertThat(last.await(30, TimeUnit.SECONDS)).as("the last step").isTrue();
        for (Thread reporter : reporters) {
            reporter.join();
        }
        threads.shutdown();
        assertThat(together).isFalse();
        assertThat(order).isSorted().doesNotHaveDuplicates();
    }
}
