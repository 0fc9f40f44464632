package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.ShortTempDir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A pool in a control group of 600 MiB, whose kernel would kill what passes that; needs the right to make such a group. */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class MemoryGuardIT {

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final long LIMIT = 1L << 30;

    /** A collection of garbage may take a hundred MiB at once. */
    private static final long RESERVE = 400L << 20;

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    private Path group;
    private Path events;

    @BeforeEach
    void makeGroup() {
        String name = "processpool-test-" + ProcessHandle.current().pid();
        boolean unified = Files.exists(CGROUPS.resolve("cgroup.controllers"));
        group = CGROUPS.resolve(unified ? "" : "memory").resolve(name);
        try {
            Files.createDirectory(group);
            Files.writeString(group.resolve(unified ? "memory.max" : "memory.limit_in_bytes"), Long.toString(LIMIT));
            if (unified) {
                Files.writeString(group.resolve("memory.oom.group"), "1");
            }
        } catch (IOException e) {
            assumeTrue(false, "no control group can be made here: " + e);
        }
        events = group.resolve(unified ? "memory.events" : "memory.oom_control");
    }

    @AfterEach
    void removeGroup() throws IOException {
        if (Files.exists(group)) {
            Files.delete(group);
        }
    }

    @Test
    void task_takesMoreThanTheContainerHas_onlyItFailsAndTheKernelKillsNobody() throws Exception {
        List<String> intoGroup =
                List.of("sh", "-c", "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"", "sh");

        try (ChildJvm child =
                ChildJvm.start(directory, intoGroup, List.of("-Dtest.log.level=WARN"), Application.class, List.of())) {
            assertThat(child.end()).as("%s %s", child.output(), child.errors()).isZero();

            assertThat(child.output())
                    .containsPattern("the container is 1,024 MiB: workers=2 x \\(heap 2,048 MiB \\+ about 64 MiB\\)")
                    .containsPattern(
                            "failed: .* was lost while it ran .*: the pool killed it, since it took too much memory:"
                                    + " worker used \\d+ MiB, the container [\\d,]+ MiB of 1,024 MiB; killed by SIGKILL of this pool")
                    .contains("class: class io.processpool.WorkerOutOfMemoryException")
                    .contains("the other: 42")
                    .contains("afterwards: 43");
            child.expectNothingLeft("guarded");
        }
        assertThat(Files.readString(events)).containsPattern("oom_kill 0");
    }

    /** What runs in the group. */
    static final class Application {

        private Application() {}

        public static void main(String[] args) throws Exception {
            try (ProcessPool pool = ProcessPool.builder()
                    .name("guarded")
                    .workers(2)
                    .maxHeap(2L << 30)
                    .memoryReserve(RESERVE)
                    .build()) {
                TaskFuture<Integer> other = pool.applyAsync(() -> {
                    Thread.sleep(Duration.ofSeconds(2).toMillis());
                    return 42;
                });
                TaskFuture<Integer> greedy = pool.applyAsync(Application::takeEverything);
                try {
                    greedy.get();
                    System.out.println("the greedy task ended");
                } catch (ExecutionException e) {
                    System.out.println("failed: " + e.getCause().getMessage());
                    System.out.println("class: " + e.getCause().getClass());
                }
                System.out.println("the other: " + other.get());
                System.out.println("afterwards: " + pool.apply(() -> 43));
            }
        }

        /** At a rate that leaves the guard its chance on a busy machine, too: about 200 MiB in a second. */
        private static int takeEverything() throws InterruptedException {
            List<byte[]> all = new ArrayList<>();
            while (all.size() < 150) {
                byte[] piece = new byte[10 << 20];
                Arrays.fill(piece, (byte) 1);
                all.add(piece);
                Thread.sleep(50);
            }
            return all.size();
        }
    }
}
