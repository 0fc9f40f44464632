package io.processpool.benchmarks.compare.peer;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** The tasks themselves, as functions and as callables, the same code for all peers on the JVM. */
public final class Tasks {

    private static final int LONG_MILLIS = 60_000;
    private static final long LOOK_NANOS = 100_000;

    private Tasks() {}

    /** The tiny task. */
    public static Integer square(Integer x) {
        return x * x;
    }

    static byte[] echo(byte[] bytes) {
        return bytes;
    }

    /**
     * Keeps a core busy until the wall clock has moved on. Wall clock, not CPU time: what else runs on the machine then
     * costs a peer nothing while its task runs, only between tasks.
     */
    static Integer spin(Integer micros) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < micros * 1_000L) {
            Thread.onSpinWait();
        }
        return micros;
    }

    /** Creates a file to tell that it runs, and then does not end for a minute. */
    public static Integer signAndSleep(String file) throws IOException, InterruptedException {
        Files.createFile(Path.of(file));
        Thread.sleep(LONG_MILLIS);
        return 0;
    }

    /** Holds up a worker until the file is deleted. */
    public static Integer waitWhileExists(String file) {
        Path gate = Path.of(file);
        while (Files.exists(gate)) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return 0;
    }

    /** A callable that can be sent. */
    interface Task<R> extends Callable<R>, Serializable {}

    static Task<Integer> squareOf(int x) {
        return () -> square(x);
    }

    static Task<byte[]> echoOf(byte[] bytes) {
        return () -> echo(bytes);
    }

    static Task<Integer> spinFor(int micros) {
        return () -> spin(micros);
    }

    /** Returns the numbers below the count, all of them as objects. */
    public static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    static void check(boolean right, Work work) {
        if (!right) {
            throw new IllegalStateException("A wrong result of " + work);
        }
    }
}
