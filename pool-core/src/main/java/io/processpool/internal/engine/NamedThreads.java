package io.processpool.internal.engine;

import io.processpool.internal.ThreadNames;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes daemon threads named {@code pool-<name>-<role>-<n>}. They take the context class loader from the thread that made
 * the pool, since some of them run the user's code, and nothing from the thread that happens to need them first.
 */
final class NamedThreads implements ThreadFactory {

    private final String prefix;
    private final ClassLoader loader = Thread.currentThread().getContextClassLoader();
    private final AtomicInteger count = new AtomicInteger();

    NamedThreads(String poolName, String role) {
        this.prefix = ThreadNames.of(poolName, role);
    }

    @Override
    public Thread newThread(Runnable target) {
        Thread thread = new Thread(null, target, prefix + "-" + count.incrementAndGet(), 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(loader);
        return thread;
    }
}
