package io.processpool;

import java.io.Serializable;

/**
 * An action without argument and result, executed in a worker process: an initializer or a finalizer.
 *
 * <p>It is {@link Serializable} for the same reason as {@link TaskCallable}.
 */
@FunctionalInterface
public interface TaskRunnable extends Serializable {

    /**
     * Runs the action.
     *
     * @throws Exception whatever goes wrong
     */
    void run() throws Exception;
}
