package io.processpool.internal;

import io.processpool.WorkerContext;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link WorkerContext} for {@link WorkerContext#current()}: per process in a worker process, per thread (and
 * the threads it starts) for workers inside this process.
 */
public final class CurrentWorker {

    private static final InheritableThreadLocal<@Nullable WorkerContext> OF_THREAD = new InheritableThreadLocal<>();

    private static volatile @Nullable WorkerContext ofProcess;

    private CurrentWorker() {}

    /** Returns the context that the calling thread belongs to, or null. */
    public static @Nullable WorkerContext get() {
        WorkerContext context = OF_THREAD.get();
        return context != null ? context : ofProcess;
    }

    /** Makes a context that of this whole process. */
    public static void setForProcess(WorkerContext context) {
        ofProcess = context;
    }

    /** Makes a context that of the calling thread and of the threads that it starts from now on. */
    public static void setForThread(@Nullable WorkerContext context) {
        if (context == null) {
            OF_THREAD.remove();
        } else {
            OF_THREAD.set(context);
        }
    }
}
