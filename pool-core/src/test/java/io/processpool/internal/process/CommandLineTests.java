package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.WorkerStartException;
import io.processpool.internal.LaunchSettings;
import io.processpool.internal.SampleLaunch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTests {

    @TempDir
    Path temp;

    private static CommandLine.Parts parts(List<String> jvmArguments, int debugPort) {
        LaunchSettings settings = new SampleLaunch()
                .jvmArguments(jvmArguments)
                .commandPrefix("nice", "-n", "{worker}", "--bind={directory}")
                .debugPort(debugPort)
                .make();
        Packaging packaging = new Packaging(Packaging.Kind.CLASS_PATH, List.of("-cp", "a:b"), "com.example.Main");
        return new CommandLine.Parts("thumbs", 2, settings, List.of("-Xshare:auto"), List.of("-ea"), packaging);
    }

    @Test
    void jvmArguments_order_letsTheUserWin() {
        assertThat(parts(List.of("-Dcard={worker}"), 0).jvmArguments())
                .containsExactly("-Xshare:auto", "-ea", "-Dcard=2", "-cp", "a:b", "com.example.Main");
    }

    @Test
    void jvmArguments_debugPort_countsUp() {
        assertThat(parts(List.of(), 40000).jvmArguments())
                .anyMatch(argument -> argument.matches("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,"
                        + "address=127\\.0\\.0\\.1:(40002|0)"));
        assertThat(parts(List.of(), 65535).jvmArguments()).anyMatch(argument -> argument.endsWith("127.0.0.1:0"));
    }

    @Test
    void write_arguments_areInTheFile() {
        CommandLine command = CommandLine.write(parts(List.of(), 0), temp.resolve("x.args"));

        assertThat(command.arguments())
                .containsExactly(
                        "nice",
                        "-n",
                        "2",
                        "--bind=" + temp,
                        CommandLine.java(System.getProperty("java.home")).toString(),
                        "-Dprocesspool.worker=thumbs-2",
                        "@" + temp.resolve("x.args"));
        assertThat(temp.resolve("x.args")).content().contains("\"com.example.Main\"");

        command.release();
        command.release();
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void java_missing_namesJavaHome() {
        assertThatThrownBy(() -> CommandLine.java(temp.toString()))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("java.home=" + temp);
        assertThatThrownBy(() -> CommandLine.java(null))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("java.home");
    }
}
