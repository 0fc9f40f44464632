package example.library;

import io.processpool.TaskFunction;

/**
 * A function that returns what it is given.
 *
 * @param <T> whatever that is
 */
public final class Echo<T> implements TaskFunction<T, T> {

    @Override
    public T apply(T value) {
        return value;
    }
}
