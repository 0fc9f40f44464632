package io.processpool;

import java.io.Serializable;

/**
 * A function of two arguments, executed in a worker process: what {@code starmap} applies to each pair.
 *
 * <p>See {@link TaskFunction} for how a function travels.
 *
 * @param <A> the type of the first argument
 * @param <B> the type of the second argument
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface TaskBiFunction<A, B, R> extends Serializable {

    /**
     * Applies the function.
     *
     * @param first the first argument
     * @param second the second argument
     * @return the result, may be null
     * @throws Exception whatever goes wrong; it reaches the caller as the cause of a {@link TaskFailedException}
     */
    R apply(A first, B second) throws Exception;
}
