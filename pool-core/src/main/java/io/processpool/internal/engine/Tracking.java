package io.processpool.internal.engine;

import io.processpool.SubmissionObserver;
import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows one submission for its observers, and holds what travels with it. Safe for use by many threads. */
final class Tracking {

    /** Of a submission that nobody observes and nothing travels with. */
    static final Tracking NONE = new Tracking(Bytes.EMPTY, List.of(), Runnable::run);

    private static final Logger LOG = LoggerFactory.getLogger(Tracking.class);

    private final Bytes headers;
    private final List<SubmissionObserver.Submission> submissions;
    private final Executor callbacks;
    private final AtomicBoolean ended = new AtomicBoolean();

    Tracking(Bytes headers, List<SubmissionObserver.Submission> submissions, Executor callbacks) {
        this.headers = headers;
        this.submissions = submissions;
        this.callbacks = callbacks;
    }

    /** Returns what travels with each item, encoded. */
    Bytes headers() {
        return headers;
    }

    boolean observed() {
        return !submissions.isEmpty();
    }

    /**
     * The submission has ended; only the first call counts.
     *
     * @param failure makes what the caller gets thrown; asked on a callback thread, and only if the outcome is no success
     */
    void ended(TaskOutcome outcome, Supplier<? extends @Nullable Throwable> failure) {
        if (submissions.isEmpty() || !ended.compareAndSet(false, true)) {
            return;
        }
        callbacks.execute(() -> {
            Throwable thrown = outcome == TaskOutcome.SUCCESS ? null : failure.get();
            for (SubmissionObserver.Submission submission : submissions) {
                try {
                    submission.ended(outcome, thrown);
                } catch (Throwable e) { // of whatever kind: it is the user's, and others wait
                    LOG.warn(
                            "submission observer {} failed",
                            submission.getClass().getName(),
                            e);
                }
            }
        });
    }

    /** Follows a handle to its end. */
    void follow(DefaultTaskFuture<?> future) {
        if (!submissions.isEmpty()) {
            future.onEnd((outcome, failure) -> ended(outcome, failure));
        }
    }
}
