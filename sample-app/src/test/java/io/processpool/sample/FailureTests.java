package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.RemoteException;
import io.processpool.TaskFailedException;
import io.processpool.TaskTimeoutException;
import io.processpool.WorkerExit;
import io.processpool.WorkerLostException;
import io.processpool.WorkerOutOfMemoryException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class FailureTests {

    @Test
    void reason_outOfMemory_namesWorkerAndHeap() {
        WorkerExit exit = new WorkerExit(0, 4711, 3, null, List.of(), null);
        assertThat(reason(new WorkerOutOfMemoryException("", exit)))
                .isEqualTo("worker out of memory (pid 4711, heap 256 MB)");
    }

    @Test
    void reason_timeout_namesTheInnermostFrameThatIsNotTheJdks() {
        Exception stack = new Exception();
        stack.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("java.util.ArrayList", "add", null, -1),
            new StackTraceElement("org.apache.pdfbox.Parser", "parse", null, -1)
        });
        assertThat(reason(new TaskTimeoutException("", stack)))
                .isEqualTo("not done within 2.5 s (was in Parser.parse)");
        assertThat(reason(new TaskTimeoutException("", null))).isEqualTo("not done within 2.5 s");
    }

    @Test
    void reason_taskThrew_isWhatItThrew() {
        assertThat(reason(new TaskFailedException("", new IOException("no root\nat all"))))
                .isEqualTo("IOException: no root");
        assertThat(reason(new TaskFailedException("", new IOException()))).isEqualTo("IOException");
        assertThat(reason(new TaskFailedException("", new AccessDeniedException("a.pdf"))))
                .isEqualTo("no permission to read it");
    }

    @Test
    void reason_taskThrewInAWorkerThatIsNotTrusted_isTheSame() {
        assertThat(remote("com.acme.Odd", "gone")).isEqualTo("Odd: gone");
        assertThat(remote("com.acme.Odd$Inner", null)).isEqualTo("Inner");
        assertThat(remote("Odd", "no root\nat all")).isEqualTo("Odd: no root");
        assertThat(remote("java.nio.file.AccessDeniedException", "a.pdf")).isEqualTo("no permission to read it");
        assertThat(remote("java.lang.NoClassDefFoundError", "org/bouncycastle/Some"))
                .isEqualTo("encrypted for a certificate, which this application does not support");
        assertThat(remote("org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException", "wrong"))
                .isEqualTo("encrypted, needs a password");
    }

    private static String remote(String className, @Nullable String message) {
        return reason(
                new TaskFailedException("", new RemoteException(className, message, new StackTraceElement[0], null)));
    }

    @Test
    void reason_anythingElseOfThePool_isItsMessage() {
        WorkerExit exit = new WorkerExit(0, 4711, 139, "SIGSEGV", List.of(), null);
        assertThat(reason(new WorkerLostException("worker 0 was lost: SIGSEGV", exit)))
                .isEqualTo("worker 0 was lost: SIGSEGV");
    }

    private static String reason(Throwable failure) {
        return Failure.of(failure, DataSize.ofMegabytes(256), Duration.ofMillis(2_500))
                .reason();
    }
}
