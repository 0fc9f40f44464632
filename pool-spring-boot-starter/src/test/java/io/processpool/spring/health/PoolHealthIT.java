package io.processpool.spring.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.Mode;
import io.processpool.ProcessPool;
import io.processpool.TaskRunnable;
import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import io.processpool.spring.testing.PoolApp.Answer;
import io.processpool.spring.testing.Signs;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.support.GenericApplicationContext;

/** Health as it is asked by HTTP. */
@ExtendWith(LeavesNoProcess.class)
class PoolHealthIT {

    private static final String DETAILS = "management.endpoint.health.show-details=always";
    private static final String POOL = "/health/processPool/default";

    @TempDir
    Path directory;

    /** Fails as long as a file says that there is trouble. */
    public static final class Troubled implements TaskRunnable {

        private static final long serialVersionUID = 1L;

        @Override
        public void run() {
            if (new Signs(System.getenv("SIGNS")).given("trouble")) {
                throw new IllegalStateException("the database is away");
            }
        }
    }

    private static void awaitStatus(PoolApp app, String status) {
        await(status)
                .atMost(PoolApp.PATIENCE)
                .untilAsserted(
                        () -> assertThat(app.get(POOL).at("/status").asString()).isEqualTo(status));
    }

    @Test
    void pools_running_areUpEachOnItsOwn() {
        try (PoolApp app = PoolApp.start(
                DETAILS, "processpool.start=ready", "processpool.workers=1", "processpool.pools.render.start=lazy")) {
            Answer all = app.get("/health/processPool");

            assertThat(all.status()).isEqualTo(200);
            assertThat(all.at("/status").asString()).isEqualTo("UP");
            assertThat(all.at("/components").propertyNames()).containsExactlyInAnyOrder("default", "render");
            Answer pool = app.get(POOL);
            assertThat(pool.at("/status").asString()).isEqualTo("UP");
            assertThat(pool.at("/details").propertyNames())
                    .containsExactlyInAnyOrder("state", "workers", "tasksActive", "tasksQueued", "queueRemaining");
            assertThat(pool.at("/details/workers/target").asInt()).isEqualTo(1);
            assertThat(pool.at("/details/workers/idle").asInt()).isEqualTo(1);
            assertThat(pool.at("/details/workers/zombie").asInt(-1)).isZero();

            app.pool().kill(0);
            assertThat(app.get("/health").at("/status").asString()).isEqualTo("UP");
            app.pool().apply(() -> 1);
            assertThat(app.get("/health").at("/status").asString()).isEqualTo("UP");
        }
    }

    @Test
    void pool_shutDown_isOutOfServiceAndSoIsTheApplication() {
        try (PoolApp app = PoolApp.start(DETAILS, "processpool.start=ready", "processpool.workers=1")) {
            app.pool().shutdown();

            Answer answer = app.get(POOL);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.at("/status").asString()).isEqualTo("OUT_OF_SERVICE");
            assertThat(answer.at("/details/state").asString()).isIn("shutdown", "stopping", "terminated");
            assertThat(app.get("/health").at("/status").asString()).isEqualTo("OUT_OF_SERVICE");
        }
    }

    @Test
    void jvmArguments_bad_isDownAndSaysWhy() {
        try (PoolApp app =
                PoolApp.start(DETAILS, "processpool.workers=1", "processpool.jvm-arguments=-XX:+NoSuchThing")) {
            awaitStatus(app, "DOWN");

            assertThat(app.get(POOL).at("/details/error").asString()).contains("NoSuchThing");
            assertThat(app.get("/health").status()).isEqualTo(503);
            Answer details = app.get("/processpool/default");
            assertThat(details.at("/recent/0/detail").asString()).contains("NoSuchThing");
            assertThat(details.at("/pool/startTrouble").asString()).contains("NoSuchThing");
        }
    }

    @Test
    void initializer_failsForAWhile_isDownAndThenUp() {
        Signs signs = Signs.in(directory);
        signs.give("trouble");
        try (PoolApp app = PoolApp.start(
                DETAILS,
                "processpool.workers=2",
                "processpool.environment.SIGNS=" + directory,
                "processpool.initializer=" + Troubled.class.getName())) {
            awaitStatus(app, "DOWN");
            assertThat(app.get(POOL).at("/details/error").asString()).contains("the database is away");

            signs.take("trouble");

            awaitStatus(app, "UP");
            assertThat(app.pool().<Integer>apply(() -> 1)).isEqualTo(1);
            assertThat(app.get(POOL).at("/details").propertyNames()).doesNotContain("error");
        }
    }

    /** Lets its worker be ready, and then end, as long as a file says that there is trouble. */
    public static final class ShortLived implements TaskRunnable {

        private static final long serialVersionUID = 1L;

        @Override
        public void run() {
            if (new Signs(System.getenv("SIGNS")).given("trouble")) {
                Thread end = new Thread(() -> {
                    LockSupport.parkNanos(100_000_000);
                    Runtime.getRuntime().halt(17);
                });
                end.setDaemon(true);
                end.start();
            }
        }
    }

    @Test
    void workers_endAsSoonAsTheyAreReady_isDownAndThenUp() {
        Signs signs = Signs.in(directory);
        signs.give("trouble");
        try (PoolApp app = PoolApp.start(
                DETAILS,
                "processpool.workers=1",
                "processpool.environment.SIGNS=" + directory,
                "processpool.initializer=" + ShortLived.class.getName())) {
            awaitStatus(app, "DOWN");
            assertThat(app.get(POOL).at("/details/error").asString()).contains("exit code 17");
            long started = app.pool().snapshot().workersStarted();
            await("it stays so, whether a worker is ready or not")
                    .atMost(PoolApp.PATIENCE)
                    .until(() -> {
                        assertThat(app.get(POOL).at("/status").asString()).isEqualTo("DOWN");
                        return app.pool().snapshot().workersStarted() > started + 1;
                    });

            signs.take("trouble");

            awaitStatus(app, "UP");
        }
    }

    // Stopped and started again, a lazy pool serves as soon as it is asked to.
    @Test
    void lazyPool_contextStoppedAndStarted_isUpAgain() {
        try (PoolApp app = PoolApp.start(DETAILS, "processpool.start=lazy", "processpool.workers=1")) {
            app.pool().apply(() -> 1);
            app.context().stop();
            assertThat(app.pool().snapshot().state()).isNotEqualTo(io.processpool.PoolState.RUNNING);

            app.context().start();

            assertThat(app.get(POOL).at("/status").asString()).isEqualTo("UP");
            assertThat(app.pool().<Integer>apply(() -> 2)).isEqualTo(2);
            assertThat(app.get(POOL).at("/status").asString()).isEqualTo("UP");
        }
    }

    @Test
    void pool_addedLater_appears() {
        try (PoolApp app = PoolApp.start(DETAILS, "processpool.start=lazy")) {
            GenericApplicationContext context = (GenericApplicationContext) app.context();
            context.registerBean(
                    "later",
                    ProcessPool.class,
                    () -> ProcessPool.builder().name("later").mode(Mode.INLINE).build());
            app.pool("later").apply(() -> 1);

            assertThat(app.get("/health/processPool/later").at("/status").asString())
                    .isEqualTo("UP");
            assertThat(app.get("/processpool").at("/pools").propertyNames()).containsExactly("default", "later");

            context.removeBeanDefinition("later");

            assertThat(app.get("/health/processPool/later").status()).isEqualTo(404);
            assertThat(app.get("/processpool/later").status()).isEqualTo(404);
        }
    }

    @Test
    void health_disabled_isNotThere() {
        try (PoolApp app =
                PoolApp.start(DETAILS, "processpool.start=lazy", "management.health.processpool.enabled=false")) {
            assertThat(app.get("/health/processPool").status()).isEqualTo(404);
            assertThat(app.get("/health").at("/components").propertyNames()).doesNotContain("processPool");
        }
    }
}
