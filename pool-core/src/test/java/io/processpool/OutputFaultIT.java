package io.processpool;

import static io.processpool.Lifecycle.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.ShortTempDir;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers that say far too much, or cannot say anything any more. */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class OutputFaultIT {

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    // The memory of the pool's process is smaller than what the worker says, and the other worker serves meanwhile.
    @ParameterizedTest
    @EnumSource(FloodScenario.Flood.class)
    void flood_moreThanFitsIntoMemory_isBoundedAndThePoolServes(FloodScenario.Flood flood) throws Exception {
        String pool = Lifecycle.unique("flood");
        try (ChildJvm child = ChildJvm.start(
                directory,
                List.of(),
                List.of("-Xmx64m", "-XX:+ExitOnOutOfMemoryError"),
                FloodScenario.class,
                List.of(flood.name(), directory.toString(), pool))) {
            assertThat(child.end()).as("exit code; stderr: %s", child.errors()).isZero();
            assertThat(child.output()).contains("served 100");
            child.expectNothingLeft(pool);
        }
    }

    @Test
    void streams_closed_workerGoesOnAndItsDeathIsTold() {
        try (ProcessPool pool = ProcessPool.create(1)) {
            long pid = pool.apply(() -> {
                System.out.close();
                System.err.close();
                new FileOutputStream(FileDescriptor.out).close();
                new FileOutputStream(FileDescriptor.err).close();
                return Deeds.pid();
            });

            List<Long> pids =
                    pool.map(i -> Deeds.pid(), IntStream.range(0, 10).boxed().toList());
            TaskFuture<Void> last = pool.applyAsync(() -> {
                System.out.println("nobody hears this");
                Deeds.halt(5);
                return null;
            });

            assertThat(pids).hasSize(10).containsOnly(pid);
            WorkerLostException failure = failureOf(last, WorkerLostException.class);
            assertThat(failure.exitCode()).isEqualTo(5);
            assertThat(failure.pid()).isEqualTo(pid);
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
        }
    }
}
