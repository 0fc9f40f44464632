package io.processpool;

/**
 * Receives the progress of a task or of a whole map.
 *
 * <p>Called on the pool's callback executor, for one task or map never by two threads at once. A listener that throws
 * is logged and called again for the next step; a slow one skips steps, the last one is always delivered.
 */
@FunctionalInterface
public interface ProgressListener {

    /**
     * Tells how far the work has come.
     *
     * @param done the units finished: items of a map, or what the task itself reported
     * @param total the units in all, or -1 if that is not known (yet)
     */
    void progress(long done, long total);
}
