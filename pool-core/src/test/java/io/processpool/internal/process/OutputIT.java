package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class OutputIT extends LaunchTestBase {

    @Test
    void output_flood_arrivesCompletelyAndInOrder() {
        WorkerProcess process = fixture.launch("flood 2000");

        assertThat(LaunchFixture.end(process)).isZero();

        assertThat(fixture.lines(Level.INFO))
                .hasSize(2001)
                .startsWith("out 0", "out 1")
                .endsWith("the end");
        assertThat(fixture.lines(Level.WARN)).hasSize(2000);
        assertThat(process.stderrTail())
                .hasSize(LineTail.MAX_LINES)
                .startsWith("err 1960")
                .endsWith("err 1999");
    }

    @Test
    void output_eachLine_carriesPoolAndWorker() {
        WorkerProcess process = fixture.launch("flood 1");

        LaunchFixture.end(process);

        assertThat(fixture.events()).isNotEmpty().allSatisfy(event -> {
            assertThat(event.getMDCPropertyMap())
                    .isEqualTo(Map.of("pool", LaunchFixture.POOL, "worker", "0", "pid", Long.toString(process.pid())));
            assertThat(event.getLoggerName()).isEqualTo("io.processpool.worker." + LaunchFixture.POOL);
            assertThat(event.getThreadName()).matches("pool-under-test-(out|err)-0");
        });
    }

    @Test
    void output_binary_isHarmless() {
        assertThat(fixture.run("binary 1000000")).isZero();

        assertThat(fixture.lines(Level.INFO)).endsWith("after the flood").allSatisfy(line -> {
            assertThat(line.length()).isLessThanOrEqualTo(6 * LineSplitter.MAX_LINE + LineSplitter.CUT.length());
            assertThat(line).doesNotContainPattern("[\\x00-\\x08\\x0a-\\x1f\\x7f]");
        });
    }

    @Test
    void output_throwingLog_doesNotStopThePump() {
        fixture.failingLog(new AssertionError("a log that fails"));

        assertThat(fixture.run("flood 500")).isZero();

        assertThat(fixture.lines(Level.INFO)).hasSize(501);
    }

    @Test
    void output_umlauts_areReadAsWritten() {
        assumeTrue(OutputPump.charset().newEncoder().canEncode("\u00fc"), "no umlauts in this encoding");

        assertThat(fixture.run("umlaut")).isZero();

        assertThat(fixture.lines(Level.INFO)).containsExactly("gr\u00fc\u00dfe");
    }

    /** A container has often no locale at all. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void output_umlautsWithoutLocale_areReadAsWritten() throws Exception {
        ProcessBuilder builder = NestedLaunchMain.command(temp, "umlaut");
        builder.environment().put("LC_ALL", "C");
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("gr\u00fc\u00dfe");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void awaitOutput_grandchildHoldsThePipe_isBounded() {
        WorkerProcess process = fixture.launch("sleeper 0");
        assertThat(process.onExit().join()).isZero();

        assertThat(process.awaitOutput(Duration.ofMillis(100))).isFalse();
    }

    /** Without the marker in its environment it is not found, and keeps the pipes open; ours are closed all the same. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void output_heldByAFugitive_descriptorsAreReleased() throws IOException {
        long before = LeakCheck.pipes();
        WorkerProcess process = fixture.launch("fugitive 3");
        ProcessHandle fugitive =
                ProcessHandle.of(Long.parseLong(fixture.said("sleeper"))).orElseThrow();
        assertThat(process.onExit().join()).isEqualTo(3);

        await().atMost(LaunchFixture.PATIENCE)
                .untilAsserted(() -> assertThat(LeakCheck.pipes()).isLessThanOrEqualTo(before));

        assertThat(fugitive.isAlive()).isTrue();
        fugitive.destroyForcibly();
        assertThat(process.awaitOutput(LaunchFixture.PATIENCE)).isTrue();
    }
}
