package io.processpool.internal.engine;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes daemon threads named {@code pool-<name>-<role>-<n>}. */
final class NamedThreads implements ThreadFactory {

    private final String prefix;
    private final AtomicInteger count = new AtomicInteger();

    NamedThreads(String poolName, String role) {
        this.prefix = name(poolName, role);
    }

    /** Returns the name of the only thread of a role. */
    static String name(String poolName, String role) {
        return (poolName.startsWith("pool-") ? "" : "pool-") + poolName + "-" + role;
    }

    @Override
    public Thread newThread(Runnable target) {
        Thread thread = new Thread(target, prefix + "-" + count.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }
}
