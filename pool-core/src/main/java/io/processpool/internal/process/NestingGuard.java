package io.processpool.internal.process;

import io.processpool.ProcessPoolException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pools within pools from growing without end. A pool that is created in a static initializer is created again in
 * each of its workers, when they load the class; without a limit that is a fork bomb.
 *
 * <p>Each process knows its depth from the environment variable {@code PROCESSPOOL_DEPTH}: absent, so 0, in the
 * application, 1 in its workers, 2 in workers of workers. No process may be deeper than the system property
 * {@code processpool.maxDepth}, 2 unless set.
 */
public final class NestingGuard {

    /** The environment variable that holds the depth. */
    public static final String DEPTH_VARIABLE = "PROCESSPOOL_DEPTH";

    /** The system property that holds the limit. */
    public static final String MAX_DEPTH_PROPERTY = "processpool.maxDepth";

    private static final int DEFAULT_MAX_DEPTH = 2;

    private final int depth;
    private final int maxDepth;

    private NestingGuard(int depth, int maxDepth) {
        this.depth = depth;
        this.maxDepth = maxDepth;
    }

    /**
     * Returns the guard for this process.
     *
     * @return the guard
     * @throws IllegalArgumentException if the system property is not a number of 0 or more
     */
    public static NestingGuard current() {
        return of(System.getenv(DEPTH_VARIABLE), System.getProperty(MAX_DEPTH_PROPERTY));
    }

    static NestingGuard of(@Nullable String depth, @Nullable String maxDepth) {
        int limit = maxDepth == null ? DEFAULT_MAX_DEPTH : number(maxDepth);
        if (limit < 0) {
            throw new IllegalArgumentException(
                    MAX_DEPTH_PROPERTY + " must be a number >= 0: " + MAX_DEPTH_PROPERTY + "=" + maxDepth);
        }
        // The variable is ours; a value that is not has come from somewhere else and says nothing.
        int own = depth == null ? 0 : Math.max(0, number(depth));
        return new NestingGuard(own, limit);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text.trim());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /**
     * Returns how deep this process is.
     *
     * @return 0 if it is not a worker
     */
    public int depth() {
        return depth;
    }

    /**
     * Returns how deep the workers of this process are.
     *
     * @return one more than this process
     */
    public int childDepth() {
        return depth + 1;
    }

    /**
     * Returns how deep a process may be.
     *
     * @return the limit
     */
    public int maxDepth() {
        return maxDepth;
    }

    /**
     * Throws if workers of this process would be too deep.
     *
     * @throws ProcessPoolException if so
     */
    public void check() {
        if (childDepth() > maxDepth) {
            throw new ProcessPoolException("A pool must not be created here: this process is itself a worker, "
                    + depth + " deep, and the limit is " + maxDepth
                    + ". The usual reason is a pool in a static initializer or in the main class, which each worker"
                    + " creates again when it loads the class; create it where workers do not come by, or raise the"
                    + " system property " + MAX_DEPTH_PROPERTY + " (depth=" + depth + ", " + MAX_DEPTH_PROPERTY + "="
                    + maxDepth + ")");
        }
    }
}
