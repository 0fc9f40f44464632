package io.processpool;

import static io.processpool.Lifecycle.PATIENCE;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.awaitWorkers;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.pids;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.Signs;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools that grow and shrink. */
class ResizeIT extends RecyclingFixture {

    // E20
    @Test
    void resize_grow_keepsTheOldWorkers() {
        try (ProcessPool pool = builder(1).build()) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();

            pool.resize(3);

            awaitIdle(pool, 3);
            assertThat(pids(pool)).contains(pid).doesNotHaveDuplicates();
            assertThat(pool.snapshot().targetWorkers()).isEqualTo(3);
        }
    }

    // E20
    @Test
    void resize_shrink_waitsForRunningTasks() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(3).build()) {
            List<TaskFuture<Long>> tasks = Lifecycle.submitGated(pool, signs, 3);
            signs.expect("begun", 3);
            List<Long> before = pids(pool);

            pool.resize(1);

            awaitWorkers(pool, WorkerState.RETIRING, 2);
            assertThat(tasks).noneMatch(TaskFuture::ready);
            signs.give("go");
            assertThat(tasks.stream().map(Lifecycle::result)).containsExactlyInAnyOrderElementsOf(before);
            awaitIdle(pool, 1);
            assertThat(before).contains(only(pool).pid());
            assertThat(events.all(Kind.RETIRED)).allMatch(event -> event.detail() == RetireReason.RESIZED);
        }
    }

    @Test
    void resize_shrink_idleWorkersGoFirst() {
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = builder(2).build()) {
            awaitIdle(pool, 2);
            TaskFuture<Long> task = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            signs.expect("begun");

            pool.resize(1);

            await().atMost(PATIENCE).until(() -> pool.snapshot().workers().size() == 1);
            assertThat(only(pool).state()).isEqualTo(WorkerState.BUSY);
            signs.give("go");
            assertThat(result(task)).isEqualTo(only(pool).pid());
        }
    }

    // E20
    @Test
    void resize_sameSize_changesNothing() {
        try (ProcessPool pool = builder(2).build()) {
            awaitIdle(pool, 2);
            List<Long> before = pids(pool);

            pool.resize(2);

            assertThat(pool.map(i -> Deeds.pid(), List.of(1, 2, 3))).allMatch(before::contains);
            assertThat(pids(pool)).isEqualTo(before);
            assertThat(pool.snapshot().workersStarted()).isEqualTo(2);
        }
    }

    @Test
    void resize_whileWorkersStart_endsWithTheNewNumber() {
        try (ProcessPool pool = builder(3).build()) {
            pool.resize(1);
            pool.resize(4);
            pool.resize(2);

            awaitIdle(pool, 2);
            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -3})
    void resize_lessThanOne_isRefused(int workers) {
        try (ProcessPool pool = builder(1).build()) {
            assertThatThrownBy(() -> pool.resize(workers))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("workers=" + workers);
            assertThat(pool.snapshot().targetWorkers()).isEqualTo(1);
        }
    }

    @Test
    void resize_afterIdleTimeout_startsThem() {
        try (ProcessPool pool = builder(1).idleTimeout(Duration.ofMillis(150)).build()) {
            await().atMost(PATIENCE)
                    .until(() -> pool.snapshot().workersStarted() == 1
                            && pool.snapshot().workers().isEmpty());

            pool.resize(2);

            await().atMost(PATIENCE).until(() -> pool.snapshot().workersStarted() == 3);
            assertThat(pool.apply(Deeds::pid)).isPositive();
        }
    }
}
