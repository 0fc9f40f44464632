package io.processpool;

import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The lazy results of {@code imap} and its relatives: Python's {@code IMapIterator}.
 *
 * <p>The source is pulled only so far ahead of the consumer as {@link MapOptions#maxInFlight()} allows, so infinite
 * sources are welcome. An item that failed makes its {@link #next()} throw that failure, and the following
 * {@code next()} goes on with the next item. When the source itself throws, its own exception arrives after the
 * results of all items before it, and ends the iteration. An iterator is meant for one consuming thread at a time;
 * {@link #close()} may be called from any thread.
 *
 * <p>Close an iterator that is not read to its end; closing the pool ends it as well.
 *
 * @param <R> the type of the results
 */
public interface ResultIterator<R> extends Iterator<R>, Iterable<R>, AutoCloseable {

    /**
     * Waits until it is known whether there is another item.
     *
     * @return true if {@link #next()} will return a result or throw an item's failure
     */
    @Override
    boolean hasNext();

    /**
     * Waits for the next result.
     *
     * @return the result
     * @throws NoSuchElementException if the source is exhausted or the iterator closed
     * @throws ProcessPoolException the failure of this item
     * @throws PoolClosedException if the pool was closed before the source was exhausted
     */
    @Override
    R next();

    /**
     * Waits for the next result, at most for the given time (Python: {@code IMapIterator.next(timeout)}).
     *
     * @param timeout how long to wait; zero or less does not wait
     * @return the result
     * @throws TimeoutException if it has not arrived in time; the iterator stays usable and no item is lost
     * @throws NoSuchElementException if the source is exhausted or the iterator closed
     */
    R next(Duration timeout) throws TimeoutException;

    /**
     * Returns this iterator, so that it can stand in an enhanced {@code for} loop, once.
     *
     * @return this
     */
    @Override
    default Iterator<R> iterator() {
        return this;
    }

    /**
     * Returns the remaining results as a sequential stream. Closing the stream closes this iterator.
     *
     * @return a stream that consumes this iterator
     */
    Stream<R> stream();

    /**
     * Returns how many items have ended so far, whether consumed or not.
     *
     * @return the count of finished items
     */
    long completed();

    /**
     * Stops pulling the source and cancels what is left, running items included. If the source blocks just then, the
     * pool's thread that pulls it is interrupted. Idempotent.
     */
    @Override
    void close();
}
