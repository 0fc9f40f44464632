package io.processpool.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.PoolSnapshot;
import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import io.processpool.TaskOptions;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerState;
import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import io.processpool.spring.testing.PoolApp.Answer;
import io.processpool.spring.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The endpoint as it is asked by HTTP. */
@ExtendWith(LeavesNoProcess.class)
class EndpointIT {

    private static PoolApp app;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        app = PoolApp.start(
                "processpool.workers=1",
                "processpool.start=ready",
                "processpool.history-size=3",
                "processpool.pools.render.workers=2",
                "processpool.pools.render.untrusted=true",
                "processpool.pools.render.queue-capacity=7");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @BeforeEach
    void asItWas() {
        app.pool().resize(1);
        app.pool("render").resize(2);
        awaitIdle(app.pool(), 1);
        awaitIdle(app.pool("render"), 2);
    }

    private static void awaitIdle(ProcessPool pool, int workers) {
        await("idle")
                .pollDelay(Duration.ZERO)
                .atMost(PoolApp.PATIENCE)
                .until(() -> pool.snapshot().workers().size() == workers
                        && pool.snapshot().workers(WorkerState.IDLE) == workers);
    }

    private static WorkerSnapshot only(ProcessPool pool) {
        return pool.snapshot().workers().get(0);
    }

    @Test
    void pools_get_allInShort() {
        Answer answer = app.get("/processpool");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.type()).contains("json");
        assertThat(answer.json().propertyNames()).containsExactly("pools");
        assertThat(answer.at("/pools").propertyNames()).containsExactlyInAnyOrder("default", "render");
        assertThat(answer.at("/pools/render").propertyNames())
                .containsExactlyInAnyOrder(
                        "state",
                        "workersTarget",
                        "workers",
                        "tasks",
                        "workersStarted",
                        "workersLost",
                        "startTrouble",
                        "untrusted");
        assertThat(answer.at("/pools/render/startTrouble").isNull()).isTrue();
        assertThat(answer.at("/pools/render/untrusted").asBoolean()).isTrue();
        assertThat(answer.at("/pools/default/untrusted").asBoolean()).isFalse();
        assertThat(answer.at("/pools/render/state").asString()).isEqualTo("running");
        assertThat(answer.at("/pools/render/workersTarget").asInt()).isEqualTo(2);
        assertThat(answer.at("/pools/render/workers").propertyNames())
                .containsExactly("starting", "standby", "idle", "busy", "retiring", "zombie");
        assertThat(answer.at("/pools/render/workers/idle").asInt()).isEqualTo(2);
        assertThat(answer.at("/pools/render/tasks").propertyNames())
                .containsExactly(
                        "active",
                        "queued",
                        "queueRemaining",
                        "submitted",
                        "succeeded",
                        "failed",
                        "cancelled",
                        "rejected");
        assertThat(answer.at("/pools/render/tasks/queueRemaining").asInt()).isEqualTo(7);
    }

    @Test
    void pool_get_showsWorkersAndTheirTasks() throws Exception {
        Signs signs = Signs.in(directory);
        TaskFuture<String> task = app.pool()
                .applyAsync(
                        () -> signs.hold("begun", "end"), TaskOptions.defaults().name("thumbnail"));
        signs.expect("begun");
        long pid = only(app.pool()).pid();

        Answer answer = app.get("/processpool/default");
        JsonNode worker = answer.at("/workers/0");

        assertThat(answer.json().propertyNames()).containsExactly("pool", "workers", "recent");
        assertThat(answer.at("/pool/workers/busy").asInt()).isEqualTo(1);
        assertThat(answer.at("/pool/tasks/active").asInt()).isEqualTo(1);
        assertThat(worker.propertyNames())
                .containsExactlyInAnyOrder(
                        "id",
                        "generation",
                        "pid",
                        "state",
                        "tasksCompleted",
                        "currentTask",
                        "startedAt",
                        "age",
                        "residentBytes",
                        "cpuTime");
        assertThat(worker.at("/pid").asLong()).isEqualTo(pid);
        assertThat(worker.at("/state").asString()).isEqualTo("busy");
        assertThat(worker.at("/residentBytes").asLong()).isGreaterThan(1_000_000);
        assertThat(worker.at("/currentTask").propertyNames()).containsExactlyInAnyOrder("id", "index", "name", "age");
        assertThat(worker.at("/currentTask/name").asString()).isEqualTo("thumbnail");
        // ISO 8601, as everywhere in Actuator
        assertThat(Instant.parse(worker.at("/startedAt").asString())).isBefore(Instant.now());
        assertThat(Duration.parse(worker.at("/age").asString())).isPositive();
        assertThat(Duration.parse(worker.at("/cpuTime").asString())).isPositive();
        assertThat(Duration.parse(worker.at("/currentTask/age").asString())).isGreaterThanOrEqualTo(Duration.ZERO);
        signs.give("end");
        assertThat(task.get(PoolApp.PATIENCE)).isEqualTo("held");
    }

    @Test
    void worker_get_isThatOfThePool() {
        Answer answer = app.get("/processpool/render/1");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.at("/id").asInt()).isEqualTo(1);
        assertThat(app.pool("render").snapshot().workers())
                .extracting(WorkerSnapshot::pid)
                .contains(answer.at("/pid").asLong());
    }

    @Test
    void threadDump_get_isPlainText() {
        Answer answer = app.get("/processpool/default/0/threaddump");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.type()).startsWith("text/plain");
        assertThat(answer.body()).contains("\"processpool-task\"", "java.lang.Thread.State: ", "\tat ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/processpool/nobody",
                "/processpool/nobody/0",
                "/processpool/default/77",
                "/processpool/default/77/threaddump",
                "/processpool/nobody/0/threaddump",
                "/processpool/default/0/arguments"
            })
    void unknown_get_isNotFound(String path) {
        assertThat(app.get(path).status()).isEqualTo(404);
    }

    @Test
    void unknown_postOrDelete_isNotFound() {
        assertThat(app.post("/processpool/nobody", "{\"workers\": 2}").status()).isEqualTo(404);
        assertThat(app.post("/processpool/nobody/0", "").status()).isEqualTo(404);
        assertThat(app.post("/processpool/default/77", "").status()).isEqualTo(404);
        assertThat(app.delete("/processpool/nobody/0").status()).isEqualTo(404);
        assertThat(app.delete("/processpool/default/77").status()).isEqualTo(404);
    }

    @Test
    void worker_noNumber_isABadRequest() {
        assertThat(app.get("/processpool/default/first").status()).isEqualTo(400);
        assertThat(app.post("/processpool/default/first", "").status()).isEqualTo(400);
        assertThat(app.delete("/processpool/default/first").status()).isEqualTo(400);
    }

    @Test
    void resize_post_changesTheNumberOfWorkers() {
        Answer answer = app.post("/processpool/default", "{\"workers\": 2}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.at("/workersTarget").asInt()).isEqualTo(2);
        awaitIdle(app.pool(), 2);
        assertThat(app.get("/processpool/default").at("/workers").size()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"workers\": 0}       | workers must be >= 1: workers=0",
                "{\"workers\": -3}      | workers must be >= 1: workers=-3",
                "{\"workers\": \"two\"} | workers must be a number: workers=two",
                "{\"workers\": 1.5}     | workers must be a number: workers=1.5",
                "{\"recycle\": \"oh\"}  | recycle must be true or false: recycle=oh",
                "{\"recycle\": false}   | nothing to do: give workers, or recycle=true",
                "{}                     | nothing to do: give workers, or recycle=true",
                "''                     | nothing to do: give workers, or recycle=true"
            })
    void change_postNonsense_isABadRequestThatSaysWhy(String body, String message) {
        Answer answer = app.post("/processpool/default", body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.at("/status").asInt()).isEqualTo(400);
        assertThat(answer.at("/message").asString()).isEqualTo(message);
        assertThat(app.pool().snapshot().targetWorkers()).isEqualTo(1);
    }

    @Test
    void recycle_postWorker_replacesIt() {
        WorkerSnapshot before = only(app.pool());

        Answer answer = app.post("/processpool/default/0", "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.at("/pid").asLong()).isEqualTo(before.pid());
        await().atMost(PoolApp.PATIENCE)
                .until(() -> app.get("/processpool/default").at("/recent/0/pid").asLong() == before.pid());
        JsonNode event = app.get("/processpool/default").at("/recent/0");
        assertThat(event.at("/kind").asString()).isEqualTo("RETIRED");
        assertThat(event.at("/reason").asString()).isEqualTo("requested");
        assertThat(Instant.parse(event.at("/time").asString())).isBefore(Instant.now());
        awaitIdle(app.pool(), 1);
        assertThat(only(app.pool()).pid()).isNotEqualTo(before.pid());
    }

    @Test
    void recycle_postAll_replacesAll() {
        List<Long> before = pids(app.pool("render"));

        Answer answer = app.post("/processpool/render", "{\"recycle\": true}");

        assertThat(answer.status()).isEqualTo(200);
        await().atMost(PoolApp.PATIENCE)
                .untilAsserted(() -> assertThat(pids(app.pool("render"))).doesNotContainAnyElementsOf(before));
        awaitIdle(app.pool("render"), 2);
    }

    private static List<Long> pids(ProcessPool pool) {
        return pool.snapshot().workers().stream().map(WorkerSnapshot::pid).toList();
    }

    @Test
    void kill_delete_endsTheWorkerAndIsRemembered() {
        WorkerSnapshot before = only(app.pool());

        Answer answer = app.delete("/processpool/default/0");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.at("/pid").asLong()).isEqualTo(before.pid());
        await().atMost(PoolApp.PATIENCE).untilAsserted(() -> {
            JsonNode event = app.get("/processpool/default").at("/recent/0");
            assertThat(event.at("/pid").asLong()).isEqualTo(before.pid());
            assertThat(event.at("/kind").asString()).isEqualTo("LOST");
            assertThat(event.at("/reason").asString()).isEqualTo("killed");
            assertThat(event.at("/signal").asString()).isEqualTo("SIGKILL");
        });
        awaitIdle(app.pool(), 1);
        assertThat(only(app.pool()).pid()).isNotEqualTo(before.pid());
    }

    @Test
    void recent_moreThanItsSize_keepsTheNewest() {
        ProcessPool pool = app.pool();
        PoolSnapshot before = pool.snapshot();
        long last = 0;
        for (int i = 0; i < 5; i++) {
            last = only(pool).pid();
            pool.kill(0);
            long killed = last;
            await().atMost(PoolApp.PATIENCE)
                    .until(() -> pool.snapshot().workers(WorkerState.IDLE) == 1
                            && only(pool).pid() != killed);
        }
        assertThat(pool.snapshot().workersLost() - before.workersLost()).isEqualTo(5);
        long newest = last;
        await().atMost(PoolApp.PATIENCE)
                .until(() -> app.get("/processpool/default").at("/recent/0/pid").asLong() == newest);
        assertThat(app.get("/processpool/default").at("/recent").size()).isEqualTo(3);
    }

    @Test
    void delete_ofAPool_isNotAllowed() {
        assertThat(app.delete("/processpool/default").status()).isEqualTo(405);
        assertThat(app.post("/processpool", "{\"workers\": 2}").status()).isEqualTo(405);
    }
}
