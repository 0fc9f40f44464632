package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.Gate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Observers of a pool: F12, and what the design says of listeners. */
abstract class ListenerContract extends PoolContract {

    ListenerContract(Mode mode) {
        super(mode);
    }

    /** Keeps all that it is told. */
    static class Recorder implements PoolListener {
        final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<String> threads = new ConcurrentLinkedQueue<>();

        void add(String event) {
            events.add(event);
            threads.add(Thread.currentThread().getName());
        }

        private static String of(TaskSnapshot task) {
            return task.name() + "#" + task.index();
        }

        @Override
        public void workerStarted(WorkerSnapshot worker) {
            add("worker " + worker.id() + "." + worker.generation() + " started");
        }

        @Override
        public void workerReady(WorkerSnapshot worker, Duration startup) {
            add("worker " + worker.id() + "." + worker.generation() + " ready"
                    + (startup.isNegative() ? " too early" : ""));
        }

        @Override
        public void workerRetired(WorkerSnapshot worker, RetireReason reason) {
            add("worker " + worker.id() + "." + worker.generation() + " retired " + reason);
        }

        @Override
        public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
            add("worker " + worker.id() + "." + worker.generation() + " lost " + reason.exitCode());
        }

        @Override
        public void taskQueued(TaskSnapshot task) {
            add(of(task) + " queued");
        }

        @Override
        public void taskStarted(TaskSnapshot task, WorkerSnapshot worker, Duration waited) {
            add(of(task) + " started" + (waited.isNegative() || task.startedAt() == null ? " oddly" : ""));
        }

        @Override
        public void taskDone(TaskSnapshot task, TaskOutcome outcome, Duration ran) {
            add(of(task) + " done " + outcome + (ran.isNegative() ? " too early" : ""));
        }

        @Override
        public void taskProgress(TaskSnapshot task, long done, long total) {
            add(of(task) + " at " + done + " of " + total);
        }

        @Override
        public void taskRejected(String name) {
            add(name + " rejected");
        }

        List<String> ofTasks() {
            return events.stream().filter(event -> !event.startsWith("worker ")).toList();
        }

        List<String> ofTask(String name) {
            return events.stream().filter(event -> event.startsWith(name + "#")).toList();
        }

        List<String> ofWorkers() {
            return events.stream().filter(event -> event.startsWith("worker ")).toList();
        }

        /** The events of each item, in the order in which they came, without its name. */
        Map<String, List<String>> byItem() {
            return ofTasks().stream()
                    .collect(Collectors.groupingBy(
                            event -> event.substring(0, event.indexOf(' ')),
                            TreeMap::new,
                            Collectors.mapping(event -> event.substring(event.indexOf(' ') + 1), Collectors.toList())));
        }

        void awaitEvent(String event) {
            await().atMost(LONG).untilAsserted(() -> assertThat(events).contains(event));
        }
    }

    private static TaskOptions named(String name) {
        return TaskOptions.defaults().name(name);
    }

    private ProcessPool observed(int workers, PoolListener... listeners) {
        ProcessPool.Builder builder =
                builder().workers(workers).name("observed").cancelGrace(LONG);
        for (PoolListener listener : listeners) {
            builder.listener(listener);
        }
        return builder.build();
    }

    @Test
    void events_ofOneTask_comeInOrderOnTheListenerThread() throws Exception {
        Recorder recorder = new Recorder();
        try (ProcessPool pool = observed(1, recorder)) {
            pool.applyAsync(Tasks::square, 3, named("one")).get(LONG);
            recorder.awaitEvent("one#0 done SUCCESS");

            assertThat(recorder.ofTask("one")).containsExactly("one#0 queued", "one#0 started", "one#0 done SUCCESS");
        }
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(recorder.ofWorkers())
                        .containsExactly("worker 0.0 started", "worker 0.0 ready", "worker 0.0 retired POOL_CLOSED"));
        assertThat(recorder.threads).allMatch(name -> name.startsWith("pool-observed-listener"));
    }

    /** However quickly tasks end: their events arrive in order. */
    @Test
    void events_ofManyQuickTasks_comeInOrderForEach() throws Exception {
        Recorder recorder = new Recorder();
        try (ProcessPool pool = observed(2, recorder)) {
            pool.applyAsync(Tasks::square, 1, named("first")).get(LONG);
            for (int i = 0; i < 300; i++) { // one after the other: the pool is idle each time
                pool.applyAsync(Tasks::square, i, named("single" + i)).get(LONG);
            }
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                futures.add(pool.applyAsync(Tasks::square, i, named("burst" + i)));
            }
            for (TaskFuture<Integer> future : futures) {
                future.get(LONG);
            }
            pool.map(
                    Tasks::square,
                    IntStream.range(0, 500).boxed().toList(),
                    MapOptions.defaults().name("map"));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(
                                    recorder.ofTasks().stream().filter(event -> event.endsWith("done SUCCESS")))
                            .hasSize(1101));
        }
        Map<String, List<String>> byItem = recorder.byItem();
        assertThat(byItem).hasSize(1101);
        assertThat(byItem.entrySet().stream()
                        .filter(entry -> !entry.getValue().equals(List.of("queued", "started", "done SUCCESS")))
                        .limit(5))
                .as("items whose events came in another order")
                .isEmpty();
    }

    @Test
    void taskDone_everyWayToEnd_isToldOnce() throws Exception {
        Recorder recorder = new Recorder();
        Gate gate = gate("gate");
        try (ProcessPool pool = observed(1, recorder)) {
            pool.applyAsync(() -> 1, named("succeeds"));
            pool.applyAsync(
                    () -> {
                        throw new IllegalStateException("boom");
                    },
                    named("fails"));
            pool.applyAsync(() -> new Object(), named("cannot-return"));
            pool.applyAsync(gate::pass, named("times-out").timeout(Duration.ofMillis(200)));
            TaskFuture<?> running = pool.applyAsync(gate::pass, named("cancelled-running"));
            TaskFuture<?> queued = pool.applyAsync(() -> 1, named("cancelled-queued"));
            gate.awaitArrivals(2);
            queued.cancel(true);
            running.cancel(true);
            pool.applyAsync(gate::pass, named("given-up-running"));
            pool.applyAsync(() -> 1, named("given-up-queued"));
            gate.awaitArrivals(3);
            pool.terminate();
            assertThat(pool.join(LONG)).isTrue();
        }
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(recorder.ofTask("succeeds")).endsWith("succeeds#0 done SUCCESS");
            assertThat(recorder.ofTask("fails")).endsWith("fails#0 done FAILURE");
            assertThat(recorder.ofTask("cannot-return")).endsWith("cannot-return#0 done FAILURE");
            assertThat(recorder.ofTask("times-out")).endsWith("times-out#0 done TIMEOUT");
            assertThat(recorder.ofTask("cancelled-running"))
                    .containsExactly(
                            "cancelled-running#0 queued",
                            "cancelled-running#0 started",
                            "cancelled-running#0 done CANCELLED");
            assertThat(recorder.ofTask("cancelled-queued"))
                    .containsExactly("cancelled-queued#0 queued", "cancelled-queued#0 done CANCELLED");
            assertThat(recorder.ofTask("given-up-running"))
                    .containsExactly(
                            "given-up-running#0 queued",
                            "given-up-running#0 started",
                            "given-up-running#0 done ABANDONED");
            assertThat(recorder.ofTask("given-up-queued"))
                    .containsExactly("given-up-queued#0 queued", "given-up-queued#0 done ABANDONED");
        });
        assertThat(recorder.ofTasks().stream().filter(event -> event.contains(" done ")))
                .hasSize(8);
    }

    /** What the listeners are told and what the snapshot counts is the same. */
    @Test
    void snapshot_everyWayToEnd_countsAddUp() throws Exception {
        Gate gate = gate("gate");
        try (ProcessPool pool = observed(1, new PoolListener() {})) {
            List<Object> items = List.of(1, 2, new Object(), 4);
            assertThatThrownBy(() -> pool.map(x -> x, items)).isInstanceOf(TaskSerializationException.class);
            assertThatThrownBy(() -> pool.apply(() -> {
                        throw new IllegalStateException("boom");
                    }))
                    .isInstanceOf(TaskFailedException.class);
            TaskFuture<?> running = pool.applyAsync(gate::pass);
            TaskFuture<?> queued = pool.applyAsync(() -> 1);
            gate.awaitArrivals(1);
            queued.cancel(true);
            running.cancel(true);
            pool.apply(() -> 1);

            PoolSnapshot end = pool.snapshot();
            assertThat(end.tasksSubmitted()).as("each item of a map counted").isEqualTo(4 + 1 + 2 + 1);
            assertThat(end.tasksSucceeded()).isEqualTo(3 + 1);
            assertThat(end.tasksFailed()).isEqualTo(1 + 1);
            assertThat(end.tasksCancelled()).isEqualTo(2);
            assertThat(end.tasksQueued() + end.tasksActive()).isZero();
        }
    }

    @Test
    void taskDone_itemOfAMapCannotBeEncoded_isToldToo() {
        Recorder recorder = new Recorder();
        try (ProcessPool pool = observed(1, recorder)) {
            List<Object> items = List.of(0, new Object(), 2);
            assertThatThrownBy(
                            () -> pool.map(x -> x, items, MapOptions.defaults().name("map")))
                    .isInstanceOf(TaskSerializationException.class);
            recorder.awaitEvent("map#2 done SUCCESS");

            assertThat(recorder.ofTasks()).contains("map#0 done SUCCESS", "map#1 done FAILURE");
        }
    }

    @Test
    void listener_throws_isToldOnAndOthersToo() throws Exception {
        Recorder before = new Recorder();
        Recorder after = new Recorder();
        PoolListener thrower = new PoolListener() {
            @Override
            public void taskQueued(TaskSnapshot task) {
                throw new IllegalStateException("bad listener");
            }

            @Override
            public void taskDone(TaskSnapshot task, TaskOutcome outcome, Duration ran) {
                throw new AssertionError("worse listener");
            }
        };
        try (ProcessPool pool = observed(1, before, thrower, after)) {
            for (int i = 0; i < 3; i++) {
                pool.applyAsync(Tasks::square, i, named("task" + i)).get(LONG);
            }
            for (Recorder recorder : List.of(before, after)) {
                recorder.awaitEvent("task2#0 done SUCCESS");
                assertThat(recorder.ofTasks()).hasSize(9);
            }
        }
    }

    @Test
    void listener_blocks_tasksAndCallbacksAndCloseGoOn() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        Recorder recorder = new Recorder();
        PoolListener blocker = new PoolListener() {
            @Override
            public void taskQueued(TaskSnapshot task) {
                blocked.countDown();
                Tasks.unchecked(() -> release.await(60, TimeUnit.SECONDS));
            }
        };
        try {
            ProcessPool pool = observed(1, blocker, recorder);
            for (int i = 0; i < 50; i++) {
                int result = pool.apply(Tasks::square, i);
                assertThat(result).isEqualTo(i * i);
            }
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
            int byCallback = pool.applyAsync(Tasks::square, 2)
                    .thenApply(x -> x + 1)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            assertThat(byCallback).isEqualTo(5);
            pool.shutdown();
            assertThat(pool.join(Duration.ofSeconds(10)))
                    .as("nobody waits for a listener")
                    .isTrue();
            assertThat(recorder.ofTasks()).isEmpty();
        } finally {
            release.countDown();
        }
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(recorder.ofTasks())
                        .as("late, but all of them")
                        .hasSize(51 * 3));
    }

    @Test
    void listener_usesThePool_works() throws Exception {
        ConcurrentLinkedQueue<Object> seen = new ConcurrentLinkedQueue<>();
        ProcessPool[] pool = new ProcessPool[1];
        PoolListener user = new PoolListener() {
            @Override
            public void taskDone(TaskSnapshot task, TaskOutcome outcome, Duration ran) {
                if (task.name().equals("watched")) {
                    seen.add(pool[0].snapshot().name());
                    seen.add(pool[0].apply(Tasks::square, 4));
                }
            }
        };
        try (ProcessPool made = observed(1, user)) {
            pool[0] = made;
            made.applyAsync(Tasks::square, 1, named("watched")).get(LONG);
            await().atMost(LONG).untilAsserted(() -> assertThat(seen).containsExactly("observed", 16));
        }
    }

    @Test
    void listener_closesThePool_waitsForTheOtherTasksAndNotForItself() throws Exception {
        Gate gate = gate("gate");
        CountDownLatch closed = new CountDownLatch(1);
        ProcessPool[] pool = new ProcessPool[1];
        PoolListener closer = new PoolListener() {
            @Override
            public void taskDone(TaskSnapshot task, TaskOutcome outcome, Duration ran) {
                if (task.name().equals("last")) {
                    pool[0].close();
                    closed.countDown();
                }
            }
        };
        try (ProcessPool made = observed(2, closer)) {
            pool[0] = made;
            TaskFuture<Void> held = made.applyAsync(gate::pass);
            gate.awaitArrivals(1);
            made.applyAsync(Tasks::square, 1, named("last")).get(LONG);
            await().atMost(LONG).until(() -> made.snapshot().state() == PoolState.SHUTDOWN);

            gate.open();

            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(held.get(LONG)).isNull();
            assertThat(made.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        }
    }

    @Test
    void taskRejected_queueFull_isTold() {
        Gate gate = gate("gate");
        Recorder recorder = new Recorder();
        try (ProcessPool pool = builder()
                .workers(1)
                .queueCapacity(1)
                .saturation(Saturation.REJECT)
                .listener(recorder)
                .build()) {
            pool.applyAsync(gate::pass, named("held"));
            gate.awaitArrivals(1);
            pool.applyAsync(() -> 1, named("fits"));
            assertThatThrownBy(() -> pool.applyAsync(() -> 1, named("does-not")))
                    .isInstanceOf(PoolSaturatedException.class);

            recorder.awaitEvent("does-not rejected");
            assertThat(recorder.ofTask("does-not")).isEmpty();
            gate.open();
        }
    }

    @Test
    void taskStarted_heldTask_showsInTheSnapshotToo() throws Exception {
        Gate gate = gate("gate");
        Recorder recorder = new Recorder();
        try (ProcessPool pool = observed(1, recorder)) {
            TaskFuture<Void> held = pool.applyAsync(gate::pass, named("held"));
            gate.awaitArrivals(1);
            recorder.awaitEvent("held#0 started");

            PoolSnapshot busy = pool.snapshot();
            assertThat(busy.workers()).singleElement().satisfies(worker -> {
                assertThat(worker.state()).isEqualTo(WorkerState.BUSY);
                assertThat(worker.currentTask()).isNotNull().satisfies(task -> {
                    assertThat(task.id()).isEqualTo(held.id());
                    assertThat(task.name()).isEqualTo("held");
                    assertThat(task.startedAt()).isNotNull();
                });
            });
            assertThat(busy.tasksActive()).isEqualTo(1);
            gate.open();
            held.get(LONG);
            await().atMost(LONG)
                    .until(() -> pool.snapshot().workers(WorkerState.IDLE) == 1
                            && pool.snapshot().workers().get(0).currentTask() == null);
            assertThat(pool.snapshot().workers().get(0).tasksCompleted()).isEqualTo(1);
        }
    }

    @Test
    void taskProgress_ofATaskAndOfAnItem_isTold() throws Exception {
        Recorder recorder = new Recorder();
        try (ProcessPool pool = observed(1, recorder)) {
            pool.applyAsync(
                            () -> {
                                WorkerContext.current().progress(5, 10);
                                return 1;
                            },
                            named("task"))
                    .get(LONG);
            pool.map(
                    x -> {
                        WorkerContext.current().progress(x, 100);
                        return x;
                    },
                    List.of(7, 8),
                    MapOptions.defaults().name("map"));
            recorder.awaitEvent("map#1 done SUCCESS");

            assertThat(recorder.ofTask("task"))
                    .containsExactly("task#0 queued", "task#0 started", "task#0 at 5 of 10", "task#0 done SUCCESS");
            assertThat(recorder.events).contains("map#0 at 7 of 100", "map#1 at 8 of 100");
        }
    }
}
