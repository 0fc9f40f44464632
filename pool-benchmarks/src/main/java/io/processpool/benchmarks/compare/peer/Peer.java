package io.processpool.benchmarks.compare.peer;

import java.util.List;

/** Something with two workers that does the work of the comparison. Used by one thread at a time. */
public interface Peer extends AutoCloseable {

    /** How many workers each peer has. */
    int WORKERS = 2;

    /**
     * Does the work and checks its results.
     *
     * @param work one of those that {@link Contestant#works()} lists
     * @param count how many tasks
     * @return how long it took, without what is needed to prepare and to check, in nanoseconds
     * @throws Exception if the peer fails
     */
    long nanos(Work work, int count) throws Exception;

    /** Returns the ids of the worker processes, none if the workers are threads. */
    List<Long> workerPids();

    /** Ends the workers. */
    @Override
    void close();
}
