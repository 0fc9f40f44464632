package io.processpool.spring.endpoint;

import io.processpool.PoolClosedException;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import io.processpool.WorkerSnapshot;
import io.processpool.spring.managed.PoolHistories;
import io.processpool.spring.managed.PoolHistory;
import io.processpool.spring.managed.ProcessPools;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Shows the pools and their workers, and changes them. Names of tasks are shown, their arguments and results never.
 *
 * <pre>
 *   GET     /processpool                              all pools, in short
 *   GET     /processpool/{pool}                       one pool with its workers and what happened lately
 *   GET     /processpool/{pool}/{worker}              one worker
 *   GET     /processpool/{pool}/{worker}/threaddump   the stacks of a worker
 *   POST    /processpool/{pool}    {"workers": 4}     resizes
 *   POST    /processpool/{pool}    {"recycle": true}  replaces all workers gracefully, in turn
 *   POST    /processpool/{pool}/{worker}              replaces one worker gracefully
 *   DELETE  /processpool/{pool}/{worker}              kills one worker
 * </pre>
 *
 * A pool or worker that does not exist is answered with 404, see {@link ProcessPoolEndpointWebExtension}. With
 * {@code management.endpoint.processpool.access=read-only} only the reading operations exist.
 */
@Endpoint(id = "processpool")
public class ProcessPoolEndpoint {

    private static final String THREAD_DUMP = "threaddump";

    private final ProcessPools pools;
    private final PoolHistories histories;

    ProcessPoolEndpoint(ProcessPools pools, PoolHistories histories) {
        this.pools = pools;
        this.histories = histories;
    }

    /**
     * Returns all pools, in short.
     *
     * @return the pools by name
     */
    @ReadOperation
    public PoolsDescription pools() {
        Map<String, PoolDescription> all = new LinkedHashMap<>();
        pools.all().forEach((name, pool) -> all.put(name, PoolDescription.of(pool.snapshot())));
        return new PoolsDescription(all);
    }

    /**
     * Returns one pool.
     *
     * @param pool its name
     * @return the pool, or null if there is none of this name
     */
    @ReadOperation
    public @Nullable PoolDetails pool(@Selector String pool) {
        ProcessPool found = pools.find(pool);
        return found == null ? null : PoolDetails.of(found.snapshot(), histories.of(pool));
    }

    /**
     * Returns one worker.
     *
     * @param pool the name of the pool
     * @param worker the slot number of the worker
     * @return the worker, or null if there is none
     */
    @ReadOperation
    public @Nullable WorkerDescription worker(@Selector String pool, @Selector int worker) {
        ProcessPool found = pools.find(pool);
        WorkerSnapshot snapshot = found == null ? null : worker(found, worker);
        return snapshot == null ? null : WorkerDescription.of(snapshot);
    }

    /**
     * Returns the stacks of all threads of a worker.
     *
     * @param pool the name of the pool
     * @param worker the slot number of the worker
     * @param aspect {@code threaddump}
     * @return the dump, or null if there is no such worker
     */
    @ReadOperation(produces = "text/plain;charset=UTF-8")
    public @Nullable String threadDump(@Selector String pool, @Selector int worker, @Selector String aspect) {
        ProcessPool found = pools.find(pool);
        if (found == null || !aspect.equals(THREAD_DUMP) || worker(found, worker) == null) {
            return null;
        }
        return found.threadDump(worker);
    }

    /**
     * Resizes a pool, or replaces all of its workers gracefully, or both.
     *
     * @param pool the name of the pool
     * @param workers how many workers it is to have, or null to leave that
     * @param recycle whether to replace the workers that are there
     * @return the pool afterwards, or null if there is none of this name
     * @throws PoolClosedException if it takes no more tasks
     */
    @WriteOperation
    public @Nullable PoolDescription change(
            @Selector String pool, @Nullable Integer workers, @Nullable Boolean recycle) {
        ProcessPool found = pools.find(pool);
        if (found == null) {
            return null;
        }
        if (workers == null && !Boolean.TRUE.equals(recycle)) {
            throw new InvalidEndpointRequestException(
                    "nothing to do: give workers, or recycle=true", "nothing to do: give workers, or recycle=true");
        }
        requireRunning(pool, found);
        if (workers != null) {
            resize(found, workers);
        }
        if (Boolean.TRUE.equals(recycle)) {
            found.recycleAll();
        }
        return PoolDescription.of(found.snapshot());
    }

    /** A pool that is shutting down would ignore the wish without a word. */
    private static void requireRunning(String name, ProcessPool pool) {
        PoolState state = pool.snapshot().state();
        if (state != PoolState.RUNNING) {
            throw new PoolClosedException(
                    "the pool is not running any more (pool=" + name + ", state=" + PoolHistory.lowerCase(state) + ")",
                    null);
        }
    }

    private static void resize(ProcessPool pool, int workers) {
        try {
            pool.resize(workers);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new InvalidEndpointRequestException(message, message, e);
        }
    }

    /**
     * Replaces one worker gracefully.
     *
     * @param pool the name of the pool
     * @param worker the slot number of the worker
     * @return the worker as it was, or null if there is none
     * @throws PoolClosedException if the pool takes no more tasks
     */
    @WriteOperation
    public @Nullable WorkerDescription recycle(@Selector String pool, @Selector int worker) {
        return command(pool, worker, found -> {
            requireRunning(pool, found);
            found.recycle(worker);
        });
    }

    /**
     * Kills one worker; the task that it runs fails.
     *
     * @param pool the name of the pool
     * @param worker the slot number of the worker
     * @return the worker as it was, or null if there is none
     */
    @DeleteOperation
    public @Nullable WorkerDescription kill(@Selector String pool, @Selector int worker) {
        return command(pool, worker, found -> found.kill(worker));
    }

    private interface Command {
        void run(ProcessPool pool);
    }

    private @Nullable WorkerDescription command(String pool, int worker, Command command) {
        ProcessPool found = pools.find(pool);
        WorkerSnapshot snapshot = found == null ? null : worker(found, worker);
        if (found == null || snapshot == null) {
            return null;
        }
        try {
            command.run(found);
        } catch (IllegalArgumentException e) {
            return null; // it has ended meanwhile
        }
        return WorkerDescription.of(snapshot);
    }

    private static @Nullable WorkerSnapshot worker(ProcessPool pool, int worker) {
        return pool.snapshot().workers().stream()
                .filter(snapshot -> snapshot.id() == worker)
                .reduce((older, newer) -> newer)
                .orElse(null);
    }
}
