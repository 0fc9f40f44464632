package io.processpool.internal.engine;

import io.processpool.MapOptions;
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
import java.util.function.Supplier;
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
        long id = ids.incrementAndGet();
        try {
            FunctionRef function = functions.registerCallable(callable);
            Bytes item = function.id() == 0 ? function.encoded() : Bytes.EMPTY;
            return submit(id, function, ItemEncoder.framed(item), options);
        } catch (TaskSerializationException e) {
            return DefaultTaskFuture.failed(id, services.callbacks(), named(e));
        }
    }

    /** Submits a function with its argument. */
    <R> DefaultTaskFuture<R> submit(Object fn, @Nullable Object argument, TaskOptions options) {
        long id = ids.incrementAndGet();
        try {
            FunctionRef function = functions.register(fn, FunctionKind.FUNCTION);
            return submit(id, function, services.encoder().single(FunctionKind.FUNCTION, argument), options);
        } catch (TaskSerializationException e) {
            return DefaultTaskFuture.failed(id, services.callbacks(), named(e));
        }
    }

    private <R> DefaultTaskFuture<R> submit(long id, FunctionRef function, Bytes item, TaskOptions options) {
        Tracking tracking = track(function, options.name());
        Job.Settings settings =
                settings(function, options.timeout(), options.priority(), options.retries(), options.name(), tracking);
        SingleJob<R> job = new SingleJob<>(id, function, settings, services, options.progress());
        tracking.follow(job.future());
        return accepted(tracking, () -> {
            engine.scheduler().submit(job, Chunk.single(job, 0, item));
            return job.future();
        });
    }

    private Tracking track(FunctionRef function, @Nullable String name) {
        return trackers.begin(name != null ? name : function.name());
    }

    /** Hands a job in; if the pool refuses it, that is its end. */
    private static <T> T accepted(Tracking tracking, Supplier<T> handingIn) {
        try {
            return handingIn.get();
        } catch (RuntimeException e) {
            tracking.ended(TaskOutcome.ABANDONED, () -> e);
            throw e;
        }
    }

    private TaskSerializationException named(TaskSerializationException e) {
        return new TaskSerializationException(e.getMessage() + " " + engine.suffix(), e.getCause());
    }

    private Job.Settings settings(
            FunctionRef function,
            @Nullable Duration timeout,
            int priority,
            int retries,
            @Nullable String name,
            Tracking tracking) {
        Duration limit = timeout != null ? timeout : engine.config().tasks().timeout();
        String shown = name != null ? name : function.name();
        return new Job.Settings(shown, Nanos.orZero(limit), priority, retries, tracking.headers());
    }

    private FeedJob.Setup setup(FunctionRef function, MapOptions options, Tracking tracking) {
        Job.Settings settings =
                settings(function, options.timeout(), options.priority(), options.retries(), options.name(), tracking);
        return new FeedJob.Setup(ids.incrementAndGet(), function, settings, services, options, engine::workers);
    }

    /** Maps, pulling the items in the calling thread. */
    <R> DefaultTaskFuture<List<R>> map(FunctionKind kind, Object fn, Iterable<?> items, MapOptions options) {
        long total = items instanceof Collection<?> collection ? collection.size() : -1;
        ListJob<R> job = listJob(kind, fn, options, total);
        try {
            job.feed(new LateIterator(items));
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
        List<@Nullable Object> list = new ArrayList<>();
        Throwable failure = list(items, list);
        try {
            ListJob<R> job = listJob(kind, fn, options, list.size());
            feedLater(job, failure == null ? list : () -> new BrokenIterator(list, failure));
            return job.future();
        } catch (TaskSerializationException e) {
            return DefaultTaskFuture.failed(ids.incrementAndGet(), services.callbacks(), e);
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

    private FunctionRef register(FunctionKind kind, Object fn) {
        try {
            return functions.register(fn, kind);
        } catch (TaskSerializationException e) {
            throw named(e);
        }
    }

    private <R> ListJob<R> listJob(FunctionKind kind, Object fn, MapOptions options, long total) {
        FunctionRef function = register(kind, fn);
        Tracking tracking = track(function, options.name());
        ListJob<R> job = new ListJob<>(setup(function, options, tracking), total);
        tracking.follow(job.future());
        return accepted(tracking, () -> {
            engine.scheduler().open(job);
            return job;
        });
    }

    /** Maps lazily. */
    <R> IteratorJob<R> iterate(FunctionKind kind, Object fn, Iterable<?> items, MapOptions options, boolean ordered) {
        FunctionRef function = register(kind, fn);
        Tracking tracking = track(function, options.name());
        IteratorJob<R> job = new IteratorJob<>(setup(function, options, tracking), ordered, tracking);
        return accepted(tracking, () -> {
            engine.scheduler().open(job);
            feedLater(job, items);
            return job;
        });
    }

    private void feedLater(FeedJob job, Iterable<?> items) {
        // Does nothing if the pool has ended meanwhile, and the job with it.
        engine.feeders().execute(() -> job.feedHere(new LateIterator(items)));
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
