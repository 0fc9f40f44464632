package io.processpool.internal.engine;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Ends the pools that are left when the JVM exits: one that is draining gets its {@code shutdownTimeout}, all others are
 * terminated. One hook for all pools, registered as long as there are any.
 */
final class ExitHook {

    private static final Set<PoolEngine> POOLS = ConcurrentHashMap.newKeySet();

    private static @Nullable Thread hook;

    private ExitHook() {}

    static synchronized void add(PoolEngine pool) {
        POOLS.add(pool);
        if (hook == null) {
            Thread thread = new Thread(ExitHook::endAll, "processpool-exit");
            try {
                Runtime.getRuntime().addShutdownHook(thread);
                hook = thread;
            } catch (IllegalStateException e) {
                POOLS.remove(pool);
                throw new IllegalStateException("a ProcessPool cannot be made while the JVM exits", e);
            }
        }
    }

    static synchronized void remove(PoolEngine pool) {
        POOLS.remove(pool);
        Thread registered = hook;
        if (POOLS.isEmpty() && registered != null && Thread.currentThread() != registered) {
            try {
                Runtime.getRuntime().removeShutdownHook(registered);
                hook = null;
            } catch (IllegalStateException e) {
                hook = registered; // the JVM exits: the hook is running
            }
        }
    }

    private static void endAll() {
        List<Thread> threads = POOLS.stream()
                .map(pool -> new Thread(
                        pool::jvmExits, "processpool-exit-" + pool.config().name()))
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
