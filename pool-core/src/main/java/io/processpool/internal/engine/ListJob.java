package io.processpool.internal.engine;

import io.processpool.OnError;
import io.processpool.TaskOutcome;
import io.processpool.internal.codec.Scalars;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.ScalarRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The job behind {@code map}: keeps the endings of all items, and ends with the list of their values. */
final class ListJob<R> extends FeedJob {

    /** How many further failures are attached to the one that is thrown. */
    private static final int MAX_SUPPRESSED = 50;

    private final OnError onError;
    private final DefaultTaskFuture<List<R>> future;
    private final long total;

    /** Guarded by the mutex until the future is settled; then it is whoever decodes that has it. */
    private final Outcomes outcomes;

    private boolean finished;

    /**
     * Makes a job.
     *
     * @param total how many items there are, or -1 if that is not known
     */
    ListJob(Setup setup, long total) {
        super(setup);
        this.onError = setup.options().onError();
        this.total = total;
        this.outcomes = new Outcomes(total);
        this.future =
                new DefaultTaskFuture<>(id(), services().callbacks(), services().looking(this, 0), interrupt -> {
                    finishWithoutResults();
                    services().scheduler().cancel(this, interrupt);
                    tracking().cancelled();
                });
    }

    DefaultTaskFuture<List<R>> future() {
        return future;
    }

    /** Nobody gets one of the results before the last item has ended. */
    @Override
    long longestFillNanos() {
        return 10 * MAX_FILL_NANOS;
    }

    @Override
    long outstanding() {
        return fed - ended;
    }

    @Override
    protected void ended(long first, List<Ending> newEndings) {
        Runnable after;
        mutex.lock();
        try {
            if (finished) {
                return;
            }
            after = take(first, newEndings);
            reportProgress(total);
        } finally {
            mutex.unlock();
        }
        after.run();
    }

    private Runnable take(long first, List<Ending> newEndings) {
        tracking().itemsEnded(first, newEndings);
        outcomes.put((int) first, newEndings);
        if (onError == OnError.FAIL_FAST && !(newEndings instanceof ScalarRun)) {
            for (int i = 0; i < newEndings.size(); i++) {
                Ending ending = newEndings.get(i);
                if (ending.outcome() != TaskOutcome.SUCCESS) {
                    ended += i + 1;
                    finishWithoutResults();
                    long index = first + i;
                    return () -> failFast(index, ending);
                }
            }
        }
        ended += newEndings.size();
        signalRoom();
        return afterChange();
    }

    private void failFast(long index, Ending ending) {
        boolean settled = future.settle(new DefaultTaskFuture.Settled<>() {
            @Override
            List<R> decode() {
                services().decoder().decode(ListJob.this, index, ending);
                throw new AssertionError("a failed item has decoded to a value");
            }
        });
        services().scheduler().cancel(this, true);
        if (settled) {
            tellEnd(index, ending);
        }
    }

    @Override
    Runnable afterChange() {
        if (finished || !sourceDone || !allEnded()) {
            return NOTHING;
        }
        finished = true;
        Throwable ofSource = sourceFailure;
        return () -> {
            boolean settled = future.settle(new Whole());
            services().scheduler().close(this);
            if (settled) {
                tracking().allEnded(this, services().decoder(), ofSource);
            } else {
                outcomes.forget(); // it was cancelled or abandoned at this moment; nothing else touches them any more
            }
        };
    }

    /** Ends without results, unless it has ended. Nobody will ask for those that are there, while the future may live long. */
    private void finishWithoutResults() {
        mutex.lock();
        try {
            if (!finished) {
                finished = true;
                outcomes.forget();
            }
            stopFeeding();
        } finally {
            mutex.unlock();
        }
    }

    private void tellEnd(long index, Ending ending) {
        tracking().ended(ending.outcome(), () -> services().decoder().failureOf(this, index, ending));
    }

    @Override
    protected void abandoned(Ending ending) {
        finishWithoutResults();
        boolean settled = future.settle(new DefaultTaskFuture.Settled<>() {
            @Override
            List<R> decode() {
                services().decoder().decode(ListJob.this, 0, ending);
                throw new AssertionError("an abandoned map has decoded to a value");
            }
        });
        if (settled) {
            tellEnd(0, ending);
        }
    }

    /** All results, decoded by whoever asks for them first. */
    private final class Whole extends DefaultTaskFuture.Settled<List<R>> {

        @Override
        @SuppressWarnings("unchecked")
        List<R> decode() throws Exception {
            int count = (int) fed;
            Throwable first = sourceFailure;
            int failures = 0;
            // A codec may know classes by their names, and then not that of a list of numbers, in whatever it is given.
            Scalars numbers = first == null && services().ownLists() ? outcomes.numbers(count) : null;
            if (numbers != null) {
                outcomes.forget();
                return new NumberList<>(numbers);
            }
            @Nullable Object[] results = outcomes.all(count);
            outcomes.forget();
            for (int i = 0; i < count; i++) {
                if (!(results[i] instanceof Ending ending)) {
                    continue;
                }
                try {
                    results[i] = services().decoder().decode(ListJob.this, i, ending);
                } catch (RuntimeException e) {
                    if (first == null) {
                        first = e;
                    } else if (++failures <= MAX_SUPPRESSED) {
                        first.addSuppressed(e);
                    }
                }
            }
            if (first != null) {
                throw Sneaky.rethrow(first);
            }
            return new ArrayList<>((List<R>) Arrays.asList(results));
        }
    }
}
