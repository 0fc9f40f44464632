package io.processpool;

import java.io.Serializable;

/**
 * A function of one argument, executed in a worker process.
 *
 * <p>The function itself travels once to each worker and is kept there; afterwards only arguments and results
 * travel. A function object that keeps state in its fields therefore sees, within one worker, what earlier calls
 * left there, as a Python function sees its module's globals. It is {@link Serializable} for the same reason as
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
