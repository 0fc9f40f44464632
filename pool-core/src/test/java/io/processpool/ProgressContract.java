package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import io.processpool.testing.Sources;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The progress of a task and of a map: row F12. */
abstract class ProgressContract extends PoolContract {

    ProgressContract(Mode mode) {
        super(mode);
    }

    private record Step(long done, long total) {}

    /** Keeps all steps; notices when two threads call at once. */
    private static final class Steps implements ProgressListener {
        final ConcurrentLinkedDeque<Step> all = new ConcurrentLinkedDeque<>();
        final AtomicInteger inside = new AtomicInteger();
        volatile boolean overlapped;

        @Override
        public void progress(long done, long total) {
            overlapped |= inside.incrementAndGet() > 1;
            all.add(new Step(done, total));
            inside.decrementAndGet();
        }

        void awaitLast(long done, long total) {
            await().atMost(LONG).untilAsserted(() -> assertThat(all.peekLast()).isEqualTo(new Step(done, total)));
            assertInOrder();
        }

        /** Waits for a step, whether it is known by then how many there are or not. */
        void awaitLast(long done) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(all.peekLast())
                            .isNotNull()
                            .extracting(Step::done)
                            .isEqualTo(done));
            assertInOrder();
        }

        private void assertInOrder() {
            assertThat(all).extracting(Step::done).isSorted();
            assertThat(overlapped).as("called by two threads at once").isFalse();
        }
    }

    @Test
    void task_reportsStepByStep_lastStepAlwaysArrives() throws Exception {
        Steps steps = new Steps();
        try (ProcessPool pool = pool(1)) {
            pool.applyAsync(
                            () -> {
                                for (int i = 1; i <= 1000; i++) {
                                    WorkerContext.current().progress(i, 1000);
                                }
                                return null;
                            },
                            TaskOptions.defaults().progress(steps))
                    .get(LONG);
            steps.awaitLast(1000, 1000);
            assertThat(steps.all.size()).as("not every step travels").isLessThan(100);
        }
    }

    @Test
    void task_reportsAndWaits_stepArrivesWhileItRuns() throws Exception {
        Gate gate = gate("gate");
        Steps steps = new Steps();
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> future = pool.applyAsync(
                    () -> {
                        WorkerContext.current().progress(3, -1);
                        return gate.pass();
                    },
                    TaskOptions.defaults().progress(steps));
            gate.awaitArrivals(1);

            steps.awaitLast(3, -1);
            assertThat(future.ready()).isFalse();
            gate.open();
            future.get(LONG);
        }
    }

    @Test
    void task_failsAfterAReport_lastStepArrivesAllTheSame() {
        Steps steps = new Steps();
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Void> future = pool.applyAsync(
                    () -> {
                        WorkerContext.current().progress(1, 9);
                        WorkerContext.current().progress(4, 9);
                        throw new IllegalStateException("boom");
                    },
                    TaskOptions.defaults().progress(steps));
            assertThat(failureOf(future)).isInstanceOf(TaskFailedException.class);
            steps.awaitLast(4, 9);
        }
    }

    // F12: counts reach 100 %
    @Test
    void map_itemsEnd_stepsReachTheTotal() throws Exception {
        for (MapOptions options :
                List.of(MapOptions.defaults(), MapOptions.defaults().chunkSize(7))) {
            Steps steps = new Steps();
            try (ProcessPool pool = pool(2)) {
                pool.map(Tasks::square, numbers(500), options.progress(steps));
                steps.awaitLast(500, 500);
                assertThat(steps.all).extracting(Step::total).containsOnly(500L);

                Steps async = new Steps();
                pool.mapAsync(Tasks::square, numbers(50), options.progress(async))
                        .get(LONG);
                async.awaitLast(50, 50);
            }
        }
    }

    @Test
    void map_sourceOfUnknownSize_totalIsKnownAtTheEnd() {
        Steps steps = new Steps();
        try (ProcessPool pool = pool(1)) {
            pool.map(
                    Tasks::square,
                    Sources.unsized(numbers(20)),
                    MapOptions.defaults().progress(steps));
            steps.awaitLast(20);
            assertThat(steps.all)
                    .extracting(Step::total)
                    .containsAnyOf(-1L, 20L)
                    .isSubsetOf(-1L, 20L);
        }
    }

    @Test
    void map_itemsFail_countAsEnded() {
        Steps steps = new Steps();
        try (ProcessPool pool = pool(1)) {
            TaskFuture<?> future = pool.mapAsync(
                    x -> {
                        if (x % 2 == 0) {
                            throw new IllegalStateException("even");
                        }
                        return x;
                    },
                    numbers(10),
                    MapOptions.defaults().progress(steps));
            assertThat(failureOf(future)).isInstanceOf(TaskFailedException.class);
            steps.awaitLast(10, 10);
        }
    }

    /** Some end where they are encoded, for they cannot be, and some where results are read; the window has room for all. */
    @Test
    void imapUnordered_itemsEndOnTwoThreads_stepsNeverGoBack() {
        Steps steps = new Steps();
        Iterable<Object> items = () -> IntStream.range(0, 2_000)
                .mapToObj(i -> i % 2 == 0 ? i : new Object())
                .iterator();
        try (ProcessPool pool = pool(2);
                ResultIterator<Object> results = pool.imapUnordered(
                        x -> x, items, MapOptions.defaults().maxInFlight(8_000).progress(steps))) {
            steps.awaitLast(2_000);
            assertThat(results.completed()).isEqualTo(2_000);
        }
    }

    @Test
    void imap_itemsEnd_stepsCountThemConsumedOrNot() {
        Steps steps = new Steps();
        try (ProcessPool pool = pool(1)) {
            try (ResultIterator<Integer> results = pool.imap(
                    Tasks::square,
                    Sources.endless(),
                    MapOptions.defaults().maxInFlight(5).progress(steps))) {
                steps.awaitLast(5, -1);
                assertThat(results.completed()).isEqualTo(5);
            }
        }
    }

    @Test
    void listener_throws_isCalledForLaterSteps() throws Exception {
        Steps steps = new Steps();
        try (ProcessPool pool = pool(1)) {
            List<Integer> results =
                    pool.map(Tasks::square, numbers(50), MapOptions.defaults().progress((done, total) -> {
                        steps.progress(done, total);
                        throw new IllegalStateException("bad listener at " + done);
                    }));
            assertThat(results).hasSize(50);
            steps.awaitLast(50, 50);
        }
    }

    @Test
    void listener_throwsAnError_isCalledForLaterSteps() throws Exception {
        Steps steps = new Steps();
        Gate gate = gate("gate");
        try (ProcessPool pool = pool(1)) {
            TaskFuture<List<Integer>> future = pool.mapAsync(
                    x -> {
                        if (x == 1) {
                            gate.pass();
                        }
                        return x;
                    },
                    numbers(3),
                    MapOptions.defaults().progress((done, total) -> {
                        steps.progress(done, total);
                        throw new AssertionError("worse listener at " + done);
                    }));
            await().atMost(LONG).until(() -> !steps.all.isEmpty());
            gate.open();
            assertThat(future.get(LONG)).hasSize(3);
            steps.awaitLast(3, 3);
        }
    }

    @Test
    void listener_blocks_mapGoesOnAndTheLastStepArrives() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Steps steps = new Steps();
        try (ProcessPool pool = pool(1)) {
            List<Integer> results =
                    pool.map(Tasks::square, numbers(200), MapOptions.defaults().progress((done, total) -> {
                        steps.progress(done, total);
                        Tasks.unchecked(() -> release.await(60, TimeUnit.SECONDS));
                    }));
            assertThat(results).hasSize(200);
            await().atMost(LONG).until(() -> !steps.all.isEmpty());
            assertThat(steps.all).as("it has not been called again meanwhile").hasSize(1);
            release.countDown();
            steps.awaitLast(200, 200);
            assertThat(steps.all).as("it has skipped what it missed").hasSizeBetween(1, 3);
        } finally {
            release.countDown();
        }
    }
}
