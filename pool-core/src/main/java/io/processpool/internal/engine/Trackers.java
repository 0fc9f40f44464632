package io.processpool.internal.engine;

import io.processpool.SubmissionObserver;
import io.processpool.internal.PoolConfig;
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
     * @throws IllegalArgumentException if too much is to travel with it
     */
    Tracking begin(String taskName) {
        if (observers.isEmpty() && mdcKeys.isEmpty()) {
            return Tracking.NONE;
        }
        Map<String, String> headers = new HashMap<>();
        List<SubmissionObserver.Submission> submissions = new ArrayList<>(observers.size());
        for (SubmissionObserver observer : observers) {
            SubmissionObserver.Submission submission = ask(observer, taskName, headers);
            if (submission != null) {
                submissions.add(submission);
            }
        }
        return new Tracking(new Headers(headers, mdc()).encode(), submissions, callbacks);
    }

    private SubmissionObserver.@Nullable Submission ask(
            SubmissionObserver observer, String taskName, Map<String, String> headers) {
        SubmissionObserver.Submission submission = null;
        try {
            submission = observer.submitted(poolName, taskName);
            headers.putAll(submission.headers());
        } catch (Throwable e) { // of whatever kind: it is the user's, and the submission is none of its business
            LOG.warn("submission observer {} failed", observer.getClass().getName(), e);
        }
        return submission;
    }

    private Map<String, String> mdc() {
        Map<String, String> copy = mdcKeys.isEmpty() ? null : MDC.getCopyOfContextMap();
        if (copy == null) {
            return Map.of();
        }
        Map<String, String> travelling = new HashMap<>();
        copy.forEach((key, value) -> {
            if (value != null && (mdcKeys.contains(ALL) || mdcKeys.contains(key))) {
                travelling.put(key, value);
            }
        });
        return travelling;
    }
}
