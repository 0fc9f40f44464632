package io.processpool.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.processpool.PoolListener;
import io.processpool.TaskFuture;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import io.processpool.spring.ProcessPoolCustomizer;
import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import io.processpool.spring.testing.PoolApp.Answer;
import io.processpool.spring.testing.Signs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

/** A worker that is stopped by a signal: what endpoint, health and meters say of it. */
@ExtendWith(LeavesNoProcess.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class FrozenWorkerIT {

    private static final String POOL = "/processpool/default";
    private static final String HEALTH = "/health/processPool/default";

    @TempDir
    Path directory;

    /** Looks at everything while the pool tells that there is a zombie; it is one for a second or so. */
    @Configuration(proxyBeanMethods = false)
    static class Watching {

        private final CompletableFuture<PoolApp> app = new CompletableFuture<>();
        private final CompletableFuture<List<Answer>> seen = new CompletableFuture<>();

        @Bean
        ProcessPoolCustomizer watching() {
            return (name, builder) -> builder.listener(new PoolListener() {
                @Override
                public void workerZombie(WorkerSnapshot worker) {
                    PoolApp known = app.join();
                    seen.complete(List.of(known.get(POOL), known.get(HEALTH), known.get("/prometheus")));
                }
            });
        }
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Leaves a process behind that holds the worker's output open: until that is noticed, the worker is not buried. */
    private static String holdWithOrphan(Signs signs) {
        try {
            new ProcessBuilder("sh", "-c", "sleep 6 &").inheritIO().start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return signs.hold("begun", "never");
    }

    private static String sample(Answer scrape, String meter) {
        return scrape.body()
                .lines()
                .filter(line -> line.startsWith(meter + " "))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElse("none");
    }

    private static String workers(Answer scrape, String state) {
        return sample(scrape, "processpool_workers{pool=\"default\",state=\"" + state + "\"}");
    }

    @Test
    void stop_busyWorker_isAZombieEverywhereAndThenReplaced() throws Exception {
        Signs signs = Signs.in(directory);
        try (PoolApp app = PoolApp.start(
                List.of(Watching.class),
                "processpool.workers=1",
                "processpool.start=ready",
                "processpool.heartbeat-timeout=1s",
                "management.endpoint.health.show-details=always")) {
            Watching watching = app.context().getBean(Watching.class);
            watching.app.complete(app);
            TaskFuture<String> task = app.pool().applyAsync(() -> holdWithOrphan(signs));
            signs.expect("begun");
            assertThat(workers(app.get("/prometheus"), "busy")).isEqualTo("1.0");
            assertThat(app.get(POOL).at("/pool/workers/busy").asInt()).isEqualTo(1);
            assertThat(app.get(HEALTH).at("/details/workers/busy").asInt()).isEqualTo(1);
            assertThat(app.get(HEALTH).at("/details/workers/zombie").asInt(-1)).isZero();
            long pid = app.pool().snapshot().workers().get(0).pid();

            signal("STOP", pid);

            List<Answer> seen = watching.seen.get(30, TimeUnit.SECONDS);
            assertThat(seen.get(0).at("/pool/workers/zombie").asInt()).isEqualTo(1);
            assertThat(seen.get(0).at("/workers").values())
                    .anySatisfy(worker -> assertThat(worker.at("/pid").asLong()).isEqualTo(pid))
                    .anySatisfy(
                            worker -> assertThat(worker.at("/state").asString()).isEqualTo("zombie"));
            assertThat(seen.get(1).at("/status").asString()).isEqualTo("UP");
            assertThat(seen.get(1).at("/details/workers/zombie").asInt()).isEqualTo(1);
            assertThat(workers(seen.get(2), "zombie")).isEqualTo("1.0");
            assertThat(workers(seen.get(2), "busy")).isEqualTo("0.0");
            assertThatThrownBy(() -> task.get(PoolApp.PATIENCE)).hasCauseInstanceOf(WorkerLostException.class);
            expectReplacement(app, pid);
        }
    }

    private static void expectReplacement(PoolApp app, long pid) {
        await("replaced").atMost(PoolApp.PATIENCE).untilAsserted(() -> {
            JsonNode pool = app.get(POOL).json();
            assertThat(pool.at("/pool/workers/zombie").asInt()).isZero();
            assertThat(pool.at("/pool/workers/idle").asInt()).isEqualTo(1);
            assertThat(pool.at("/recent/0/reason").asString()).isEqualTo("unresponsive");
            Answer scrape = app.get("/prometheus");
            assertThat(workers(scrape, "zombie")).isEqualTo("0.0");
            assertThat(workers(scrape, "idle")).isEqualTo("1.0");
            assertThat(sample(scrape, "processpool_worker_exits_total{pool=\"default\",reason=\"unresponsive\"}"))
                    .isEqualTo("1.0");
        });
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        JsonNode recent = app.get(POOL).at("/recent");
        assertThat(recent.at("/0/kind").asString()).isEqualTo("LOST");
        assertThat(recent.at("/0/pid").asLong()).isEqualTo(pid);
        assertThat(recent.at("/0/signal").asString()).isEqualTo("SIGKILL");
        assertThat(recent.at("/1/kind").asString()).isEqualTo("ZOMBIE");
        assertThat(app.get(HEALTH).at("/details/workers/zombie").asInt(-1)).isZero();
        assertThat(app.context()
                        .getBean(MeterRegistry.class)
                        .get("processpool.task")
                        .tag("outcome", "worker_lost")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void threadDump_frozenWorker_saysThatItDoesNotAnswer() throws Exception {
        try (PoolApp app = PoolApp.start("processpool.workers=1", "processpool.start=ready")) {
            long pid = app.pool().snapshot().workers().get(0).pid();
            signal("STOP", pid);

            Answer answer = app.get(POOL + "/0/threaddump");

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.type()).startsWith("text/plain");
            assertThat(answer.body()).contains("did not answer", "pool=default");
            signal("CONT", pid);
            assertThat(app.get(POOL + "/0/threaddump").status()).isEqualTo(200);
        }
    }
}
