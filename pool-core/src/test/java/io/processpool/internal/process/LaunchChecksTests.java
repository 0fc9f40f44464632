package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LaunchChecksTests {

    private static final String LIBRARY = ParentRuntime.current().library().toString();

    @Test
    void jvmArguments_options_areTaken() {
        List<String> options = List.of(
                "-Xmx64m",
                "-Dport=90{worker}",
                "-ea",
                "--add-opens",
                "java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "-p",
                "modules",
                "-agentpath:/opt/agent.so",
                "-javaagent:agent.jar");

        assertThat(LaunchChecks.jvmArguments(options)).isEqualTo(options);
        assertThat(LaunchChecks.jvmArguments(List.of())).isEmpty();
    }

    // It would be the main class, and this library's would be its argument.
    @ParameterizedTest
    @ValueSource(strings = {"com.example.Main", "java.base/java.lang=ALL-UNNAMED", " -Xmx1g"})
    void jvmArguments_noOption_isRefused(String word) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LaunchChecks.jvmArguments(List.of("-Da=b", word)))
                .withMessage("jvmArguments must be options of the JVM, each an element that begins with -:"
                        + " jvmArguments[1]=\"" + word + "\"");
    }

    @Test
    void jvmArguments_argumentFile_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LaunchChecks.jvmArguments(List.of("@more")))
                .withMessage("jvmArguments must not name an argument file, use -XX:VMOptionsFile=<file>:"
                        + " jvmArguments[0]=\"@more\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-jar", "-m", "--module=app/app.Main", "-version", "--list-modules", "-X"})
    void jvmArguments_whatTheJvmRuns_isRefused(String option) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LaunchChecks.jvmArguments(List.of(option)))
                .withMessage(
                        "jvmArguments must leave it to the pool what the JVM runs: jvmArguments[0]=\"" + option + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-cp", "-classpath", "--class-path", "--class-path=a.jar"})
    void jvmArguments_classPath_isRefused(String option) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LaunchChecks.jvmArguments(List.of(option, "a.jar")))
                .withMessage("jvmArguments must leave the class path to the setting classPath: jvmArguments[0]=\""
                        + option + "\"");
    }

    @Test
    void classPath_withTheLibrary_isTaken(@TempDir Path directory) {
        List<String> classPath = List.of(directory.toString(), "not/there.jar", LIBRARY);

        assertThat(LaunchChecks.classPath(classPath)).isEqualTo(classPath);
        assertThat(LaunchChecks.classPath(List.of())).as("the default").isEmpty();
        assertThat(LaunchChecks.classPath(List.of(System.getProperty("java.class.path"))))
                .hasSize(1);
    }

    @Test
    void classPath_withoutTheLibrary_isRefused(@TempDir Path directory) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LaunchChecks.classPath(List.of(directory.toString(), "not/there.jar")))
                .withMessage("classPath must contain all that tasks need, the ProcessPool library included: classPath=["
                        + directory + ", not/there.jar], of which exist=1, library=" + LIBRARY);
    }
}
