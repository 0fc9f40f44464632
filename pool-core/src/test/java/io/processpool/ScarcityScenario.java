package io.processpool;

import io.processpool.internal.process.RuntimeDirectory;
import io.processpool.testing.Signs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The main class of a JVM whose pool loses its worker while something is scarce that the next one needs. The first argument
 * is a directory for signs, the second the name of the pool; the third is {@code threads} if these will be scarce, or a file
 * with which to fill the disk, or nothing. Says what happens on stdout, and waits by looking, since both need nothing that
 * may be scarce.
 */
final class ScarcityScenario {

    /** More than a ring and the buffers of a socket hold. */
    private static final int LARGE = 8 << 20;

    /** What comes back when all is served. */
    static final int SERVED = 9 + LARGE;

    private ScarcityScenario() {}

    public static void main(String[] args) throws IOException {
        Signs signs = Signs.in(Path.of(args[0]));
        try (ProcessPool pool = ProcessPool.builder().name(args[1]).workers(1).build()) {
            // Once without scarcity: whatever has to be loaded for it may need what is scarce later.
            System.out.println("first worker " + pool.apply(Deeds::pid) + ".");
            look(() -> pool.snapshot().workersLost() == 1);
            System.out.println("second worker " + pool.apply(Deeds::pid) + ".");
            serve(pool);
            boolean threads = args[2].equals("threads");
            if (threads) {
                look(() -> !hasHousekeepers()); // those that are there could be used again
            }
            System.out.println("ready");
            look(() -> signs.given("scarce"));
            boolean disk = !threads && !args[2].isEmpty();
            Path held = Path.of(args[2]).resolveSibling("held");
            if (disk) {
                Files.createDirectory(held);
                fill(Path.of(args[2]));
                hold(Path.of(args[2]).getParent(), held);
            }
            System.out.println("serves: " + serve(pool));
            System.out.println("scarce");

            look(() -> signs.given("killed"));
            System.out.println("task: " + outcome(pool, Duration.ofSeconds(threads ? 2 : 30)));

            System.out.println("waiting");
            look(() -> signs.given("plenty"));
            if (disk) {
                Files.delete(Path.of(args[2]));
                RuntimeDirectory.deleteRecursively(held);
            }
            look(() -> outcome(pool, Duration.ofSeconds(30)).equals("done"));
            System.out.println("recovered");
        }
        System.out.println("closed");
    }

    /** Small and large data both ways, with the worker that is there; returns how much has come back. */
    private static int serve(ProcessPool pool) {
        int sum = 0;
        for (int number : pool.map(i -> i + 1, List.of(1, 2, 3))) {
            sum += number;
        }
        return sum + pool.apply(bytes -> bytes, new byte[LARGE]).length;
    }

    private static boolean hasHousekeepers() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().contains("-housekeeping-"));
    }

    private static void look(BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(2_000_000);
            if (System.nanoTime() - begin > Lifecycle.PATIENCE.toNanos()) {
                throw new IllegalStateException("nothing happens");
            }
        }
    }

    private static String outcome(ProcessPool pool, Duration patience) {
        try {
            pool.applyAsync(Deeds::pid).get(patience);
            return "done";
        } catch (TimeoutException e) {
            return "waits";
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Keeps the room that the files in a directory take, also when the pool deletes those of its lost worker. */
    private static void hold(Path directory, Path links) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
        for (int i = 0; i < files.size(); i++) {
            Files.createLink(links.resolve(String.valueOf(i)), files.get(i));
        }
    }

    private static void fill(Path file) {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            System.out.println("full: " + e.getMessage());
        }
    }
}
