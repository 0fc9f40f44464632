package io.processpool.benchmarks.chaos;

import io.processpool.LossReason;
import io.processpool.TaskTimeoutException;
import io.processpool.WorkerLostException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which processes the monkey has hit, and so which failures are its doing. Thread-safe. */
final class Blame {

    private static final Pattern PID = Pattern.compile("pid=(\\d+)");

    /**
     * A process that was hit.
     *
     * @param started when it was started, in milliseconds: its pid may be another's later
     * @param failedTasks how many tasks have failed with it
     */
    private record Victim(long started, AtomicInteger failedTasks) {}

    /** By pid; the last that had it. */
    private final Map<Long, Victim> victims = new ConcurrentHashMap<>();

    private final AtomicInteger hits = new AtomicInteger();
    private final AtomicInteger lostTasks = new AtomicInteger();
    private final AtomicInteger timeouts = new AtomicInteger();

    /** The monkey is about to hit this process. */
    void hit(ProcessHandle process) {
        hit(
                process.pid(),
                process.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }

    void hit(long pid, long started) {
        victims.compute(pid, (key, known) -> {
            if (known != null && known.started == started) {
                return known;
            }
            hits.incrementAndGet();
            return new Victim(started, new AtomicInteger());
        });
    }

    /** Returns how many processes were hit. */
    int hits() {
        return hits.get();
    }

    /** Returns how many tasks were lost with a worker. */
    int lostTasks() {
        return lostTasks.get();
    }

    /** Returns how many tasks have timed out because their worker was stopped or slowed. */
    int timeouts() {
        return timeouts.get();
    }

    /** A task has failed; returns what is wrong with that, or null if it is the monkey's doing. */
    @Nullable
    String examine(Throwable failure) {
        if (failure instanceof WorkerLostException lost) {
            Victim victim = victims.get(lost.pid());
            if (victim == null) {
                return "a worker was lost that nobody has hit: " + failure;
            }
            lostTasks.incrementAndGet();
            return victim.failedTasks.incrementAndGet() > 1
                    ? "more than one task was lost with one worker: " + failure
                    : null;
        }
        if (failure instanceof TaskTimeoutException) {
            Matcher pid = PID.matcher(String.valueOf(failure.getMessage()));
            if (pid.find() && victims.containsKey(Long.parseLong(pid.group(1)))) {
                timeouts.incrementAndGet();
                return null;
            }
            return "a task has timed out in a worker that nobody has hit: " + failure;
        }
        return "not the failure of a worker: " + failure;
    }

    /** A pool tells that it has lost a worker; returns what is wrong with that, or null. */
    @Nullable
    String examineLoss(WorkerLostException loss) {
        boolean explained = loss.reason() == LossReason.TASK_TIMEOUT || victims.containsKey(loss.pid());
        return explained ? null : "a worker was lost that nobody has hit: " + loss;
    }
}
