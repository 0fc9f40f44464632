package io.processpool.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RecorderFileTests {

    @TempDir
    private Path directory;

    @Test
    void read_nobodyHasOpenedIt_isNull() throws IOException {
        try (RecorderFile file = RecorderFile.create(directory.resolve("recorder"))) {
            assertThat(file.read()).isNull();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // where nobody can delete what is open
    void read_deletedMeanwhile_isWhatTheWorkerHasWritten() throws IOException {
        Path path = directory.resolve("recorder");
        try (RecorderFile file = RecorderFile.create(path)) {
            FlightRecorder worker = FlightRecorder.open(path);
            Files.delete(path);

            worker.started(3, 4);

            FlightRecorder.Contents contents = file.read();
            assertThat(contents.batch()).isEqualTo(3);
            assertThat(contents.index()).isEqualTo(4);
        }
    }

    @Test
    void read_wrongSize_isRefused() throws IOException {
        Path path = directory.resolve("recorder");
        try (RecorderFile file = RecorderFile.create(path)) {
            Files.write(path, new byte[3 * FlightRecorder.SIZE]);
            assertThatExceptionOfType(ProtocolException.class).isThrownBy(file::read);

            Files.write(path, new byte[3]);
            assertThatExceptionOfType(ProtocolException.class).isThrownBy(file::read);
        }
    }

    @Test
    void create_fileIsThere_isRefused() throws IOException {
        Path path = Files.createFile(directory.resolve("recorder"));

        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> RecorderFile.create(path));
        assertThat(path).exists();
    }
}
