package io.processpool;

import java.util.concurrent.Callable;

/** Functions for workers, and what helps to write them. */
final class Tasks {

    private Tasks() {}

    static int square(int x) {
        return x * x;
    }

    static int boom(int ignored) {
        throw new IllegalStateException("boom");
    }

    /** Tells whether the calling code runs in a worker, in whatever mode. */
    static boolean inWorker() {
        try {
            WorkerContext.current();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** Returns what the callable returns; throws bare whatever it throws. */
    static <T> T unchecked(Callable<T> callable) {
        try {
            return callable.call();
        } catch (Throwable e) {
            throw sneaky(e);
        }
    }

    /** Throws anything from anywhere. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }
}
