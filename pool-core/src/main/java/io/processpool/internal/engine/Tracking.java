package io.processpool.internal.engine;

import io.processpool.SubmissionObserver.Submission;
import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.ScalarRun;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one submission for its observers, and holds what travels with it. Safe for use by many threads, but for
 * {@link #itemsEnded}.
 */
final class Tracking {

    /** Of a submission that nobody observes and nothing travels with. */
    static final Tracking NONE = new Tracking(Bytes.EMPTY, List.of(), Runnable::run);

    private static final Logger LOG = LoggerFactory.getLogger(Tracking.class);

    /** The ending of an item that did not succeed. */
    private record Failure(long index, Ending ending) {}

    private final Bytes headers;
    private final List<Submission> submissions;
    private final Executor callbacks;
    private final AtomicBoolean ended = new AtomicBoolean();

    /** Of a map: the first that became known; written with the mutex of its job held. */
    private volatile @Nullable Failure firstFailure;

    Tracking(Bytes headers, List<Submission> submissions, Executor callbacks) {
        this.headers = headers;
        this.submissions = submissions;
        this.callbacks = callbacks;
    }

    /** Returns what travels with each item, encoded. */
    Bytes headers() {
        return headers;
    }

    /** Consecutive items of a map have ended. For one thread at a time. */
    void itemsEnded(long first, List<Ending> endings) {
        if (submissions.isEmpty() || firstFailure != null || endings instanceof ScalarRun) {
            return;
        }
        for (int i = 0; i < endings.size(); i++) {
            if (endings.get(i).outcome() != TaskOutcome.SUCCESS) {
                firstFailure = new Failure(first + i, endings.get(i));
                return;
            }
        }
    }

    /**
     * All items of a map have ended, and their source.
     *
     * @param ofSource what the source threw, or null if it was exhausted
     */
    void allEnded(Job job, ResultDecoder decoder, @Nullable Throwable ofSource) {
        Failure failure = firstFailure;
        if (ofSource != null) {
            ended(TaskOutcome.FAILURE, () -> ofSource);
        } else if (failure != null) {
            ended(failure.ending().outcome(), () -> decoder.failureOf(job, failure.index(), failure.ending()));
        } else {
            ended(TaskOutcome.SUCCESS, () -> null);
        }
    }

    /** The submission was cancelled. */
    void cancelled() {
        ended(TaskOutcome.CANCELLED, () -> null);
    }

    /**
     * The submission has ended; only the first call counts.
     *
     * @param failure makes an exception for the observers alone; called on a callback thread, since it may have to decode
     */
    void ended(TaskOutcome outcome, Supplier<? extends @Nullable Throwable> failure) {
        if (!submissions.isEmpty() && ended.compareAndSet(false, true)) {
            callbacks.execute(() -> tell(outcome, outcome == TaskOutcome.SUCCESS ? null : made(failure)));
        }
    }

    private static @Nullable Throwable made(Supplier<? extends @Nullable Throwable> failure) {
        try {
            return failure.get();
        } catch (Throwable e) { // of whatever kind: the observers must hear of the end in any case
            return e;
        }
    }

    private void tell(TaskOutcome outcome, @Nullable Throwable failure) {
        for (Submission submission : submissions) {
            try {
                submission.ended(outcome, failure);
            } catch (Throwable e) { // of whatever kind: it is the user's, and others wait
                LOG.warn(
                        "submission observer {} failed at the end of a submission",
                        submission.getClass().getName(),
                        e);
            }
        }
    }
}
