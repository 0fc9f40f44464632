package io.processpool.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A gate between processes, made of files: tasks stop at it until the test opens it, and the test sees who stands there.
 * It holds a worker busy for exactly as long as a test wants. Open for ever once opened.
 *
 * <pre>{@code
 * Gate gate = Gate.in(directory, "gate");                  // a @TempDir
 * TaskFuture<Void> held = pool.applyAsync(gate::pass);
 * gate.awaitArrivals(1);                                   // it runs
 * gate.open();                                             // it ends
 * }</pre>
 */
public final class Gate implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** A test that forgets to open its gate must not leave workers behind for ever. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long PAUSE_NANOS = 2_000_000;

    private final String directory;

    private Gate(Path directory) {
        this.directory = directory.toString();
    }

    /** Makes a closed gate. */
    public static Gate in(Path parent, String name) {
        try {
            return new Gate(Files.createDirectory(parent.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path mark() {
        return Path.of(directory, "open");
    }

    /** Lets all pass that stand here or will come. */
    public void open() {
        try {
            Files.createFile(mark());
        } catch (java.nio.file.FileAlreadyExistsException e) {
            // it is open
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells whether the gate is open. */
    public boolean isOpen() {
        return Files.exists(mark());
    }

    /** For tasks: arrives, and waits until the gate is open; heeds interrupts. Always returns null. */
    public Void pass() throws InterruptedException {
        arrive();
        long start = System.nanoTime();
        while (!isOpen()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted at the gate");
            }
            pause(start);
        }
        return null;
    }

    /** For tasks: passes the gate, then returns the value. */
    public <T> T passWith(T value) throws InterruptedException {
        pass();
        return value;
    }

    /** For tasks: arrives, and waits until the gate is open, whoever interrupts. Always returns null. */
    public Void passStubbornly() {
        arrive();
        long start = System.nanoTime();
        while (!isOpen()) {
            Thread.interrupted();
            pause(start);
        }
        return null;
    }

    private void pause(long start) {
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
            throw new IllegalStateException("nobody has opened " + directory + " within " + PATIENCE);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    /** For tasks: leaves a mark for {@link #arrivals()} without waiting. */
    public void arrive() {
        try {
            String who =
                    ProcessHandle.current().pid() + "-" + Thread.currentThread().getName() + "-" + System.nanoTime();
            Files.createFile(Path.of(directory, "arrived-" + who));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns how many have arrived so far, whether they still wait or not. */
    public long arrivals() {
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            return files.filter(file -> file.getFileName().toString().startsWith("arrived-"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For tests: waits until that many have arrived. */
    public void awaitArrivals(long count) {
        await("arrivals at " + directory)
                .atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(arrivals()).isGreaterThanOrEqualTo(count));
    }

    @Override
    public String toString() {
        return "Gate[" + directory + ", " + (isOpen() ? "open" : "closed") + "]";
    }
}
