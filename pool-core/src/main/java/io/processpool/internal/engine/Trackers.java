package io.processpool.internal.engine;

import io.processpool.SubmissionObserver;
import io.processpool.SubmissionObserver.Submission;
import io.processpool.TaskOutcome;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.scheduler.Functions;
import io.processpool.internal.wire.Headers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Begins the tracking of submissions, in the thread of their callers. Safe for use by many threads. */
final class Trackers {

    private static final Logger LOG = LoggerFactory.getLogger(Trackers.class);
    private static final String ALL = "*";

    private final String poolName;
    private final List<SubmissionObserver> observers;
    private final Set<String> mdcKeys;
    private final Executor callbacks;

    Trackers(PoolConfig config, Executor callbacks) {
        this.poolName = config.name();
        this.observers = config.submissionObservers();
        this.mdcKeys = config.mdcKeys();
        this.callbacks = callbacks;
    }

    /**
     * Begins to track a submission.
     *
     * @param name what the options call it, or null if it is named after its function
     * @throws IllegalArgumentException if too much is to travel with it; the observers know
     */
    Tracking begin(Object function, @Nullable String name) {
        if (observers.isEmpty() && mdcKeys.isEmpty()) {
            return Tracking.NONE;
        }
        Map<String, String> headers = new HashMap<>();
        List<Submission> submissions = new ArrayList<>(observers.size());
        if (!observers.isEmpty()) {
            String taskName = name != null ? name : Functions.nameOf(function);
            for (SubmissionObserver observer : observers) {
                ask(observer, taskName, submissions, headers);
            }
        }
        try {
            return new Tracking(new Headers(headers, mdc()).encode(), submissions, callbacks);
        } catch (IllegalArgumentException e) {
            new Tracking(Bytes.EMPTY, submissions, callbacks).ended(TaskOutcome.FAILURE, () -> e);
            throw e;
        }
    }

    /** Asks an observer; whatever it throws is its own business, and the submission goes on without its headers. */
    private void ask(
            SubmissionObserver observer, String taskName, List<Submission> submissions, Map<String, String> headers) {
        try {
            Submission submission = observer.submitted(poolName, taskName);
            if (submission == null) {
                throw new NullPointerException("submitted() returned null");
            }
            submissions.add(submission); // it hears of the end even if it fails to give headers
            headers.putAll(Map.copyOf(submission.headers()));
        } catch (Throwable e) { // of whatever kind: it is the user's
            LOG.warn(
                    "submission observer {} failed at the beginning of task '{}' (pool={})",
                    observer.getClass().getName(),
                    taskName,
                    poolName,
                    e);
        }
    }

    private Map<String, String> mdc() {
        if (mdcKeys.isEmpty()) {
            return Map.of();
        }
        Map<String, String> travelling = new HashMap<>();
        if (mdcKeys.contains(ALL)) {
            Map<String, String> all = MDC.getCopyOfContextMap();
            if (all != null) {
                all.forEach((key, value) -> put(travelling, key, value));
            }
        } else {
            mdcKeys.forEach(key -> put(travelling, key, MDC.get(key)));
        }
        return travelling;
    }

    private static void put(Map<String, String> target, @Nullable String key, @Nullable String value) {
        if (key != null && value != null) {
            target.put(key, value);
        }
    }
}
