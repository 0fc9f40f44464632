package io.processpool;

import static io.processpool.Lifecycle.awaitDeath;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.only;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.processpool.internal.process.RuntimeDirectory;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job that tidies up deletes the directory of a pool, or a file in it, while the pool lives. */
@ExtendWith(LeavesNothingBehind.class)
@DisabledOnOs(OS.WINDOWS) // where nobody can delete what is open
class DeletedDirectoryIT {

    private static final String WARNING = "the directory of pool tidied";

    @TempDir
    Path directory;

    private final Set<Path> before = LeavesNothingBehind.directoriesIn(RuntimeDirectory.roots());

    /** Returns the directory that the pool of the test has at present. */
    private Path current() {
        Set<Path> now = LeavesNothingBehind.directoriesIn(RuntimeDirectory.roots());
        now.removeAll(before);
        now.removeIf(path -> !Files.exists(path.resolve("pool.sock"))); // one for temporary files alone
        assertThat(now).hasSize(1);
        return now.iterator().next();
    }

    private static ProcessPool pool() {
        ProcessPool pool = ProcessPool.builder().name("tidied").workers(1).build();
        awaitIdle(pool, 1);
        return pool;
    }

    @Test
    void directory_isDeleted_nextWorkersStartAllTheSame() throws Exception {
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = pool()) {
            Path deleted = current();
            long first = pool.apply(Deeds::pid);
            RuntimeDirectory.deleteRecursively(deleted);

            assertThat(pool.apply(Deeds::pid)).as("who is there goes on").isEqualTo(first);
            pool.recycle(0);
            awaitDeath(first);

            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(first);
            assertThat(current()).isNotEqualTo(deleted);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(current())))
                    .isEqualTo("rwx------");
            assertThat(Files.getOwner(current())).isEqualTo(Files.getOwner(directory));
            assertThat(log.events(Level.WARN, WARNING)).hasSize(1);
            assertThat(log.events(Level.WARN, deleted.toString())).hasSize(1);

            long second = only(pool).pid();
            pool.kill(0);
            assertThat(pool.apply(Deeds::pid)).isNotIn(first, second);
            assertThat(log.events(Level.WARN, WARNING)).as("told once").hasSize(1);
            assertThat(pool.snapshot().startTrouble()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pool.sock", "owner.lock"})
    void file_isDeleted_nextWorkersStartAllTheSame(String name) throws Exception {
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = pool()) {
            long first = pool.apply(Deeds::pid);
            Files.delete(current().resolve(name));

            pool.kill(0);

            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(first);
            assertThat(log.events(Level.WARN, WARNING)).hasSize(1);
        }
    }

    // The flight recorder is mapped by the worker and open in the pool, so it needs no name.
    @Test
    void directory_isDeletedAndTheWorkerDies_onlyTheRunningItemFails() {
        Signs signs = Signs.in(directory);
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = pool()) {
            RuntimeDirectory.deleteRecursively(current());

            TaskFuture<List<Integer>> map = pool.mapAsync(
                    i -> {
                        signs.note("ran", i);
                        if (i == 3) {
                            Deeds.halt(5);
                        }
                        return i;
                    },
                    List.of(0, 1, 2, 3, 4, 5),
                    MapOptions.defaults().chunkSize(6));

            WorkerLostException failure = failureOf(map, WorkerLostException.class);
            assertThat(failure).hasMessageContainingAll("item 3", "exit code 5");
            assertThat(failure.getSuppressed()).isEmpty();
            assertThat(signs.notes("ran")).containsExactly("0", "1", "2", "3", "4", "5");
            assertThat(log.events(Level.WARN, "cannot be read")).isEmpty();
        }
    }
}
