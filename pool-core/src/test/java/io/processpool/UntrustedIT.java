package io.processpool;

import static io.processpool.Lifecycle.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.processpool.fory.ForyCodec;
import io.processpool.testing.LeavesNothingBehind;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pools whose workers are not trusted, and honest: all that is allowed works as in other pools. */
@Timeout(120)
@ExtendWith(LeavesNothingBehind.class)
class UntrustedIT {

    private enum Kind {
        TEXT
    }

    private record Page(int number, Kind kind, List<String> lines) implements Serializable {}

    /** Takes all memory when it is read, as a size that a worker has made up may. */
    private static final class Vast implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        @Serial
        private void readObject(ObjectInputStream in) {
            throw new OutOfMemoryError("vast");
        }
    }

    private static ProcessPool.Builder builder() {
        return ProcessPool.builder().workers(2).untrusted(true);
    }

    @Test
    void results_valuesAndDeclaredTypes_arrive() {
        try (ProcessPool pool = builder().resultTypes(Page.class, Kind.class).build()) {
            Page page = new Page(1, Kind.TEXT, List.of("a", "b", "c"));

            assertThat(pool.snapshot().untrusted()).isTrue();
            assertThat(pool.<Page>apply(() -> page)).isEqualTo(page);
            assertThat(pool.<List<Page>>apply(() -> new ArrayList<>(List.of(page))))
                    .containsExactly(page);
            assertThat(pool.<Object>apply(() -> Map.of("a", LocalDate.EPOCH, "b", new BigDecimal("1.5"))))
                    .isEqualTo(Map.of("a", LocalDate.EPOCH, "b", new BigDecimal("1.5")));
            assertThat(pool.<Object>apply(() -> null)).isNull();
            assertThat(pool.<byte[]>apply(() -> new byte[1 << 20])).hasSize(1 << 20);
            assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
            try (ResultIterator<Set<Integer>> sets = pool.imap(number -> Set.of(number), List.of(1, 2))) {
                assertThat(sets.stream().toList()).containsExactly(Set.of(1), Set.of(2));
            }
        }
    }

    @Test
    void result_undeclared_failsItsTaskAlone() {
        try (ProcessPool pool = builder().build()) {
            TaskFuture<Page> task = pool.applyAsync(() -> new Page(1, Kind.TEXT, List.of()));

            assertThat(failureOf(task, TaskSerializationException.class))
                    .hasMessageContaining("UntrustedIT$Page is not among the resultTypes");
            assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
        }
    }

    @Test
    void result_noMemoryToReadIt_failsItsTaskAndTheWorkerIsReplaced() {
        try (ProcessPool pool = builder().workers(1).resultTypes(Vast.class).build()) {
            long before = Lifecycle.only(pool).pid();
            TaskFuture<Vast> task = pool.applyAsync(Vast::new);

            assertThat(failureOf(task, TaskSerializationException.class))
                    .hasMessageContaining("OutOfMemoryError: vast");
            await().atMost(Lifecycle.PATIENCE)
                    .untilAsserted(() -> assertThat(pool.snapshot().workers())
                            .hasSize(1)
                            .noneMatch(worker -> worker.pid() == before));
            assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
        }
    }

    @Test
    void exceptionsTimeoutsAndDumps_areText() {
        try (ProcessPool pool = builder().cancelGrace(Duration.ofMillis(200)).build()) {
            TaskFailedException failure =
                    failureOf(pool.applyAsync(() -> Integer.parseInt("x")), TaskFailedException.class);
            TaskTimeoutException late = failureOf(
                    pool.applyAsync(
                            () -> {
                                Thread.sleep(60_000);
                                return 1;
                            },
                            TaskOptions.defaults().timeout(Duration.ofMillis(300))),
                    TaskTimeoutException.class);

            assertThat(failure).hasMessageContaining("java.lang.NumberFormatException: For input string: \"x\"");
            assertThat(failure.getCause()).isInstanceOf(RemoteException.class);
            assertThat(late.getCause()).isInstanceOf(RemoteException.class);
            assertThat(late.getCause().getStackTrace()).isNotEmpty();
            Lifecycle.awaitIdle(pool, 2);
            int id = pool.snapshot().workers().get(0).id();
            assertThat(pool.threadDump(id)).contains("processpool-task").contains("\n");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void memory_isNotShared() throws Exception {
        try (ProcessPool pool = builder().sharedMemory(true).build();
                Stream<Path> maps = Files.list(Path.of("/dev/shm"))) {
            String mappings = pool.apply(() -> Files.readString(Path.of("/proc/self/maps")));

            String mine = "processpool-" + ProcessHandle.current().pid() + "-";
            assertThat(mappings).contains(".rec").doesNotContain("/dev/shm/" + mine);
            assertThat(maps.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith(mine));
        }
    }

    @Test
    void environment_isThatOfStrangers() {
        try (ProcessPool pool =
                builder().environment(Map.of("FOR_THE_TASK", "yes")).build()) {
            Set<String> names = pool.apply(() -> Set.copyOf(System.getenv().keySet()));

            assertThat(names).contains("FOR_THE_TASK", "PATH").doesNotContain("MAVEN_CMD_LINE_ARGS");
        }
    }

    @Test
    void fory_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> builder().codec(ForyCodec.registering(Page.class)).build())
                .withMessageContaining("untrusted")
                .withMessageContaining("ForyCodec");
    }
}
