package io.processpool.spring.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** What workers write, in the application's log. */
@ExtendWith(LeavesNoProcess.class)
class WorkerLogIT {

    private static final String CONFIGURATION = """
            <configuration>
              <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>[user=%X{user} tenant=%X{tenant}] %msg%n</pattern></encoder>
              </appender>
              <root level="info"><appender-ref ref="OUT"/></root>
            </configuration>
            """;

    @TempDir
    Path directory;

    /** Keeps what is logged below the workers' logger. */
    static final class Recorder extends AppenderBase<ILoggingEvent> {

        private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }

        List<String> of(String pool) {
            return events.stream()
                    .filter(event -> event.getLoggerName().equals("io.processpool.worker." + pool))
                    .map(ILoggingEvent::getFormattedMessage)
                    .toList();
        }
    }

    private static Recorder record() {
        Recorder recorder = new Recorder();
        recorder.start();
        ((Logger) LoggerFactory.getLogger("io.processpool.worker")).addAppender(recorder);
        return recorder;
    }

    private static int logged(String message) {
        LoggerFactory.getLogger(WorkerLogIT.class).info("{}", message);
        return 1;
    }

    private static int printed(String line) {
        System.out.println(line);
        return 1;
    }

    private static void expect(Recorder recorder, String pool, String line) {
        await(line)
                .atMost(PoolApp.PATIENCE)
                .untilAsserted(() -> assertThat(recorder.of(pool)).contains(line));
    }

    @Test
    void output_ofEachPool_hasALoggerOfItsOwn() {
        try (PoolApp app = PoolApp.start(
                "processpool.workers=1",
                "processpool.pools.render.start=lazy",
                "logging.level.io.processpool.worker=info")) {
            Recorder recorder = record();

            app.pool().apply(WorkerLogIT::printed, "from the default pool");
            app.pool("render").apply(WorkerLogIT::printed, "from the renderers");

            expect(recorder, "default", "from the default pool");
            expect(recorder, "render", "from the renderers");
            assertThat(recorder.of("default")).doesNotContain("from the renderers");
        }
    }

    @Test
    void mdcKeys_named_standInTheWorkersLines() throws IOException {
        Path configuration = Files.writeString(directory.resolve("worker.xml"), CONFIGURATION);
        try (PoolApp app = PoolApp.start(
                "processpool.workers=1",
                "processpool.mdc-keys=user",
                "processpool.jvm-arguments=-Dlogback.configurationFile=" + configuration,
                "logging.level.io.processpool.worker=info")) {
            Recorder recorder = record();
            MDC.put("user", "ada");
            MDC.put("tenant", "north");
            try {
                app.pool().apply(WorkerLogIT::logged, "with a user");
            } finally {
                MDC.clear();
            }
            app.pool().apply(WorkerLogIT::logged, "without");

            expect(recorder, "default", "[user=ada tenant=] with a user");
            expect(recorder, "default", "[user= tenant=] without");
        }
    }
}
