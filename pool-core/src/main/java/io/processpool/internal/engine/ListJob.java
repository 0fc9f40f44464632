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

    /** What it was {@linkplain #breakOff broken off} by, or null; written with the mutex held, before the future is settled. */
    private @Nullable Throwable brokenBy;

    // What it takes to end, made before there is no memory left for that.
    private final Whole whole = new Whole();
    private final Runnable settleWhole = this::settleWhole;

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
    long expected() {
        return total;
    }

    @Override
    boolean isDeaf() {
        return finished;
    }

    @Override
    Runnable take(long first, List<Ending> newEndings) {
        tracking().itemsEnded(first, newEndings);
        outcomes.put((int) first, newEndings);
        if (onError == OnError.FAIL_FAST && !(newEndings instanceof ScalarRun)) {
            for (int i = 0; i < newEndings.size(); i++) {
                Ending ending = newEndings.get(i);
                if (ending.outcome() != TaskOutcome.SUCCESS) {
                    long index = first + i;
                    DefaultTaskFuture.Settled<List<R>> end = failed(index, ending);
                    Runnable failFast = () -> failFast(index, ending, end);
                    ended += i + 1;
                    finishWithoutResults();
                    return failFast;
                }
            }
        }
        ended += newEndings.size();
        signalRoom();
        return afterChange();
    }

    private DefaultTaskFuture.Settled<List<R>> failed(long index, Ending ending) {
        return new DefaultTaskFuture.Settled<>() {
            @Override
            List<R> decode() {
                services().decoder().decode(ListJob.this, index, ending);
                throw new AssertionError("a failed item has decoded to a value");
            }
        };
    }

    private void failFast(long index, Ending ending, DefaultTaskFuture.Settled<List<R>> end) {
        boolean settled = future.settle(end);
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
        return settleWhole;
    }

    private void settleWhole() {
        boolean settled = future.settle(whole);
        services().scheduler().close(this);
        if (settled) {
            tracking().allEnded(this, services().decoder(), sourceFailure);
        } else {
            outcomes.forget(); // it was cancelled or abandoned at this moment; nothing else touches them any more
        }
    }

    @Override
    void breakOff(Throwable cause) {
        mutex.lock();
        try {
            if (finished) {
                return;
            }
            brokenBy = cause;
            finishWithoutResults();
        } finally {
            mutex.unlock();
        }
        boolean settled = future.settle(whole);
        cancelBroken();
        if (settled) {
            tracking().ended(TaskOutcome.FAILURE, () -> cause);
        }
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
        DefaultTaskFuture.Settled<List<R>> end;
        try {
            end = failed(0, ending);
        } catch (OutOfMemoryError e) {
            breakOff(e);
            return;
        }
        finishWithoutResults();
        if (future.settle(end)) {
            tellEnd(0, ending);
        }
    }

    /** All results, decoded by whoever asks for them first. */
    private final class Whole extends DefaultTaskFuture.Settled<List<R>> {

        @Override
        @SuppressWarnings("unchecked")
        List<R> decode() throws Exception {
            if (brokenBy != null) {
                throw Sneaky.rethrow(brokenBy);
            }
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
