package io.processpool;

import java.io.Serializable;

/**
 * A function of one argument, executed in a worker process.
 *
 * <p>The function itself travels once to each worker and is kept there as long as it is in use; afterwards only
 * arguments and results travel. State in its fields or in what it captured is therefore seen by later calls in the same
 * worker, until the worker is replaced or has forgotten the function; which worker runs a call is not defined. So do not
 * rely on it, and keep what is to last in {@link WorkerContext#state()}. A {@link TaskCallable} that captured something
 * travels anew with each call. The type is {@link Serializable} for the same reason as
 * {@link TaskCallable}.
 *
 * @param <T> the type of the argument
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface TaskFunction<T, R> extends Serializable {

    /**
     * Applies the function.
     *
     * @param argument the argument, a copy of what the caller passed
     * @return the result, may be null
     * @throws Exception whatever goes wrong; it reaches the caller as the cause of a {@link TaskFailedException}
     */
    R apply(T argument) throws Exception;
}
