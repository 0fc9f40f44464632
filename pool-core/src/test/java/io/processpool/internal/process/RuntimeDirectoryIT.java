package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class RuntimeDirectoryIT {

    @TempDir
    Path temp;

    @Test
    void sweep_directoryOfAnotherProcess_goesWhenThatIsDead(@TempDir Path root) throws IOException {
        try (LaunchFixture fixture = new LaunchFixture(temp)) {
            WorkerProcess owner = fixture.launch("directory-owner " + root);
            Path directory = Path.of(fixture.said("path"));
            assertThat(directory).hasParent(root).exists();

            Leftovers.sweep(List.of(root));
            assertThat(directory).exists();

            owner.kill();
            LaunchFixture.end(owner);
            Leftovers.sweep(List.of(root));
            assertThat(directory).doesNotExist();
        }
    }

    @Test
    void deleteIfUnlocked_directoryOfAnotherProcess_goesWhenThatIsDead(@TempDir Path root) throws IOException {
        try (LaunchFixture fixture = new LaunchFixture(temp)) {
            WorkerProcess owner = fixture.launch("directory-owner " + root);
            Path directory = Path.of(fixture.said("path"));

            assertThat(RuntimeDirectory.deleteIfUnlocked(directory)).isFalse();
            assertThat(directory).exists();

            owner.kill();
            LaunchFixture.end(owner);
            assertThat(RuntimeDirectory.deleteIfUnlocked(directory)).isTrue();
            assertThat(directory).doesNotExist();
        }
    }
}
