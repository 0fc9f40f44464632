package io.processpool.spring.managed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.PoolSnapshot;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import io.processpool.spring.StartMode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is told of which pools, and when. None of these pools is ever started. */
class ProcessPoolsTests {

    private final ProcessPools pools = new ProcessPools();
    private final List<String> heard = new ArrayList<>();

    private static ManagedPool pool(String name) {
        PoolSnapshot unused =
                new PoolSnapshot(name, PoolState.RUNNING, 1, List.of(), 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, null, false);
        return new ManagedPool(
                unused,
                () -> {
                    throw new AssertionError("not to be started");
                },
                StartMode.LAZY);
    }

    private void create(ManagedPool pool) {
        pools.postProcessAfterInitialization(pool, pool.snapshot().name());
    }

    private void destroy(ManagedPool pool) {
        pools.postProcessBeforeDestruction(pool, pool.snapshot().name());
    }

    /** Writes down what it hears. */
    private class Hearing implements ProcessPools.Observer {

        @Override
        public void added(String name, ProcessPool pool) {
            heard.add("added " + name);
        }

        @Override
        public void removed(String name) {
            heard.add("removed " + name);
        }
    }

    /** Asks for all pools in another thread, and waits for the answer: as the filter of a meter registry might. */
    private final class Asking extends Hearing {

        @Override
        public void added(String name, ProcessPool pool) {
            super.added(name, pool);
            heard.add("there are " + ask());
        }

        @Override
        public void removed(String name) {
            super.removed(name);
            heard.add("there are " + ask());
        }

        private String ask() {
            return CompletableFuture.supplyAsync(() -> pools.all().keySet().toString())
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
        }
    }

    @Test
    void observer_hearsWhatComesAndGoes() {
        ManagedPool early = pool("early");
        ManagedPool late = pool("late");
        create(early);

        pools.observe(new Hearing());
        create(late);
        destroy(early);
        destroy(late);

        assertThat(heard).containsExactly("added early", "added late", "removed early", "removed late");
        assertThat(pools.all()).isEmpty();
    }

    @Test
    void observer_isToldWithNoLockHeld() {
        ManagedPool one = pool("one");
        ManagedPool two = pool("two");
        create(one);

        pools.observe(new Asking());
        create(two);
        destroy(one);

        assertThat(heard)
                .containsExactly(
                        "added one", "there are [one]",
                        "added two", "there are [one, two]",
                        "removed one", "there are [two]");
    }

    @Test
    void observer_makesAPool_hearsOfItNext() {
        pools.observe(new Hearing() {
            @Override
            public void added(String name, ProcessPool pool) {
                super.added(name, pool);
                if (name.equals("one")) {
                    create(pool("two"));
                }
            }
        });
        pools.observe(new Hearing());

        create(pool("one"));

        assertThat(heard).containsExactly("added one", "added one", "added two", "added two");
    }

    @Test
    void observer_fails_isToldToTheCaller_andNextTimeAgain() {
        ProcessPools.Observer failing = new Hearing() {
            @Override
            public void added(String name, ProcessPool pool) {
                throw new IllegalStateException("no " + name);
            }
        };
        pools.observe(failing);

        assertThatThrownBy(() -> create(pool("one"))).hasMessage("no one");
        assertThatThrownBy(() -> create(pool("two"))).hasMessage("no two");
    }
}
