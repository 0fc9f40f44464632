package io.processpool.internal.process;

/** Makes the threads of this package. */
final class Threads {

    private Threads() {}

    /**
     * Starts a daemon thread that takes nothing along from its creator: neither its inheritable thread-locals nor its
     * context class loader, which could be that of a web application.
     */
    static void start(String name, Runnable action) {
        Thread thread = new Thread(null, action, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(Threads.class.getClassLoader());
        thread.start();
    }
}
