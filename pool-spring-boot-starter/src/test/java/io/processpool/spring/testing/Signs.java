package io.processpool.spring.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Files by which a test and the tasks in its workers tell each other how far they are.
 *
 * @param directory where they are
 */
public record Signs(String directory) implements Serializable {

    /** Makes those of a directory. */
    public static Signs in(Path directory) {
        return new Signs(directory.toString());
    }

    /** Says that something has happened. */
    public void give(String name) {
        try {
            Files.writeString(file(name), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says that it is so no more. */
    public void take(String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells whether it has happened. */
    public boolean given(String name) {
        return Files.exists(file(name));
    }

    /** For tests: waits until it has happened, or fails. */
    public void expect(String name) {
        await(name).atMost(Duration.ofSeconds(30)).until(() -> given(name));
    }

    /** For tasks: says that it runs, and runs until it is told to end. */
    public String hold(String begun, String end) {
        give(begun);
        while (!given(end)) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "interrupted";
            }
        }
        return "held";
    }

    private Path file(String name) {
        return Path.of(directory, name);
    }
}
