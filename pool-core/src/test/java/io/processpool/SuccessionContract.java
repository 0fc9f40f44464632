package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a task leaves on the thread that it ran on does not reach the next one; row A20. */
abstract class SuccessionContract extends PoolContract {

    SuccessionContract(Mode mode) {
        super(mode);
    }

    /** Tells what a task may have changed of its thread. */
    private static String thread() {
        Thread thread = Thread.currentThread();
        ClassLoader loader = thread.getContextClassLoader();
        return thread.getName() + ", " + thread.getPriority() + ", "
                + (loader == null ? "none" : loader.getClass().getSimpleName() + ' ' + System.identityHashCode(loader))
                + ", " + thread.isInterrupted();
    }

    private static String spoil() {
        Thread thread = Thread.currentThread();
        thread.setName("spoilt");
        thread.setPriority(Thread.MIN_PRIORITY);
        thread.setContextClassLoader(new URLClassLoader("spoilt", new URL[0], thread.getContextClassLoader()));
        thread.interrupt();
        return thread();
    }

    @Test
    void task_changesItsThread_theNextOneHasItAsItWas() {
        try (ProcessPool pool = pool(1)) {
            String before = pool.apply(() -> thread());

            assertThat(pool.<String>apply(() -> spoil()))
                    .startsWith("spoilt, 1, URLClassLoader ")
                    .endsWith("true");

            assertThat(pool.<String>apply(() -> thread())).isEqualTo(before);
        }
    }

    @Test
    void task_changesItsThreadAndFails_theNextOneHasItAsItWas() {
        try (ProcessPool pool = pool(1)) {
            String before = pool.apply(() -> thread());

            assertThatThrownBy(() -> pool.apply(() -> {
                        throw new IllegalStateException(spoil());
                    }))
                    .isInstanceOf(TaskFailedException.class);

            assertThat(pool.<String>apply(() -> thread())).isEqualTo(before);
        }
    }

    @Test
    void itemOfAChunk_changesItsThread_theNextOneHasItAsItWas() {
        try (ProcessPool pool = pool(1)) {
            String before = pool.apply(() -> thread());

            List<String> threads = pool.map(i -> i == 1 ? spoil() : thread(), List.of(0, 1, 2, 3), chunks(4));

            assertThat(threads).hasSize(4);
            assertThat(threads.get(1)).startsWith("spoilt");
            assertThat(List.of(threads.get(0), threads.get(2), threads.get(3))).containsOnly(before);
        }
    }

    @Test
    void initializer_changesItsThread_allTasksHaveItSo() {
        try (ProcessPool pool = builder()
                .workers(1)
                .initializer(() -> Thread.currentThread().setName("prepared"))
                .build()) {
            pool.apply(() -> spoil());

            assertThat(pool.<String>apply(() -> Thread.currentThread().getName()))
                    .isEqualTo("prepared");
        }
    }
}
