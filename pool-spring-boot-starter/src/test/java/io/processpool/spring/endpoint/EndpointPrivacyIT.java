package io.processpool.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.ProcessPool;
import io.processpool.ProcessPoolException;
import io.processpool.TaskFuture;
import io.processpool.WorkerLostException;
import io.processpool.WorkerState;
import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import io.processpool.spring.testing.Signs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Arguments and results are in no answer, whatever becomes of a task. */
@ExtendWith(LeavesNoProcess.class)
class EndpointPrivacyIT {

    private static final String SECRET = "c0ffee-0f-patient-4711";

    @TempDir
    Path directory;

    private static String echo(String argument) {
        return argument + "!";
    }

    private static String fail(String argument) {
        throw new IllegalArgumentException("cannot read " + argument);
    }

    private static String die(String argument) {
        System.err.println("dying of " + argument);
        Runtime.getRuntime().halt(3);
        return argument;
    }

    @Test
    void secret_inArgumentsResultsFailuresAndLastWords_isNeverShown() {
        Signs signs = Signs.in(directory);
        try (PoolApp app = PoolApp.start("processpool.workers=1", "management.endpoint.health.show-details=always")) {
            ProcessPool pool = app.pool();
            assertThat(pool.<String, String>apply(EndpointPrivacyIT::echo, SECRET))
                    .contains(SECRET);
            assertThatThrownBy(() -> pool.apply(EndpointPrivacyIT::fail, SECRET))
                    .isInstanceOf(ProcessPoolException.class)
                    .hasMessageContaining(SECRET);
            assertThatThrownBy(() -> pool.apply(EndpointPrivacyIT::die, SECRET))
                    .isInstanceOf(WorkerLostException.class)
                    .hasMessageContaining(SECRET);
            awaitRecent(app, 1);
            TaskFuture<String> running = pool.applyAsync(argument -> signs.hold("begun", "end") + argument, SECRET);
            signs.expect("begun");
            TaskFuture<String> queued = pool.applyAsync(EndpointPrivacyIT::echo, SECRET);

            assertThat(app.get("/processpool/default").at("/recent/0/reason").asString())
                    .isEqualTo("crashed");
            assertThat(app.get("/processpool/default").at("/recent/0/exitCode").asInt())
                    .isEqualTo(3);
            assertNothingShown(app);
            app.delete("/processpool/default/0");
            awaitRecent(app, 2);
            assertNothingShown(app);
            signs.give("end");
            await().atMost(PoolApp.PATIENCE).until(() -> running.ready() && queued.ready());
            assertNothingShown(app);
        }
    }

    private static void awaitRecent(PoolApp app, int count) {
        await().atMost(PoolApp.PATIENCE)
                .until(() -> app.get("/processpool/default").at("/recent").size() == count
                        && app.pool().snapshot().workers(WorkerState.STARTING) == 0);
    }

    private static void assertNothingShown(PoolApp app) {
        for (String path : new String[] {
            "/processpool",
            "/processpool/default",
            "/processpool/default/0",
            "/processpool/default/0/threaddump",
            "/health",
            "/metrics",
            "/prometheus"
        }) {
            assertThat(app.get(path).body()).as(path).isNotEmpty().doesNotContain(SECRET, "4711");
        }
    }
}
