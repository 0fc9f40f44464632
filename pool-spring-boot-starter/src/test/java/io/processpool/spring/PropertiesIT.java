package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.PoolSaturatedException;
import io.processpool.ProcessPool;
import io.processpool.TaskCallable;
import io.processpool.TaskFuture;
import io.processpool.TaskOptions;
import io.processpool.TaskSerializationException;
import io.processpool.TaskTimeoutException;
import io.processpool.WorkerContext;
import io.processpool.spring.testing.Deeds;
import io.processpool.spring.testing.NothingLeft;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * What properties do to workers and tasks, for all where the builder's settings alone would prove little. One application
 * with many pools, of which each starts with its test.
 */
@ExtendWith({NothingLeft.AfterClass.class, OutputCaptureExtension.class})
class PropertiesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static ConfigurableApplicationContext context;
    private static int debugPort;

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(ProcessPoolAutoConfiguration.class)
    static class Application {}

    @BeforeAll
    static void start() throws IOException {
        debugPort = freePort();
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .run(Stream.of(
                                "spring.main.banner-mode=off",
                                "processpool.workers=1",
                                "processpool.start=lazy",
                                "processpool.pools.launched.name=other-name",
                                "processpool.pools.launched.max-heap=48MB",
                                "processpool.pools.launched.jvm-arguments=-Dgreeting=hello,-Dfarewell=bye",
                                "processpool.pools.launched.environment.MY_VAR=hi",
                                "processpool.pools.launched.working-directory=" + directory,
                                "processpool.pools.launched.command-prefix=env,PREFIXED=yes",
                                "processpool.pools.launched.initializer=" + Samples.Initializer.class.getName(),
                                "processpool.pools.launched.mdc-keys=user",
                                "processpool.pools.launched.debug-port=" + debugPort,
                                "processpool.pools.launched.class-path-entries="
                                        + String.join(",", classPath())
                                        + "," + directory,
                                "processpool.pools.once.max-tasks-per-worker=1",
                                "processpool.pools.once.finalizer=" + Samples.Finalizer.class.getName(),
                                "processpool.pools.once.working-directory=" + directory,
                                "processpool.pools.young.max-worker-age=200ms",
                                "processpool.pools.small.max-worker-memory=1MB",
                                "processpool.pools.idle.idle-timeout=100ms",
                                "processpool.pools.two.workers=2",
                                "processpool.pools.two.standby-workers=1",
                                "processpool.pools.timed.task-timeout=100ms",
                                "processpool.pools.timed.cancel-grace=0s",
                                "processpool.pools.slow.slow-task-threshold=100ms",
                                "processpool.pools.full.queue-capacity=1",
                                "processpool.pools.full.saturation=reject",
                                "processpool.pools.coded.codec=" + Samples.BracketCodec.class.getName(),
                                "processpool.pools.fast.codec=fory",
                                "processpool.pools.fast.fory.register=" + Samples.Parcel.class.getName(),
                                "processpool.pools.filtered.result-filter=java.math.*;java.lang.*;!*",
                                "processpool.pools.inlined.mode=inline")
                        .map(property -> "--" + property)
                        .toArray(String[]::new));
    }

    private static List<String> classPath() {
        return List.of(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @AfterAll
    static void close() {
        context.close();
    }

    private static ProcessPool pool(String name) {
        return context.getBean(name, ProcessPool.class);
    }

    private static <R> R launched(TaskCallable<R> task) {
        return pool("launched").apply(task);
    }

    // ---- launching ------------------------------------------------------------------------------------------------

    @Test
    void name_isThatOfTheWorkersPool() {
        assertThat(launched(() -> WorkerContext.current().poolName())).isEqualTo("other-name");
    }

    @Test
    void maxHeap_limitsTheWorker() {
        assertThat(launched(() ->
                        ManagementFactory.getRuntimeMXBean().getInputArguments().toString()
                                + Runtime.getRuntime().maxMemory()))
                .satisfies(said -> assertThat(Long.parseLong(said.substring(said.lastIndexOf(']') + 1)))
                        .as(said)
                        .isLessThanOrEqualTo(48L << 20));
    }

    @Test
    void jvmArguments_areThoseOfTheWorker() {
        assertThat(launched(() -> System.getProperty("greeting") + System.getProperty("farewell")))
                .isEqualTo("hellobye");
    }

    @Test
    void environment_isThatOfTheWorker() {
        assertThat(launched(() -> System.getenv("MY_VAR"))).isEqualTo("hi");
    }

    @Test
    void workingDirectory_isThatOfTheWorker() throws IOException {
        assertThat(Path.of(launched(() -> Path.of("").toAbsolutePath().toString())))
                .isEqualTo(directory.toRealPath());
    }

    @Test
    void commandPrefix_launchesTheWorker() {
        assertThat(launched(() -> System.getenv("PREFIXED"))).isEqualTo("yes");
    }

    @Test
    void classPathEntries_areTheClassPathOfTheWorker() {
        assertThat(launched(() -> System.getProperty("java.class.path"))).endsWith(directory.toString());
    }

    @Test
    void initializer_runsInTheWorker() {
        assertThat(launched(() -> WorkerContext.current().state().containsKey("initialized")))
                .isTrue();
    }

    @Test
    void mdcKeys_travelToTheWorker() {
        MDC.put("user", "ann");
        MDC.put("secret", "x");
        try {
            assertThat(launched(() -> MDC.get("user") + MDC.get("secret"))).isEqualTo("annnull");
        } finally {
            MDC.clear();
        }
    }

    @Test
    void debugPort_isOpenInTheWorker() throws IOException {
        launched(Deeds::pid);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), debugPort)) {
            byte[] hello = "JDWP-Handshake".getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(hello);
            InputStream in = socket.getInputStream();
            assertThat(in.readNBytes(hello.length)).isEqualTo(hello);
        }
    }

    // ---- replacing ------------------------------------------------------------------------------------------------

    @Test
    void maxTasksPerWorker_replacesIt_andFinalizerRunsAtItsEnd() {
        long first = pool("once").apply(Deeds::pid);
        assertThat(pool("once").apply(Deeds::pid)).isNotEqualTo(first);
        await().atMost(PATIENCE).until(() -> Files.exists(directory.resolve("finalized-" + first)));
    }

    private static void awaitReplacement(String pool) {
        long first = pool(pool).apply(Deeds::pid);
        await().atMost(PATIENCE).until(() -> pool(pool).apply(Deeds::pid) != first);
    }

    @Test
    void maxWorkerAge_replacesIt() {
        awaitReplacement("young");
    }

    @Test
    void maxWorkerMemory_replacesIt() {
        awaitReplacement("small");
    }

    @Test
    void idleTimeout_letsItExit() {
        pool("idle").apply(Deeds::pid);
        await().atMost(PATIENCE).until(() -> pool("idle").activeChildren().isEmpty());
    }

    @Test
    void workersAndStandbyWorkers_areLaunched() {
        pool("two").apply(Deeds::pid);
        assertThat(pool("two").snapshot().targetWorkers()).isEqualTo(2);
        await().atMost(PATIENCE).until(() -> pool("two").activeChildren().size() == 3);
    }

    // ---- tasks ----------------------------------------------------------------------------------------------------

    /** Heeds no interrupt, so nothing but the end of its worker ends it. */
    private static TaskCallable<Long> stubborn() {
        return () -> {
            while (true) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                Thread.interrupted();
            }
        };
    }

    @Test
    void taskTimeoutAndCancelGrace_endATask(CapturedOutput output) {
        assertThatThrownBy(() -> pool("timed").apply(stubborn()))
                .isInstanceOf(TaskTimeoutException.class)
                .hasMessageContaining("timeout=PT0.1S");
        await().atMost(PATIENCE).until(() -> output.getAll().contains("did not end within cancelGrace=PT0S"));
    }

    @Test
    void slowTaskThreshold_isLoggedWithItsStack(CapturedOutput output) throws Exception {
        TaskFuture<Long> held = pool("slow").applyAsync(Deeds.held(directory, "slow"), TaskOptions.defaults());
        await().atMost(PATIENCE).until(() -> output.getAll().contains("Deeds"));
        Files.createFile(Deeds.release(directory, "slow"));
        held.get(60, TimeUnit.SECONDS);
    }

    @Test
    void queueCapacityAndSaturation_rejectATask() throws Exception {
        ProcessPool pool = pool("full");
        TaskFuture<Long> running = pool.applyAsync(Deeds.held(directory, "full"), TaskOptions.defaults());
        await().atMost(PATIENCE).until(() -> Files.exists(Deeds.started(directory, "full")));
        TaskFuture<Long> queued = pool.applyAsync(Deeds::pid, TaskOptions.defaults());
        assertThatThrownBy(() -> pool.applyAsync(Deeds::pid, TaskOptions.defaults()))
                .isInstanceOf(PoolSaturatedException.class);
        Files.createFile(Deeds.release(directory, "full"));
        assertThat(running.get(60, TimeUnit.SECONDS)).isEqualTo(queued.get(60, TimeUnit.SECONDS));
    }

    @Test
    void codec_isWhatArgumentsAndResultsTravelWith() {
        CharSequence result = pool("coded").apply(sequence -> sequence, (CharSequence) new StringBuilder("a"));
        assertThat(result.toString()).isEqualTo("[[a]]");
    }

    @Test
    void codecFory_isWhatRegisteredClassesTravelWith() {
        Samples.Parcel result =
                pool("fast").apply(parcel -> new Samples.Parcel(parcel.weight() + 1), new Samples.Parcel(1));
        assertThat(result).isEqualTo(new Samples.Parcel(2));
    }

    @Test
    void resultFilter_refusesWhatIsNotNamed() throws Exception {
        TaskFuture<File> refused = pool("filtered").applyAsync(() -> new File("a"), TaskOptions.defaults());
        assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TaskSerializationException.class);
        assertThat(pool("filtered").apply(() -> new java.math.BigDecimal("1.5")))
                .isEqualByComparingTo("1.5");
    }

    @Test
    void mode_inline_runsInThisProcess() {
        assertThat(pool("inlined").apply(Deeds::pid)).isEqualTo(Deeds.pid());
    }

    // ---- the rest -------------------------------------------------------------------------------------------------

    // startTimeout, shutdownTimeout and start are of FailureAnalysisIT and LifecycleIT; of the archive that class-path
    // is
    // about there are tests of their own; heartbeatTimeout and registerShutdownHook are shown by PropertiesTests alone.
}
