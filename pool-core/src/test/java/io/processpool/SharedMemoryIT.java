package io.processpool;

import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The files that pool and workers have mapped: that they are there, and that they go. */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs(OS.LINUX)
class SharedMemoryIT {

    private static final Path MEMORY = Path.of("/dev/shm");

    @TempDir
    Path directory;

    @BeforeEach
    void assumeThatThereIsRoom() throws IOException {
        assumeThat(Files.isDirectory(MEMORY)).isTrue();
        assumeThat(Files.getFileStore(MEMORY).getUsableSpace()).isGreaterThan(32 << 20);
    }

    private static ProcessPool.Builder builder() {
        return ProcessPool.builder().name("shared").workers(1);
    }

    /** Returns what the calling process has mapped of the directories of this or another pool. */
    private static List<String> mapped() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("/dev/shm/processpool-")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> directories(long pid) {
        try (Stream<Path> entries = Files.list(MEMORY)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("processpool-" + pid + "-"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long files() {
        long files = 0;
        for (Path pool : directories(ProcessHandle.current().pid())) {
            try (Stream<Path> entries = Files.list(pool)) {
                files += entries.filter(entry -> entry.getFileName().toString().startsWith("worker-"))
                        .count();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }

    @Test
    void apply_always_workerHasTheMemoryMapped() {
        try (ProcessPool pool = builder().build()) {
            List<String> there = pool.apply(SharedMemoryIT::mapped);

            assertThat(there).hasSize(1);
            assertThat(there.get(0)).contains("rw-s").doesNotContain("deleted");
            assertThat(files()).isEqualTo(1);
        }
        assertThat(directories(ProcessHandle.current().pid())).isEmpty();
    }

    @Test
    void sharedMemory_off_isNotThere() {
        try (ProcessPool pool = builder().sharedMemory(false).build()) {
            List<String> there = pool.apply(SharedMemoryIT::mapped);

            assertThat(there).isEmpty();
            assertThat(directories(ProcessHandle.current().pid())).isEmpty();
        }
    }

    /** The memory of a worker that has died goes to its successor; for a moment there are both. */
    @Test
    void kill_twentyWorkersOneAfterTheOther_usesTheSameMemoryAgain() {
        try (ProcessPool pool = builder().build()) {
            for (int i = 0; i < 20; i++) {
                List<String> there = pool.apply(SharedMemoryIT::mapped);
                assertThat(there).as("worker %s", i).hasSize(1);
                assertThat(files()).as("after %s kills", i).isBetween(1L, 2L);
                long pid = pool.apply(Deeds::pid);
                signal("KILL", pid);
                awaitDeath(pid);
                awaitIdle(pool, 1); // its successor; the pool has dealt with what it has left
            }
            assertThat(files()).isLessThanOrEqualTo(2);
        }
        assertThat(directories(ProcessHandle.current().pid())).isEmpty();
    }

    /** Whoever keeps a pool that is closed does not keep the memory of workers that were to be replaced when it was. */
    @Test
    void close_workersWaitToBeReplaced_unmapsThoughThePoolIsKept() {
        ProcessPool pool = builder().workers(3).build();
        awaitIdle(pool, 3);
        pool.recycleAll();

        pool.close();

        await().atMost(Lifecycle.PATIENCE).untilAsserted(() -> {
            System.gc();
            assertThat(mapped()).isEmpty();
        });
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }

    @Test
    void terminate_taskRuns_leavesNothing() {
        Signs signs = Signs.in(directory);
        ProcessPool pool = builder().build();
        pool.applyAsync(() -> Deeds.hang(signs, "begun"));
        signs.expect("begun");

        pool.terminate();
        pool.close();

        assertThat(directories(ProcessHandle.current().pid())).isEmpty();
    }

    @Test
    void kill_processOfThePool_workersRemoveTheMemory() throws InterruptedException {
        Signs signs = Signs.in(directory);
        String name = "shared-" + UUID.randomUUID().toString().substring(0, 8);
        try (ChildJvm child = ChildJvm.start(
                directory, List.of(), List.of(), ExitScenario.class, List.of("waitIdle", directory.toString(), name))) {
            signs.expect("ready");
            assertThat(directories(child.pid())).hasSize(1);

            signal("KILL", child.pid());

            child.end();
            child.expectNothingLeft(name);
            assertThat(directories(child.pid())).isEmpty();
        }
    }

    /** Somebody has tidied up: what is mapped stays, and those that come later use their sockets. */
    @Test
    void apply_directoryIsDeletedMeanwhile_goesOn() throws IOException {
        try (ProcessPool pool = builder().build()) {
            int before = pool.apply(Tasks::square, 2);
            for (Path path : directories(ProcessHandle.current().pid())) {
                try (Stream<Path> entries = Files.walk(path)) {
                    for (Path entry : entries.sorted((a, b) -> b.compareTo(a)).toList()) {
                        Files.delete(entry);
                    }
                }
            }
            int after = pool.apply(Tasks::square, 3);
            List<String> there = pool.apply(SharedMemoryIT::mapped);
            signal("KILL", only(pool).pid());
            byte[] large = pool.apply(bytes -> bytes, new byte[1 << 20]);

            assertThat(before).isEqualTo(4);
            assertThat(after).isEqualTo(9);
            assertThat(there).hasSize(1).allMatch(line -> line.contains("deleted"));
            assertThat(large).hasSize(1 << 20);
        }
    }

    // The map lives until this JVM collects it, which may take for ever; the memory must not.
    @Test
    void close_manyPoolsInARow_giveTheirMemoryBack() throws Exception {
        for (int i = 0; i < 5; i++) {
            try (ProcessPool pool = ProcessPool.create(1)) {
                int next = pool.apply(n -> n + 1, i);
                assertThat(next).isEqualTo(i + 1);
                assertThat(mappedKilobytes()).isPositive();
            }
        }

        assertThat(mappedKilobytes()).isZero();
    }

    /** Returns how much of the pools' memory is in this process, of files that are deleted, too. */
    private static long mappedKilobytes() throws IOException {
        long sum = 0;
        boolean ours = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.contains("-") && line.contains(" r")) {
                ours = line.contains("/dev/shm/processpool-");
            } else if (ours && line.startsWith("Rss:")) {
                sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return sum;
    }
}
