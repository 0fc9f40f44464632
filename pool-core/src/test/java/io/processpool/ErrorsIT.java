package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Exceptions of tasks in processes. */
class ErrorsIT extends ErrorsContract {

    ErrorsIT() {
        super(Mode.PROCESS);
    }

    /** Compiles a class that is not on the class path of this process; returns the folder to put on a worker's. */
    static Path compile(Path directory, String name, String source) throws Exception {
        Path file = Files.writeString(Files.createDirectories(directory).resolve(name + ".java"), source);
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-d", directory.toString(), file.toString());
        assertThat(failed).isZero();
        return directory;
    }

    static List<String> classPathWith(Path folder) {
        List<String> entries = new ArrayList<>(
                Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator)));
        entries.add(folder.toString());
        return entries;
    }

    @Test
    void apply_exceptionOfAClassThatOnlyTheWorkerKnows_remoteExceptionStandsIn() throws Exception {
        Path folder = compile(
                directory.resolve("only-worker"),
                "OnlyInWorker",
                "public class OnlyInWorker extends RuntimeException {"
                        + " public OnlyInWorker(String message) { super(message); } }");
        try (ProcessPool pool =
                builder().workers(1).classPath(classPathWith(folder)).build()) {
            Throwable failure = catchThrowable(() -> pool.apply(() -> {
                Class<?> type = Class.forName("OnlyInWorker");
                throw (RuntimeException) type.getConstructor(String.class).newInstance("unknown there");
            }));

            assertThat(failure).isInstanceOf(TaskFailedException.class).hasMessageContaining("OnlyInWorker");
            assertThat(failure.getCause()).isInstanceOfSatisfying(RemoteException.class, remote -> {
                assertThat(remote.className()).isEqualTo("OnlyInWorker");
                assertThat(remote.originalMessage()).isEqualTo("unknown there");
                assertThat(remote.getStackTrace()).isNotEmpty();
            });
        }
    }

    @Test
    void apply_resultOfAClassThatOnlyTheWorkerKnows_failsWithItsName() throws Exception {
        Path folder = compile(
                directory.resolve("only-worker"),
                "OnlyThere",
                "public class OnlyThere implements java.io.Serializable {}");
        try (ProcessPool pool =
                builder().workers(1).classPath(classPathWith(folder)).build()) {
            Throwable failure = catchThrowable(() -> pool.<Object>apply(
                    () -> Class.forName("OnlyThere").getConstructor().newInstance()));

            assertThat(failure).isInstanceOf(TaskSerializationException.class).hasMessageContaining("OnlyThere");
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    @Test
    void apply_taskThrows_messageNamesTheProcess() {
        try (ProcessPool pool = pool(1)) {
            long pid = pool.apply(PoolContract::pid);
            Throwable failure = catchThrowable(() -> pool.apply(() -> deepInTheTask(new Exception("boom"))));

            assertThat(failure).hasMessageContaining("pid=" + pid);
        }
    }
}
