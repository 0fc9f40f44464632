package io.processpool.spring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.PoolSaturatedException;
import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import io.processpool.WorkerState;
import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import io.processpool.spring.testing.Signs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What Prometheus gets, with real workers. */
@ExtendWith({LeavesNoProcess.class, OutputCaptureExtension.class})
class PrometheusIT {

    private static final Pattern SAMPLE = Pattern.compile("(processpool_[a-z_]+(?:\\{[^}]*})?) (\\S+)");

    @TempDir
    Path directory;

    /** Samples by name and tags, without what Actuator's own observations add. */
    private static Map<String, Double> scrape(PoolApp app) {
        return app.get("/prometheus")
                .body()
                .lines()
                .map(SAMPLE::matcher)
                .filter(Matcher::matches)
                .collect(Collectors.toMap(
                        matcher -> matcher.group(1),
                        matcher -> Double.valueOf(matcher.group(2)),
                        (one, other) -> {
                            throw new AssertionError("the same sample twice");
                        },
                        TreeMap::new));
    }

    private static Set<String> families(PoolApp app) {
        return app.get("/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("# TYPE processpool_"))
                .map(line -> line.substring("# TYPE ".length()))
                .collect(Collectors.toSet());
    }

    private static String workers(String pool, String state) {
        return "processpool_workers{pool=\"" + pool + "\",state=\"" + state + "\"}";
    }

    private static String of(String meter, String pool) {
        return "processpool_" + meter + "{pool=\"" + pool + "\"}";
    }

    @Test
    void scrape_hasAllMetersUnderGoodNames(CapturedOutput output) {
        try (PoolApp app = PoolApp.start(
                "processpool.workers=1",
                "processpool.pools.render.workers=2",
                "processpool.start=ready",
                "management.metrics.distribution.percentiles-histogram.processpool.task=true",
                "management.metrics.distribution.percentiles-histogram.processpool.task.wait=false")) {
            app.pool("render").apply(() -> 1);

            assertThat(families(app))
                    .contains(
                            "processpool_workers gauge",
                            "processpool_workers_max gauge",
                            "processpool_workers_memory_bytes gauge",
                            "processpool_tasks_active gauge",
                            "processpool_tasks_queued gauge",
                            "processpool_queue_remaining_tasks gauge",
                            "processpool_tasks_rejected_total counter",
                            "processpool_worker_exits_total counter",
                            "processpool_worker_start_seconds summary",
                            "processpool_task_seconds histogram",
                            "processpool_task_wait_seconds summary",
                            "processpool_submission_seconds summary");
            await().atMost(PoolApp.PATIENCE)
                    .untilAsserted(() -> assertThat(scrape(app))
                            .containsEntry("processpool_task_seconds_count{outcome=\"success\",pool=\"default\"}", 1.0)
                            .containsEntry("processpool_task_seconds_count{outcome=\"success\",pool=\"render\"}", 2.0)
                            .containsEntry(of("task_wait_seconds_count", "render"), 2.0)
                            .containsEntry(of("worker_start_seconds_count", "render"), 2.0));
            Map<String, Double> samples = scrape(app);
            assertThat(samples)
                    .containsEntry(workers("render", "idle"), 2.0)
                    .containsEntry(workers("render", "zombie"), 0.0)
                    .containsEntry(of("workers_max", "render"), 2.0)
                    .containsEntry(of("queue_remaining_tasks", "render"), 10_000.0);
            assertThat(samples.get(of("workers_memory_bytes", "render"))).isGreaterThan(2_000_000);
            assertThat(samples.keySet()).anyMatch(sample -> sample.startsWith("processpool_task_seconds_bucket{"));
        }
        assertThat(output).doesNotContain("MeterRegistry", "Prometheus", "same name", "IllegalArgumentException");
    }

    @Test
    void work_resizeRejectionAndExits_areCounted() {
        Signs signs = Signs.in(directory);
        try (PoolApp app = PoolApp.start(
                "processpool.workers=1",
                "processpool.start=ready",
                "processpool.queue-capacity=1",
                "processpool.saturation=reject")) {
            ProcessPool pool = app.pool();
            TaskFuture<String> running = pool.applyAsync(() -> signs.hold("begun", "end"));
            signs.expect("begun");
            TaskFuture<Integer> queued = pool.applyAsync(() -> 1);
            assertThatThrownBy(() -> pool.applyAsync(() -> 2)).isInstanceOf(PoolSaturatedException.class);

            await().atMost(PoolApp.PATIENCE)
                    .untilAsserted(() -> assertThat(scrape(app))
                            .containsEntry(workers("default", "busy"), 1.0)
                            .containsEntry(of("tasks_active", "default"), 1.0)
                            .containsEntry(of("tasks_queued", "default"), 1.0)
                            .containsEntry(of("queue_remaining_tasks", "default"), 0.0)
                            .containsEntry(of("tasks_rejected_total", "default"), 1.0));

            signs.give("end");
            await().atMost(PoolApp.PATIENCE).until(() -> running.ready() && queued.ready());
            pool.resize(2);
            await().atMost(PoolApp.PATIENCE)
                    .untilAsserted(() -> assertThat(scrape(app))
                            .containsEntry(of("workers_max", "default"), 2.0)
                            .containsEntry(workers("default", "idle"), 2.0)
                            .containsEntry(of("worker_start_seconds_count", "default"), 2.0));
            pool.kill(0);
            pool.recycle(1);
            await().atMost(PoolApp.PATIENCE)
                    .untilAsserted(() -> assertThat(scrape(app))
                            .containsEntry("processpool_worker_exits_total{pool=\"default\",reason=\"killed\"}", 1.0)
                            .containsEntry("processpool_worker_exits_total{pool=\"default\",reason=\"requested\"}", 1.0)
                            .containsEntry(workers("default", "idle"), 2.0));
        }
    }

    @Test
    void context_stoppedAndStarted_neitherDoublesNorLoses() {
        try (PoolApp app = PoolApp.start("processpool.workers=1", "processpool.start=ready")) {
            awaitTasks(app, 1);
            Set<String> before = scrape(app).keySet();

            app.context().stop();
            app.context().start();

            awaitTasks(app, 2);
            assertThat(app.pool().snapshot().workers(WorkerState.IDLE)).isEqualTo(1);
            assertThat(scrape(app).keySet()).isEqualTo(before);
            await().atMost(PoolApp.PATIENCE)
                    .untilAsserted(() -> assertThat(scrape(app))
                            .containsEntry(workers("default", "idle"), 1.0)
                            .containsEntry(
                                    "processpool_worker_exits_total{pool=\"default\",reason=\"pool_closed\"}", 1.0)
                            .containsEntry(of("worker_start_seconds_count", "default"), 2.0));
        }
    }

    private static void awaitTasks(PoolApp app, double count) {
        String sample = "processpool_task_seconds_count{outcome=\"success\",pool=\"default\"}";
        await().atMost(PoolApp.PATIENCE)
                .untilAsserted(() -> assertThat(scrape(app)).containsEntry(sample, count));
    }

    @Test
    void enable_false_scrapeHasNone() {
        try (PoolApp app = PoolApp.start("processpool.start=lazy", "management.metrics.enable.processpool=false")) {
            assertThat(List.of(app.get("/prometheus").body().split("\n")))
                    .noneMatch(line -> line.contains("processpool_"));
        }
    }
}
