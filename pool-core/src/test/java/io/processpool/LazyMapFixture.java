package io.processpool;

import io.processpool.testing.Sources;
import java.util.concurrent.atomic.AtomicInteger;

/** What the tests of lazy maps share. */
abstract class LazyMapFixture extends PoolContract {

    LazyMapFixture(Mode mode) {
        super(mode);
    }

    static MapOptions window(int items) {
        return MapOptions.defaults().maxInFlight(items);
    }

    static <R> ResultIterator<R> lazily(
            ProcessPool pool,
            boolean ordered,
            TaskFunction<Integer, R> fn,
            Iterable<Integer> items,
            MapOptions options) {
        return ordered ? pool.imap(fn, items, options) : pool.imapUnordered(fn, items, options);
    }

    /** Counts what the pool pulls from an endless source, and how far that is ahead of the consumer at most. */
    static final class Watched {
        final AtomicInteger pulled = new AtomicInteger();
        /** Raised before an item is taken, so never too low. */
        final AtomicInteger consumed = new AtomicInteger();

        final AtomicInteger maxAhead = new AtomicInteger();

        Iterable<Integer> source() {
            return Sources.observed(Sources.endless(), x -> {
                int ahead = pulled.incrementAndGet() - consumed.get();
                maxAhead.accumulateAndGet(ahead, Math::max);
            });
        }

        <R> R next(ResultIterator<R> results) {
            consumed.incrementAndGet();
            return results.next();
        }
    }
}
