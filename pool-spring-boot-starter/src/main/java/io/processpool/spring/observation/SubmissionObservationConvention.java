package io.processpool.spring.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/** How the observation of a submission is named, and what it is tagged with. A bean that extends this class replaces it. */
public class SubmissionObservationConvention implements ObservationConvention<SubmissionContext> {

    /** Makes the convention. */
    public SubmissionObservationConvention() {}

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof SubmissionContext;
    }

    @Override
    public String getName() {
        return "processpool.submission";
    }

    @Override
    public String getContextualName(SubmissionContext context) {
        return "processpool " + context.task();
    }

    /** The pool, and how the submission ended. */
    @Override
    public KeyValues getLowCardinalityKeyValues(SubmissionContext context) {
        return KeyValues.of("pool", context.pool(), "outcome", context.outcome());
    }

    /** The name of the task: users may make one up for each. */
    @Override
    public KeyValues getHighCardinalityKeyValues(SubmissionContext context) {
        return KeyValues.of("task", context.task());
    }
}
