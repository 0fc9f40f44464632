package io.processpool.internal.engine;

import io.processpool.MapOptions;
import io.processpool.PoolClosedException;
import io.processpool.PoolSaturatedException;
import io.processpool.ProcessPoolException;
import io.processpool.TaskOptions;
import io.processpool.TaskOutcome;
import io.processpool.TaskSerializationException;
import io.processpool.internal.Nanos;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.scheduler.Chunk;
import io.processpool.internal.scheduler.FunctionRef;
import io.processpool.internal.scheduler.Functions;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.wire.FunctionKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Turns calls into jobs: encodes functions and arguments, starts feeders. Safe for use by many threads. */
final class Submitter {

    private final PoolEngine engine;
    private final JobServices services;
    private final Functions functions;
    private final Trackers trackers;
    private final AtomicLong ids = new AtomicLong();

    Submitter(PoolEngine engine) {
        this.engine = engine;
        this.services = engine.services();
        this.functions = engine.scheduler().functions();
        this.trackers = new Trackers(engine.config(), services.callbacks());
    }

    /** Submits a callable. */
    <R> DefaultTaskFuture<R> submit(Object callable, TaskOptions options) {
        Tracking tracking = trackers.begin(callable, options.name());
        long id = ids.incrementAndGet();
        try {
            FunctionRef function = functions.registerCallable(callable);
            Bytes item = function.id() == 0 ? function.encoded() : Bytes.EMPTY;
            return submit(submitted(id, function, options, tracking), ItemEncoder.framed(item), options, false);
        } catch (Throwable e) { // of whatever kind: who follows the submission must hear of its end
            return failed(id, tracking, e);
        }
    }

    /**
     * Submits a function with its argument.
     *
     * @param borrow whether nobody changes the argument before the returned future has ended
     */
    <R> DefaultTaskFuture<R> submit(Object fn, @Nullable Object argument, TaskOptions options, boolean borrow) {
        Tracking tracking = trackers.begin(fn, options.name());
        long id = ids.incrementAndGet();
        try {
            FunctionRef function = functions.register(fn, FunctionKind.FUNCTION);
            Bytes item = services.encoder().single(FunctionKind.FUNCTION, argument, borrow);
            return submit(submitted(id, function, options, tracking), item, options, borrow);
        } catch (Throwable e) { // as above
            return failed(id, tracking, e);
        }
    }

    private <R> DefaultTaskFuture<R> submit(Submitted submitted, Bytes item, TaskOptions options, boolean borrow) {
        SingleJob<R> job = new SingleJob<>(submitted, services, options.progress(), item.length(), borrow);
        engine.scheduler().submit(job, Chunk.single(job, 0, item));
        return job.future();
    }

    /** Returns the handle of what cannot be encoded; throws whatever else kept the pool from taking a submission. */
    private <R> DefaultTaskFuture<R> failed(long id, Tracking tracking, Throwable cause) {
        if (cause instanceof TaskSerializationException unsent) {
            tracking.ended(TaskOutcome.FAILURE, () -> named(unsent));
            return DefaultTaskFuture.failed(id, services.callbacks(), named(unsent));
        }
        throw refused(tracking, cause);
    }

    /** Throws what kept the pool from taking a submission, which is the end of that. */
    private RuntimeException refused(Tracking tracking, Throwable cause) {
        Throwable thrown = cause instanceof TaskSerializationException unsent ? named(unsent) : cause;
        boolean full = cause instanceof PoolClosedException || cause instanceof PoolSaturatedException;
        if (cause.getCause() instanceof InterruptedException) {
            tracking.cancelled();
        } else {
            tracking.ended(full ? TaskOutcome.ABANDONED : TaskOutcome.FAILURE, () -> thrown);
        }
        throw Sneaky.rethrow(thrown);
    }

    private TaskSerializationException named(TaskSerializationException e) {
        return new TaskSerializationException(e.getMessage() + " " + engine.suffix(), e.getCause());
    }

    private Submitted submitted(long id, FunctionRef function, TaskOptions options, Tracking tracking) {
        String name = options.name() != null ? options.name() : function.name();
        Job.Settings settings = new Job.Settings(
                name, limit(options.timeout()), options.priority(), options.retries(), tracking.headers());
        return new Submitted(id, function, settings, tracking);
    }

    private FeedJob.Setup setup(FunctionRef function, MapOptions options, Tracking tracking) {
        String name = options.name() != null ? options.name() : function.name();
        Job.Settings settings = new Job.Settings(
                name, limit(options.timeout()), options.priority(), options.retries(), tracking.headers());
        Submitted submitted = new Submitted(ids.incrementAndGet(), function, settings, tracking);
        return new FeedJob.Setup(submitted, services, options, engine::workers);
    }

    private long limit(@Nullable Duration timeout) {
        return Nanos.orZero(timeout != null ? timeout : engine.config().tasks().timeout());
    }

    /** Maps, pulling the items in the calling thread. */
    <R> DefaultTaskFuture<List<R>> map(FunctionKind kind, Object fn, Iterable<?> items, MapOptions options) {
        Tracking tracking = trackers.begin(fn, options.name());
        ListJob<R> job;
        LateIterator source = new LateIterator(items);
        try {
            long total = items instanceof Collection<?> collection ? collection.size() : -1;
            job = listJob(kind, fn, options, total, tracking);
        } catch (Throwable e) { // as above
            throw refused(tracking, e);
        }
        try {
            job.feed(source);
        } catch (InterruptedException e) {
            job.future().cancel(true);
            Thread.currentThread().interrupt();
            throw new ProcessPoolException(
                    "interrupted while feeding " + job + ", which was cancelled " + engine.suffix(), e);
        }
        return job.future();
    }

    /** Lists the items in the calling thread, and maps without waiting. */
    <R> DefaultTaskFuture<List<R>> mapAsync(FunctionKind kind, Object fn, Iterable<?> items, MapOptions options) {
        Tracking tracking = trackers.begin(fn, options.name());
        List<@Nullable Object> list = new ArrayList<>();
        try {
            Throwable failure = list(items, list);
            ListJob<R> job = listJob(kind, fn, options, list.size(), tracking);
            feedLater(job, failure == null ? list : () -> new BrokenIterator(list, failure));
            return job.future();
        } catch (Throwable e) { // as above
            return failed(ids.incrementAndGet(), tracking, e);
        }
    }

    /** Lists the items; returns what the source threw behind those that it listed, or null. */
    private static @Nullable Throwable list(Iterable<?> items, List<@Nullable Object> list) {
        try {
            items.forEach(list::add);
            return null;
        } catch (OutOfMemoryError e) {
            throw e; // of an endless source: there is no room for what it has yielded
        } catch (Throwable e) { // of whatever kind: the future must not take what came before for the whole
            return e;
        }
    }

    private <R> ListJob<R> listJob(FunctionKind kind, Object fn, MapOptions options, long total, Tracking tracking) {
        FunctionRef function = functions.register(fn, kind);
        ListJob<R> job = new ListJob<>(setup(function, options, tracking), total);
        engine.scheduler().open(job);
        return job;
    }

    /** Maps lazily. */
    <R> IteratorJob<R> iterate(FunctionKind kind, Object fn, Iterable<?> items, MapOptions options, boolean ordered) {
        Tracking tracking = trackers.begin(fn, options.name());
        try {
            FunctionRef function = functions.register(fn, kind);
            IteratorJob<R> job = new IteratorJob<>(setup(function, options, tracking), ordered);
            engine.scheduler().open(job);
            feedLater(job, items);
            return job;
        } catch (Throwable e) { // as above
            throw refused(tracking, e);
        }
    }

    private void feedLater(FeedJob job, Iterable<?> items) {
        try {
            // Does nothing if the pool has ended meanwhile, and the job with it.
            engine.feeders().execute(() -> job.feedHere(new LateIterator(items)));
        } catch (Throwable e) { // of whatever kind: the pool must not wait for a job that nobody feeds
            engine.scheduler().cancel(job, false);
            throw e;
        }
    }

    /** Yields what a source did before it broke, then breaks as it did. */
    private static final class BrokenIterator implements Iterator<@Nullable Object> {

        private final Iterator<@Nullable Object> before;
        private final Throwable failure;

        BrokenIterator(List<@Nullable Object> before, Throwable failure) {
            this.before = before.iterator();
            this.failure = failure;
        }

        @Override
        public boolean hasNext() {
            if (!before.hasNext()) {
                throw Sneaky.rethrow(failure);
            }
            return true;
        }

        @Override
        public @Nullable Object next() {
            return before.next();
        }
    }

    /** Asks the source for its iterator when it is first used: that is the user's code, and belongs to the feeder. */
    private static final class LateIterator implements Iterator<Object> {

        private final Iterable<?> items;
        private @Nullable Iterator<?> iterator;

        LateIterator(Iterable<?> items) {
            this.items = items;
        }

        private Iterator<?> iterator() {
            Iterator<?> current = iterator;
            if (current == null) {
                current = items.iterator();
                iterator = current;
            }
            return current;
        }

        @Override
        public boolean hasNext() {
            return iterator().hasNext();
        }

        @Override
        @SuppressWarnings("NullAway") // items may be null
        public Object next() {
            return iterator().next();
        }
    }
}
