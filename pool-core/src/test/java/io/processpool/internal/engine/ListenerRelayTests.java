package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.processpool.PoolListener;
import io.processpool.testing.CapturedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ListenerRelayTests {

    private static final int MAX_BACKLOG = 100_000;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final ManualExecutor housekeeping = new ManualExecutor();
    private final AtomicLong now = new AtomicLong();
    private ListenerRelay relay = new ListenerRelay("test", List.of(listener("")), housekeeping);

    @AfterEach
    void close() {
        relay.close();
    }

    /** A listener that hears of refused tasks only, which is enough. */
    private PoolListener listener(String mark) {
        return new PoolListener() {
            @Override
            public void taskRejected(String name) {
                heard.add(mark + name);
            }
        };
    }

    private void use(PoolListener... listeners) {
        relay = new ListenerRelay(List.of(listeners), new NamedThreads("test", "listener"), housekeeping, now::get);
    }

    private void tell(String name) {
        relay.tell(listener -> listener.taskRejected(name));
    }

    private List<String> next(int count) throws InterruptedException {
        List<String> next = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            next.add(heard.poll(30, TimeUnit.SECONDS));
        }
        return next;
    }

    @Test
    void tell_manyEvents_arriveInOrder() throws Exception {
        List<String> names = IntStream.range(0, 1000).mapToObj(i -> "task-" + i).toList();

        names.forEach(this::tell);

        assertThat(next(1000)).isEqualTo(names);
    }

    @Test
    void tell_severalListeners_allHear() throws Exception {
        use(listener("a:"), listener("b:"));

        tell("one");
        tell("two");

        assertThat(next(4)).containsExactly("a:one", "b:one", "a:two", "b:two");
    }

    @Test
    void tell_anything_arrivesOnADaemonThreadOfThePool() throws Exception {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        use(new PoolListener() {
            @Override
            public void taskRejected(String name) {
                threads.add(Thread.currentThread());
            }
        });

        tell("one");

        Thread thread = threads.poll(30, TimeUnit.SECONDS);
        assertThat(thread.getName()).isEqualTo("pool-test-listener-1");
        assertThat(thread.isDaemon()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tell_oneListenerThrows_isLoggedAndTheOthersHear(boolean error) throws Exception {
        use(
                new PoolListener() {
                    @Override
                    public void taskRejected(String name) {
                        if (error) {
                            throw new AssertionError("an assertion in a listener");
                        }
                        throw new IllegalStateException("a bug in a listener");
                    }
                },
                listener("b:"));
        try (CapturedLog log = CapturedLog.of(ListenerRelay.class.getName())) {
            tell("one");
            tell("two");

            assertThat(next(2)).containsExactly("b:one", "b:two");
            assertThat(log.events(Level.WARN, "ListenerRelayTests$")).hasSize(2);
        }
    }

    @Test
    void tell_listenerBlocks_doesNotBlockTheCaller() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        use(new PoolListener() {
            @Override
            public void taskRejected(String name) {
                try {
                    blocked.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                heard.add(name);
            }
        });

        for (int i = 0; i < 100; i++) {
            tell("task-" + i);
        }
        assertThat(heard).isEmpty();
        blocked.countDown();

        assertThat(next(100)).startsWith("task-0", "task-1").endsWith("task-99");
    }

    @Test
    void tell_listenerIsHopelesslyBehind_dropsTheNewestAndSaysSo() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        use(new PoolListener() {
            @Override
            public void taskRejected(String name) {
                inside.countDown();
                try {
                    blocked.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                heard.add(name);
            }
        });
        tell("first");
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();

        try (CapturedLog log = CapturedLog.of(ListenerRelay.class.getName())) {
            for (int i = 0; i < MAX_BACKLOG; i++) {
                tell("kept");
            }
            assertThat(log.events(Level.WARN, "")).isEmpty();
            tell("dropped");
            assertThat(log.events(Level.WARN, ""))
                    .as("logged by who tells, with the pool's lock held")
                    .isEmpty();
            housekeeping.runAll();
            assertThat(log.events(Level.WARN, "100000 events behind; 1 more were dropped"))
                    .hasSize(1);

            for (int i = 0; i < 1000; i++) {
                tell("dropped");
            }
            assertThat(housekeeping.waiting()).as("warnings in a moment").isZero();
            now.addAndGet(TimeUnit.SECONDS.toNanos(10));
            tell("dropped");
            housekeeping.runAll();
            assertThat(log.events(Level.WARN, "1001 more were dropped")).hasSize(1);

            tell("dropped");
            now.addAndGet(TimeUnit.SECONDS.toNanos(10));
            blocked.countDown();
            assertThat(next(MAX_BACKLOG + 1)).startsWith("first", "kept").doesNotContain("dropped");
            await().atMost(30, TimeUnit.SECONDS).until(() -> housekeeping.runAll() > 0);
            assertThat(log.events(Level.WARN, "; 1 more were dropped"))
                    .as("the last, told though no more are dropped")
                    .hasSize(2);
        }
    }

    // Whoever tells has better things to do than to fail for want of a thread.
    @Test
    void tell_noThreads_eventsWaitInOrderForTheNext() throws Exception {
        AtomicInteger refused = new AtomicInteger(2);
        relay = new ListenerRelay(
                List.of(listener("")),
                target -> {
                    if (refused.getAndDecrement() > 0) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    return new Thread(target);
                },
                housekeeping,
                now::get);

        tell("one");
        tell("two");
        assertThat(heard).isEmpty();
        tell("three");

        assertThat(next(3)).containsExactly("one", "two", "three");
    }

    @Test
    void close_noThreadsBefore_eventsArriveAllTheSame() throws Exception {
        AtomicInteger refused = new AtomicInteger(1);
        relay = new ListenerRelay(
                List.of(listener("")),
                target -> {
                    if (refused.getAndDecrement() > 0) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    return new Thread(target);
                },
                housekeeping,
                now::get);
        tell("one");

        relay.close();

        assertThat(next(1)).containsExactly("one");
    }

    @Test
    void close_eventsThatAreThere_stillArriveAndNoOthers() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        use(new PoolListener() {
            @Override
            public void taskRejected(String name) {
                try {
                    blocked.await();
                } catch (InterruptedException e) {
                    heard.add("interrupted");
                }
                heard.add(name);
            }
        });
        tell("one");
        tell("two");

        relay.close();
        try (CapturedLog log = CapturedLog.of(ListenerRelay.class.getName())) {
            tell("late");
            assertThat(log.events(Level.WARN, ""))
                    .as("a closed pool is no trouble")
                    .isEmpty();
        }
        blocked.countDown();

        assertThat(next(2)).containsExactly("one", "two");
        assertThat(heard).isEmpty();
    }

    @Test
    void observesTasks_noListeners_asksForNoEvents() {
        use();

        assertThat(relay.observesTasks()).isFalse();
        relay.tell(listener -> {
            throw new AssertionError("there is nobody");
        });
        use(listener(""));
        assertThat(relay.observesTasks()).isTrue();
    }

    @Test
    void tellOfTask_listenerOfWorkersOnly_hearsOnlyOfWorkers() throws Exception {
        PoolListener workersOnly = new PoolListener() {
            @Override
            public boolean observesTasks() {
                return false;
            }

            @Override
            public void taskRejected(String name) {
                heard.add("workers only: " + name);
            }
        };
        use(workersOnly, listener(""));

        relay.tellOfTask(listener -> listener.taskRejected("of a task"));
        relay.tell(listener -> listener.taskRejected("of a worker"));

        assertThat(next(3)).containsExactly("of a task", "workers only: of a worker", "of a worker");
    }

    // When the relay is closed, housekeeping has ended, and nothing more happens that could make the log tell of it.
    @Test
    void close_eventsWereDropped_theLogTellsOfTheLastOfThem() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        use(new PoolListener() {
            @Override
            public void taskRejected(String name) {
                inside.countDown();
                try {
                    blocked.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        tell("first");
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        try (CapturedLog log = CapturedLog.of(ListenerRelay.class.getName())) {
            for (int i = 0; i < MAX_BACKLOG; i++) {
                tell("kept");
            }
            tell("dropped");
            housekeeping.runAll();
            tell("dropped");
            tell("dropped");

            relay.close();

            assertThat(log.events(Level.WARN, "; 2 more were dropped")).hasSize(1);
            blocked.countDown();
            assertThat(log.events(Level.WARN, "")).hasSize(2);
        }
    }
}
