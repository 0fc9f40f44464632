package io.processpool.spring.observation;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import io.processpool.TaskOutcome;
import io.processpool.spring.managed.PoolHistory;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One call of {@code apply}, {@code map}, {@code imap} … while it is observed. Its carrier becomes the task's headers. */
public final class SubmissionContext extends SenderContext<Map<String, String>> {

    private final String pool;
    private final String task;
    private volatile @Nullable TaskOutcome ending;

    SubmissionContext(String pool, String task) {
        super(
                (carrier, key, value) -> {
                    if (carrier != null) {
                        carrier.put(key, value);
                    }
                },
                Kind.PRODUCER);
        this.pool = pool;
        this.task = task;
        setCarrier(new HashMap<>());
        setRemoteServiceName("processpool-" + pool);
    }

    /**
     * Returns the name of the pool.
     *
     * @return the name
     */
    public String pool() {
        return pool;
    }

    /**
     * Returns the name of the task, from its options or its function.
     *
     * @return the name
     */
    public String task() {
        return task;
    }

    /**
     * Returns how the submission ended.
     *
     * @return an outcome in lower case, or {@code unknown} as long as it has not
     */
    public String outcome() {
        TaskOutcome known = ending;
        return known == null ? "unknown" : PoolHistory.lowerCase(known);
    }

    void ended(TaskOutcome outcome) {
        ending = outcome;
    }

    Map<String, String> headers() {
        Map<String, String> carrier = getCarrier();
        return carrier == null ? Map.of() : Map.copyOf(carrier);
    }
}
