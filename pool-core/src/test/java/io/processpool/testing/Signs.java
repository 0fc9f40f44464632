package io.processpool.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Signs that a test and the tasks in its workers give each other: files in a directory. Travels to the workers.
 *
 * @param directory the directory
 */
public record Signs(String directory) implements Serializable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Makes signs in a directory that exists. */
    public static Signs in(Path directory) {
        return new Signs(directory.toAbsolutePath().toString());
    }

    /** Returns the file of a sign, for those who cannot call this class. */
    public Path file(String name) {
        return Path.of(directory, name);
    }

    /** Gives a sign; once more does no harm. */
    public void give(String name) {
        try {
            Files.createFile(file(name));
        } catch (FileAlreadyExistsException e) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells whether a sign was given. */
    public boolean given(String name) {
        return Files.exists(file(name));
    }

    /** In a task: waits for a sign, unless interrupted. */
    public void await(String name) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!given(name)) {
            LockSupport.parkNanos(2_000_000);
            if (Thread.interrupted()) {
                throw new InterruptedException("while waiting for " + name);
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("nobody gave the sign " + name);
            }
        }
    }

    /** In a test: waits until the sign was given. */
    public void expect(String name) {
        Awaitility.await("sign " + name)
                .atMost(PATIENCE.dividedBy(2))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> given(name));
    }

    /** In a test: waits until so many signs of these first letters were given. */
    public void expect(String prefix, int count) {
        Awaitility.await("signs " + prefix)
                .atMost(PATIENCE.dividedBy(2))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(all(prefix)).hasSizeGreaterThanOrEqualTo(count));
    }

    /** Returns the signs with these first letters. */
    public List<String> all(String prefix) {
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Appends a line to a file: what happened, in order and in number. */
    public void note(String name, Object line) {
        try {
            Files.writeString(file(name), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what was noted. */
    public List<String> notes(String name) {
        try {
            return given(name) ? Files.readAllLines(file(name)) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
