package io.processpool.spring.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.processpool.ProcessPool;
import io.processpool.ProcessPoolException;
import io.processpool.WorkerContext;
import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A trace that begins with the caller of an HTTP request and goes on in a worker. Spans stay in memory. */
@ExtendWith(LeavesNoProcess.class)
class TracingIT {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";
    private static final Map<String, String> TRACED = Map.of("traceparent", "00-" + TRACE + "-" + CALLER + "-01");

    /** Keeps the spans. */
    static final class Spans implements SpanExporter {

        private final List<SpanData> ended = new CopyOnWriteArrayList<>();

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            ended.addAll(spans);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }

        SpanData expect(SpanKind kind) {
            await(kind + " span")
                    .atMost(PoolApp.PATIENCE)
                    .until(() -> ended.stream().anyMatch(span -> span.getKind() == kind));
            List<SpanData> found =
                    ended.stream().filter(span -> span.getKind() == kind).toList();
            assertThat(found).hasSize(1);
            return found.get(0);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Tracing {

        private final Spans spans = new Spans();

        @Bean
        SpanProcessor spanProcessor() {
            return SimpleSpanProcessor.create(spans);
        }
    }

    @RestController
    static class Controller {

        private final ProcessPool pool;

        Controller(ProcessPool pool) {
            this.pool = pool;
        }

        @GetMapping("/apply")
        String apply() {
            return pool.apply(() -> WorkerContext.current().headers().getOrDefault("traceparent", "none"));
        }

        @GetMapping("/map")
        String map() {
            return String.join(
                    ",",
                    pool.map(
                            i -> WorkerContext.current().headers().getOrDefault("traceparent", "none"), List.of(1, 2)));
        }

        @GetMapping("/fail")
        String fail() {
            try {
                return pool.apply(() -> Integer.toString(Integer.parseInt("x")));
            } catch (ProcessPoolException e) {
                return "failed";
            }
        }

        @GetMapping("/mdc")
        String mdc() {
            return pool.apply(() -> String.valueOf(MDC.get("traceId")));
        }
    }

    private static PoolApp start(String... more) {
        String[] properties = new String[more.length + 3];
        properties[0] = "processpool.workers=1";
        properties[1] = "management.tracing.sampling.probability=1.0";
        properties[2] = "processpool.mdc-keys=traceId";
        System.arraycopy(more, 0, properties, 3, more.length);
        return PoolApp.start(List.of(Tracing.class, Controller.class), properties);
    }

    private static Spans spans(PoolApp app) {
        return app.context().getBean(Tracing.class).spans;
    }

    @Test
    void request_apply_continuesTheCallersTrace() {
        try (PoolApp app = start()) {
            String traceparent = app.getFromMainPort("/apply", TRACED).body();

            SpanData submission = spans(app).expect(SpanKind.PRODUCER);
            SpanData request = spans(app).expect(SpanKind.SERVER);
            assertThat(traceparent).isEqualTo("00-" + TRACE + "-" + submission.getSpanId() + "-01");
            assertThat(request.getTraceId()).isEqualTo(TRACE);
            assertThat(request.getParentSpanId()).isEqualTo(CALLER);
            assertThat(submission.getTraceId()).isEqualTo(TRACE);
            assertThat(submission.getParentSpanId()).isEqualTo(request.getSpanId());
            assertThat(submission.getName()).startsWith("processpool ");
            assertThat(submission.getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
            assertThat(attribute(submission, "pool")).isEqualTo("default");
            assertThat(attribute(submission, "outcome")).isEqualTo("success");
            assertThat(attribute(submission, "task")).isNotEmpty();
            assertThat(app.getFromMainPort("/mdc", TRACED).body()).isEqualTo(TRACE);
        }
    }

    private static String attribute(SpanData span, String key) {
        return span.getAttributes().get(AttributeKey.stringKey(key));
    }

    @Test
    void request_mapAndFailure_areOneSpanEach() {
        try (PoolApp app = start()) {
            String[] traceparents = app.getFromMainPort("/map", TRACED).body().split(",");
            SpanData map = spans(app).expect(SpanKind.PRODUCER);
            assertThat(traceparents).hasSize(2).containsOnly("00-" + TRACE + "-" + map.getSpanId() + "-01");
            spans(app).ended.clear();

            assertThat(app.getFromMainPort("/fail", TRACED).body()).isEqualTo("failed");
            SpanData failed = spans(app).expect(SpanKind.PRODUCER);
            assertThat(failed.getTraceId()).isEqualTo(TRACE);
            assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
            assertThat(attribute(failed, "outcome")).isEqualTo("failure");
        }
    }

    @Test
    void enable_false_noSpanAndNoHeader() {
        try (PoolApp app = start("management.observations.enable.processpool=false")) {
            assertThat(app.getFromMainPort("/apply", TRACED).body()).isEqualTo("none");
            spans(app).expect(SpanKind.SERVER);
            assertThat(spans(app).ended).noneMatch(span -> span.getKind() == SpanKind.PRODUCER);
        }
    }
}
