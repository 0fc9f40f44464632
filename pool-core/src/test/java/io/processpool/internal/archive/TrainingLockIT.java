package io.processpool.internal.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class TrainingLockIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    /** The main class of a JVM that takes the lock and keeps it. */
    static final class Keeper {
        private Keeper() {}

        public static void main(String[] args) throws IOException {
            TrainingLock lock = TrainingLock.tryTake(Path.of(args[0]));
            System.out.println(lock == null ? "not taken" : "taken");
            while (true) {
                LockSupport.park(lock);
            }
        }
    }

    @Test
    void tryTake_takenByAnotherProcess_isNullUntilThatDies() throws IOException {
        try (ChildJvm other =
                ChildJvm.start(directory, List.of(), List.of(), Keeper.class, List.of(directory.toString()))) {
            await().atMost(PATIENCE).until(() -> !other.output().isBlank());
            assertThat(other.output().trim()).isEqualTo("taken");
            assertThat(TrainingLock.tryTake(directory)).isNull();

            other.close();

            try (TrainingLock lock = TrainingLock.tryTake(directory)) {
                assertThat(lock).isNotNull();
            }
        }
    }
}
