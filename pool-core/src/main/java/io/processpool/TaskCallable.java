package io.processpool;

import java.io.Serializable;

/**
 * A task without argument that yields a result, executed in a worker process.
 *
 * <p>The type is {@link Serializable}, so a lambda or method reference written where a {@code TaskCallable} is
 * expected can travel to the worker as it is; what it captures travels with it and must be serializable too. It
 * runs on a copy: changes that it makes to captured objects stay in the worker.
 *
 * @param <R> the type of the result; it must be encodable by the pool's {@link Codec}
 */
@FunctionalInterface
public interface TaskCallable<R> extends Serializable {

    /**
     * Runs the task.
     *
     * @return the result, may be null
     * @throws Exception whatever goes wrong; it reaches the caller as the cause of a {@link TaskFailedException}
     */
    R call() throws Exception;
}
