package io.processpool.spring.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.processpool.SubmissionObserver;
import io.processpool.TaskOutcome;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes an observation of each submission, a child of the caller's, from the call until all of its tasks have ended. What
 * tracing writes into its carrier, such as {@code traceparent}, travels with the tasks.
 */
final class SubmissionObservations implements SubmissionObserver {

    private static final Submission UNOBSERVED = new Submission() {};

    private final Supplier<ObservationRegistry> registry;
    private final Supplier<SubmissionObservationConvention> convention;

    SubmissionObservations(
            Supplier<ObservationRegistry> registry, Supplier<SubmissionObservationConvention> convention) {
        this.registry = registry;
        this.convention = convention;
    }

    @Override
    public Submission submitted(String poolName, String taskName) {
        ObservationRegistry known = registry.get();
        if (known.isNoop()) {
            return UNOBSERVED;
        }
        SubmissionContext context = new SubmissionContext(poolName, taskName);
        Observation observation = Observation.createNotStarted(convention.get(), () -> context, known)
                .start();
        return observation.isNoop() ? UNOBSERVED : new Observed(observation, context);
    }

    private record Observed(Observation observation, SubmissionContext context) implements Submission {

        @Override
        public Map<String, String> headers() {
            return context.headers();
        }

        @Override
        public void ended(TaskOutcome outcome, @Nullable Throwable failure) {
            context.ended(outcome);
            if (failure != null) {
                observation.error(failure);
            }
            observation.stop();
        }
    }
}
