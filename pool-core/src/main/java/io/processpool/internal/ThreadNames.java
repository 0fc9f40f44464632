package io.processpool.internal;

/** Names of threads: {@code pool-<name>-<role>}, without doubling the prefix of default names such as {@code pool-1}. */
public final class ThreadNames {

    private ThreadNames() {}

    /** Returns the name of a thread of a pool. */
    public static String of(String poolName, String role) {
        return (poolName.startsWith("pool-") ? "" : "pool-") + poolName + "-" + role;
    }
}
