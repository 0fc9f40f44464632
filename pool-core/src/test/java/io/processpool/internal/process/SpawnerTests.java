package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.WorkerStartException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
class SpawnerTests {

    private final Spawner spawner = new Spawner(LaunchFixture.POOL, Duration.ofMinutes(1));
    private final ProcessBuilder builder = new ProcessBuilder("the-command");

    @Test
    void start_hangs_givesUpAfterTheDeadline() {
        CountDownLatch hang = new CountDownLatch(1);
        Spawner impatient = new Spawner(LaunchFixture.POOL, Duration.ofMillis(50));

        assertThatThrownBy(() -> impatient.start(
                        builder,
                        () -> {
                            hang.await();
                            throw new IOException("late");
                        },
                        4))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("within PT0.05S")
                .hasMessageContaining("worker=4, command=[the-command]");
        hang.countDown();
    }

    @Test
    void start_interrupted_staysInterrupted() {
        CountDownLatch hang = new CountDownLatch(1);
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> spawner.start(
                        builder,
                        () -> {
                            hang.await();
                            throw new IOException("late");
                        },
                        0))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        hang.countDown();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "error=2, No such file or directory | The command does not exist: the-command",
                "Exec failed, error: 2 (No such file or directory) | The command does not exist: the-command",
                "error=13, Permission denied | must not be executed",
                "error=11, Resource temporarily unavailable | Too many processes",
                "error=24, Too many open files | ulimit -n",
                "error=12, Cannot allocate memory | Not enough memory",
                "posix_spawn failed, error: 2, while invoking jspawnhelper | upgraded in place",
                "error=0, Failed to exec spawn helper: pid: 25340, exit value: 1 | upgraded in place",
                "something new | something new"
            })
    void start_fails_namesTheCause(String message, String expected) {
        IOException failure = new IOException("Cannot run program \"the-command\": " + message);

        assertThatThrownBy(() -> spawner.start(
                        builder,
                        () -> {
                            throw failure;
                        },
                        0))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining(message)
                .hasCause(failure);
    }

    @Test
    void start_invalidSetting_namesTheCause() {
        assertThatThrownBy(() -> spawner.start(
                        builder,
                        () -> {
                            throw new IllegalArgumentException("NUL character");
                        },
                        0))
                .hasMessageContaining("A setting is not valid: NUL character");
    }
}
