package io.processpool;

import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.ShortTempDir;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pool's own process is stopped for longer than anything may take, and goes on: its workers have not, so what they have done
 * in time was in time, and nobody is given up for not having been heard.
 */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class FrozenPoolIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(4);
    private static final int WORKERS = 2;

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    @Test
    void stop_longerThanTimeoutAndHeartbeat_thenContinue_tasksThatEndedInTimeHaveSucceeded() throws Exception {
        String pool = Lifecycle.unique("frozen");
        Signs signs = Signs.in(directory);
        try (ChildJvm child = ChildJvm.start(
                directory, List.of(), List.of(), Application.class, List.of(directory.toString(), pool))) {
            signs.expect("begun", WORKERS);

            signal("STOP", child.pid());
            signs.give("go"); // they end while nobody hears it
            signs.expect("ended", WORKERS);
            await().pollDelay(TIMEOUT.plusSeconds(1)).atMost(Lifecycle.PATIENCE).until(() -> true);
            signal("CONT", child.pid());

            assertThat(child.end()).as(child.errors()).isZero();
            assertThat(child.output()).contains("results [0, 1]", "next [1, 4, 9]", "lost 0");
            child.expectNothingLeft(pool);
        }
    }

    /** What is stopped; its arguments are a directory for signs, and the name of the pool. */
    static final class Application {

        private Application() {}

        public static void main(String[] args) throws Exception {
            Signs signs = Signs.in(Path.of(args[0]));
            try (ProcessPool pool = ProcessPool.builder()
                    .name(args[1])
                    .workers(WORKERS)
                    .taskTimeout(TIMEOUT)
                    .heartbeatTimeout(Duration.ofSeconds(1))
                    .build()) {
                Lifecycle.awaitIdle(pool, WORKERS);
                List<TaskFuture<Integer>> tasks = new ArrayList<>();
                for (int i = 0; i < WORKERS; i++) {
                    int number = i;
                    tasks.add(pool.applyAsync(() -> run(signs, number)));
                }
                List<Integer> results = new ArrayList<>();
                for (TaskFuture<Integer> task : tasks) {
                    results.add(task.get());
                }
                System.out.println("results " + results);
                System.out.println("next " + pool.map(Tasks::square, List.of(1, 2, 3)));
                System.out.println("lost " + pool.snapshot().workersLost());
            }
        }

        private static int run(Signs signs, int number) throws InterruptedException {
            Deeds.gated(signs, "begun-" + number, "go");
            signs.give("ended-" + number);
            return number;
        }
    }
}
