package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.WorkerExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ExitIT extends LaunchTestBase {

    @BeforeEach
    void workInTheTemporaryDirectory() {
        fixture.workingDirectory = temp;
    }

    @Test
    void exit_systemExit_isTheCode() {
        WorkerProcess process = fixture.launch("exit 42");

        assertThat(LaunchFixture.end(process)).isEqualTo(42);

        ExitDescription description = process.describeExit();
        assertThat(description.exit().signalName()).isNull();
        assertThat(description.exit().pid()).isEqualTo(process.pid());
        assertThat(description.outOfMemory()).isFalse();
        assertThat(description.text()).isEqualTo("exit code 42");
    }

    @Test
    void exit_halt_isTheCode() {
        assertThat(fixture.run("halt 7")).isEqualTo(7);
    }

    @Test
    void exit_uncaughtException_isInTheTail() {
        WorkerProcess process = fixture.launch("throw");

        assertThat(LaunchFixture.end(process)).isEqualTo(1);

        assertThat(process.describeExit().exit().stderrTail())
                .anyMatch(line -> line.contains("IllegalStateException: thrown by the child"));
        assertThat(process.describeExit().text()).isEqualTo("exit code 1");
    }

    @Test
    void describeExit_whileAlive_saysSo() {
        WorkerProcess process = fixture.launch("hang");

        assertThat(process.onExit()).isNotDone();
        assertThat(process.describeExit().exit().exitCode()).isEqualTo(-1);
        assertThat(process.describeExit().text()).isEqualTo("it has not been reaped yet");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void exit_terminated_isNamed() throws Exception {
        WorkerProcess process = fixture.launch("hang");
        fixture.said("hanging");
        ProcessHandle.of(process.pid()).orElseThrow().destroy();

        assertThat(LaunchFixture.end(process)).isEqualTo(143);
        assertThat(process.describeExit().exit().signalName()).isEqualTo("SIGTERM");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void exit_segmentationFault_findsErrorFileAndSignal() throws IOException {
        WorkerProcess process = fixture.launch("crash");

        LaunchFixture.end(process);

        WorkerExit exit = process.describeExit().exit();
        assertThat(exit.signalName()).isEqualTo("SIGSEGV");
        assertThat(exit.errorPath()).hasParent(temp).exists();
        assertThat(process.describeExit().text()).contains("the JVM crashed with SIGSEGV", exit.errorFile());
        Files.delete(exit.errorPath());
        // Without the file the printed words must do.
        assertThat(process.describeExit().exit().signalName()).isEqualTo("SIGSEGV");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void exit_errorFileElsewhere_isFound() throws IOException {
        fixture.jvmArguments = List.of("-XX:ErrorFile=crash-{worker}-%p-%%.txt");
        WorkerProcess process = fixture.launch("crash");

        LaunchFixture.end(process);

        Path expected = temp.resolve("crash-0-" + process.pid() + "-%.txt");
        assertThat(process.errorFile()).isEqualTo(expected).exists();
        Files.delete(expected);
    }

    @Test
    void exit_heapExhausted_isOutOfMemory() {
        fixture.maxHeap = 24L << 20;
        WorkerProcess process = fixture.launch("exhaust");

        assertThat(LaunchFixture.end(process)).isEqualTo(ExitDescription.OUT_OF_MEMORY_CODE);

        ExitDescription description = process.describeExit();
        assertThat(description.outOfMemory()).isTrue();
        assertThat(description.text()).isEqualTo("out of memory: Java heap space (exit code 3)");
        assertThat(description.exit().stderrTail())
                .contains("Terminating due to java.lang.OutOfMemoryError: Java heap space");
    }

    @Test
    void exit_heapExhaustedWithMessagesOnStdout_isOutOfMemory() {
        fixture.maxHeap = 24L << 20;
        fixture.jvmArguments = List.of("-XX:-DisplayVMOutputToStderr");
        WorkerProcess process = fixture.launch("exhaust");

        LaunchFixture.end(process);

        assertThat(process.describeExit().outOfMemory()).isTrue();
    }

    @Test
    void exit_code3WithoutTheError_isNotOutOfMemory() {
        WorkerProcess process = fixture.launch("exit 3");

        LaunchFixture.end(process);

        assertThat(process.describeExit().outOfMemory()).isFalse();
    }
}
