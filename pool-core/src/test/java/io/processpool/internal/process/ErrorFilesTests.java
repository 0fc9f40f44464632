package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ErrorFilesTests {

    /** Of no process, so that nothing is found elsewhere. */
    private static final long PID = 99_999_999L;

    @TempDir
    Path temp;

    private final Instant started = Instant.now();

    private Path find(String... jvmArguments) {
        return new ErrorFiles(temp, List.of(jvmArguments)).find(PID, started);
    }

    @Test
    void find_none_isNull() {
        assertThat(find()).isNull();
        assertThat(ErrorFiles.head(null)).isEmpty();
        assertThat(ErrorFiles.head(temp.resolve("missing"))).isEmpty();
    }

    @Test
    void find_inTheWorkingDirectory() throws IOException {
        Path file = Files.createFile(temp.resolve("hs_err_pid" + PID + ".log"));

        assertThat(find("-Xmx1g")).isEqualTo(file);
    }

    @Test
    void find_olderThanTheProcess_isThatOfAnotherWithItsPid() throws IOException {
        Path file = Files.createFile(temp.resolve("hs_err_pid" + PID + ".log"));
        Files.setLastModifiedTime(file, FileTime.from(started.minusSeconds(60)));

        assertThat(find()).isNull();
    }

    @Test
    void find_asConfigured_lastOptionWins() throws IOException {
        Files.createFile(temp.resolve("first"));
        Path second = Files.createFile(temp.resolve("100%-" + PID + "-%x%"));

        assertThat(find("-XX:ErrorFile=first", "-XX:ErrorFile=" + temp + "/100%%-%p-%x%"))
                .isEqualTo(second);
    }

    @Test
    @Timeout(60)
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void head_exchangedForAPipe_isEmptyAtOnce() throws Exception {
        Path pipe = temp.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        assertThat(ErrorFiles.head(pipe)).isEmpty();
    }

    @Test
    void head_longFile_isItsBeginning() throws IOException {
        Path file = Files.writeString(temp.resolve("f"), "line\n".repeat(1000));

        assertThat(ErrorFiles.head(file)).hasSize(15).containsOnly("line");
    }
}
