package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExitDescriptionTests {

    private static final LinuxPlatform LINUX = LinuxPlatform.INSTANCE;
    private static final String TERMINATING = "Terminating due to java.lang.OutOfMemoryError: Metaspace";
    private static final String CRASH = "#  SIGBUS (0x7) at pc=0x00007fe39dcd2f94, pid=9938, tid=9939";

    private int code;
    private boolean killed;
    private boolean kernel;
    private List<String> stderr = List.of();
    private List<String> stdout = List.of();
    private Path errorFile;
    private List<String> head = List.of();

    private ExitDescription describe() {
        return ExitDescription.of(
                new ExitDescription.Facts(5, 4711, code, killed, kernel, stderr, stdout, errorFile, head), LINUX);
    }

    @ParameterizedTest
    @CsvSource(
            value = {
                "0, NULL", "1, NULL", "3, NULL", "128, NULL", "129, SIGHUP", "134, SIGABRT", "135, SIGBUS",
                "137, SIGKILL", "139, SIGSEGV", "143, SIGTERM", "159, SIGSYS", "160, NULL", "255, NULL", "-1, NULL"
            },
            nullValues = "NULL")
    void signalName_linux_followsTheCode(int exitCode, String signal) {
        code = exitCode;

        assertThat(describe().exit().signalName()).isEqualTo(signal);
        assertThat(describe().exit().exitCode()).isEqualTo(exitCode);
    }

    @Test
    void signalName_portable_knowsTheCommonOnes() {
        assertThat(new PortablePlatform(true).signalName(137)).isEqualTo("SIGKILL");
        assertThat(new PortablePlatform(true).signalName(135)).isNull();
        assertThat(new PortablePlatform(false).signalName(137)).isNull();
    }

    @Test
    void of_facts_arePassedOn() {
        code = 1;
        stderr = List.of("a", "b");
        errorFile = Path.of("/x/hs_err_pid4711.log");

        assertThat(describe().exit().worker()).isEqualTo(5);
        assertThat(describe().exit().pid()).isEqualTo(4711);
        assertThat(describe().exit().stderrTail()).containsExactly("a", "b");
        assertThat(describe().exit().errorPath()).isEqualTo(errorFile);
    }

    @Test
    void outOfMemory_onEitherStream_isRecognised() {
        code = 3;
        stdout = List.of(TERMINATING);
        assertThat(describe().outOfMemory()).isTrue();
        assertThat(describe().text()).isEqualTo("out of memory: Metaspace (exit code 3)");

        stdout = List.of();
        stderr = List.of("Exception in thread \"x\" java.lang.OutOfMemoryError");
        assertThat(describe().text()).isEqualTo("out of memory: OutOfMemoryError (exit code 3)");
    }

    @Test
    void outOfMemory_otherCode_needsTheWordsOfTheJvm() {
        code = 134;
        stderr = List.of("Caused by: java.lang.OutOfMemoryError: survived");
        assertThat(describe().outOfMemory()).isFalse();

        stderr = List.of("Aborting due to java.lang.OutOfMemoryError: Java heap space");
        assertThat(describe().outOfMemory()).isTrue();
    }

    @Test
    void outOfMemory_code3Alone_isNot() {
        code = 3;
        assertThat(describe().outOfMemory()).isFalse();
    }

    @Test
    void outOfMemory_code0_isNot() {
        stderr = List.of(TERMINATING);
        assertThat(describe().outOfMemory()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1", "134"})
    void crash_printedOrInTheFile_givesTheSignal(int exitCode) {
        code = exitCode;
        stdout = List.of("#", CRASH);
        assertThat(describe().exit().signalName()).isEqualTo("SIGBUS");

        stdout = List.of();
        head = List.of("#", CRASH);
        errorFile = Path.of("/x/e.log");
        assertThat(describe().text())
                .isEqualTo("the JVM crashed with SIGBUS (exit code " + exitCode + ", see " + errorFile + ")");
    }

    @Test
    void crash_wordsOfAnotherProgram_doNotCountForOtherCodes() {
        code = 42;
        stdout = List.of(CRASH);

        assertThat(describe().exit().signalName()).isNull();
    }

    @Test
    void killed_whoDidIt_isSaid() {
        code = 137;
        assertThat(describe().text()).contains("from outside or by the kernel");
        kernel = true;
        assertThat(describe().text()).contains("most likely by the kernel").doesNotContain("outside");
        killed = true;
        assertThat(describe().text()).isEqualTo("killed by SIGKILL of this pool (exit code 137)");
    }

    /** A worker that is killed because its channel has ended may just be ending by itself. */
    @Test
    void killed_tooLate_itsOwnReasonCounts() {
        killed = true;
        code = 3;
        stdout = List.of(TERMINATING);

        assertThat(describe().outOfMemory()).isTrue();
    }

    @Test
    void negativeCode_ofWindows_isSaid() {
        code = -1073741819;
        assertThat(describe().text()).isEqualTo("exit code -1073741819");
    }
}
