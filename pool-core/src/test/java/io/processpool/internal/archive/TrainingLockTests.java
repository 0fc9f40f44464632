package io.processpool.internal.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
@EnabledOnOs({OS.LINUX, OS.MAC})
class TrainingLockTests {

    @TempDir
    Path directory;

    @Test
    void tryTake_takenInThisJvm_isNullUntilClosed() throws IOException {
        try (TrainingLock lock = TrainingLock.tryTake(directory)) {
            assertThat(lock).isNotNull();
            assertThat(TrainingLock.tryTake(directory)).isNull();
            assertThat(TrainingLock.file(directory)).exists();
        }
        try (TrainingLock lock = TrainingLock.tryTake(directory)) {
            assertThat(lock).isNotNull();
        }
    }

    @Test
    void tryTake_fails_doesNotKeepIt() throws IOException {
        assertThatThrownBy(() -> TrainingLock.tryTake(directory.resolve("nowhere")))
                .isInstanceOf(IOException.class);

        try (TrainingLock lock = TrainingLock.tryTake(directory)) {
            assertThat(lock).isNotNull();
        }
    }
}
