package example.shop;

import io.processpool.WorkerContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What runs in workers. */
final class ShopTasks {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private ShopTasks() {}

    static Receipt receipt(String order) {
        return new Receipt(
                order, ProcessHandle.current().pid(), WorkerContext.current().poolName());
    }

    /** Says that it has begun, and waits for a file. */
    static Receipt receiptOnce(String order, String directory) throws IOException {
        Path go = Path.of(directory, order + "-go");
        Files.createFile(Path.of(directory, order + "-begun"));
        long start = System.nanoTime();
        while (!Files.exists(go)) {
            LockSupport.parkNanos(2_000_000);
            Thread.interrupted(); // of those that do not listen
            if (System.nanoTime() - start > PATIENCE) {
                throw new IllegalStateException("nobody made " + go);
            }
        }
        return receipt(order);
    }

    /** Returns a resource of the application, read in the worker. */
    static String read(String resource) throws IOException {
        try (var in = Thread.currentThread().getContextClassLoader().getResourceAsStream(resource)) {
            return in == null ? "none" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
