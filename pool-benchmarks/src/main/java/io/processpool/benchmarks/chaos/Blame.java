package io.processpool.benchmarks.chaos;

import io.processpool.LossReason;
import io.processpool.TaskTimeoutException;
import io.processpool.WorkerLostException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which processes the monkey has hit, and so which failures are its doing. Thread-safe. */
final class Blame {

    private static final Pattern PID = Pattern.compile("pid=(\\d+)");

    /** By process that was hit, how many tasks have failed with it. */
    private final Map<Long, AtomicInteger> failedTasks = new ConcurrentHashMap<>();

    private final AtomicInteger timeouts = new AtomicInteger();

    /** The monkey is about to hit this process. */
    void hit(long pid) {
        failedTasks.putIfAbsent(pid, new AtomicInteger());
    }

    /** Returns how many processes were hit. */
    int hits() {
        return failedTasks.size();
    }

    /** Returns how many tasks were lost with a worker. */
    int lostTasks() {
        return failedTasks.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    /** Returns how many tasks have timed out because their worker was stopped or slowed. */
    int timeouts() {
        return timeouts.get();
    }

    /** A task has failed; returns what is wrong with that, or null if it is the monkey's doing. */
    @Nullable
    String examine(Throwable failure) {
        if (failure instanceof WorkerLostException lost) {
            AtomicInteger failed = failedTasks.get(lost.pid());
            if (failed == null) {
                return "a worker was lost that nobody has hit: " + failure;
            }
            return failed.incrementAndGet() > 1 ? "more than one task was lost with one worker: " + failure : null;
        }
        if (failure instanceof TaskTimeoutException) {
            Matcher pid = PID.matcher(String.valueOf(failure.getMessage()));
            if (pid.find() && failedTasks.containsKey(Long.parseLong(pid.group(1)))) {
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
        boolean explained = loss.reason() == LossReason.TASK_TIMEOUT || failedTasks.containsKey(loss.pid());
        return explained ? null : "a worker was lost that nobody has hit: " + loss;
    }
}
