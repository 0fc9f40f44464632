package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.processpool.ClassPathMode;
import io.processpool.Mode;
import io.processpool.Saturation;
import io.processpool.internal.LaunchSettings;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.RecyclePolicy;
import io.processpool.internal.TaskDefaults;
import io.processpool.internal.Trust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** A launcher in a temporary directory, with the log of its workers. Closing it asserts that nothing is left. */
final class LaunchFixture implements AutoCloseable {

    static final String POOL = "under-test";
    static final Duration PATIENCE = Duration.ofSeconds(30);

    long maxHeap = 64L << 20;
    List<String> jvmArguments = List.of();
    Map<String, String> environment = Map.of();
    Set<String> inheritEnvironment = Set.of();
    Trust trust = Trust.FULL;
    Path workingDirectory;
    List<String> commandPrefix = List.of();
    List<String> classPath = List.of();
    Duration startTimeout = Duration.ofSeconds(30);
    int debugPort;

    private final RuntimeDirectory directory;
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.processpool.worker." + POOL);
    private final Log log = new Log();
    private final List<WorkerProcess> started = new CopyOnWriteArrayList<>();

    LaunchFixture(Path root) {
        directory = RuntimeDirectory.create(List.of(root));
        log.setContext(logger.getLoggerContext());
        log.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(log);
    }

    /** Launches with this order on stdin. */
    WorkerProcess launch(String order) {
        return launch(0, order.getBytes(StandardCharsets.UTF_8), ChildMain.class);
    }

    WorkerProcess launch(int slot, byte[] stdin, Class<?> main) {
        WorkerProcess process = new ProcessLauncher(config(), directory, ContainerMemory.current())
                .launch(slot, 0, stdin, main.getName());
        started.add(process);
        return process;
    }

    private PoolConfig config() {
        LaunchSettings launch = new LaunchSettings(
                maxHeap,
                jvmArguments,
                environment,
                inheritEnvironment,
                workingDirectory,
                commandPrefix,
                classPath,
                ClassPathMode.AUTO,
                startTimeout,
                debugPort,
                true,
                true);
        return new PoolConfig(
                POOL,
                Mode.PROCESS,
                1,
                0,
                new RecyclePolicy(0, null, 0, null, -1),
                new TaskDefaults(null, Duration.ofSeconds(1), null, 100, Saturation.BLOCK),
                launch,
                null,
                null,
                null,
                trust,
                Duration.ofSeconds(10),
                false,
                Duration.ofSeconds(10),
                List.of(),
                List.of(),
                List.of(),
                Set.of());
    }

    /** Runs to the end, and returns the exit code; all output has been read then. */
    int run(String order) {
        return end(launch(order));
    }

    static int end(WorkerProcess process) {
        int code = process.onExit()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        assertThat(process.awaitOutput(PATIENCE)).as("output read").isTrue();
        return code;
    }

    /** Returns what follows this word on the line that begins with it, waiting for it. */
    String said(String word) {
        await("the child says " + word).atMost(PATIENCE).until(() -> find(word).isPresent());
        return find(word).orElseThrow();
    }

    private Optional<String> find(String word) {
        return lines(Level.INFO).stream()
                .filter(line -> line.startsWith(word))
                .map(line -> line.substring(word.length()).trim())
                .findFirst();
    }

    List<ILoggingEvent> events() {
        return log.events;
    }

    List<String> lines(Level level) {
        return log.events.stream()
                .filter(event -> event.getLevel().equals(level))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** Makes the log throw after each line that it has taken. */
    void failingLog(Error failure) {
        log.failure = failure;
    }

    List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory.path())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(RuntimeDirectory.LOCK_FILE))
                    .toList();
        }
    }

    @Override
    public void close() throws IOException {
        for (WorkerProcess process : started) {
            process.kill();
        }
        for (WorkerProcess process : started) {
            process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
            process.killDescendants();
            process.awaitOutput(PATIENCE);
        }
        logger.detachAppender(log);
        assertThat(files()).as("files left in the runtime directory").isEmpty();
        directory.close();
        assertThat(directory.path()).doesNotExist();
    }

    private static final class Log extends AppenderBase<ILoggingEvent> {

        private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
        private volatile Error failure;

        @Override
        protected void append(ILoggingEvent event) {
            event.prepareForDeferredProcessing();
            events.add(event);
        }

        @Override
        public synchronized void doAppend(ILoggingEvent event) {
            super.doAppend(event);
            if (failure != null) {
                throw failure;
            }
        }
    }
}
