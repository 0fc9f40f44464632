package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    void find_inTheTemporaryDirectory() throws IOException {
        Path file = Files.createFile(temp.resolve("hs_err_pid" + PID + ".log"));

        assertThat(findWithTemporary(temp.toString())).isEqualTo(file);
    }

    // The pool's own process is the application's, which may do what it likes with its properties.
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "/no%p/such\0directory"})
    void find_noTemporaryDirectory_looksElsewhere(@Nullable String temporary) {
        assertThat(findWithTemporary(temporary)).isNull();
    }

    private @Nullable Path findWithTemporary(@Nullable String temporary) {
        String before = System.getProperty("java.io.tmpdir");
        try {
            if (temporary == null) {
                System.clearProperty("java.io.tmpdir");
            } else {
                System.setProperty("java.io.tmpdir", temporary);
            }
            return new ErrorFiles(temp.resolve("elsewhere"), List.of()).find(PID, started);
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    @Test
    void head_longFile_isItsBeginning() throws IOException {
        Path file = Files.writeString(temp.resolve("f"), "line\n".repeat(1000));

        assertThat(ErrorFiles.head(file)).hasSize(15).containsOnly("line");
    }
}
