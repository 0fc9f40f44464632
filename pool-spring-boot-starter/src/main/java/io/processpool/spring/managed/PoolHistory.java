package io.processpool.spring.managed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.processpool.PoolListener;
import io.processpool.RetireReason;
import io.processpool.WorkerExit;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The latest events in the life of the workers of one pool. What a lost worker wrote to stderr is left out, for the task's
 * arguments may stand there; it is in the application's log. Safe for use by many threads.
 */
public final class PoolHistory implements PoolListener {

    /**
     * So many start failures in a row of a slot mean that no worker can be started. Those of different slots do not add up:
     * workers that are launched together fail together.
     */
    private static final int HOPELESS = 3;

    private final int size;

    @GuardedBy("this")
    private final Deque<Event> events = new ArrayDeque<>();

    @GuardedBy("this")
    private final Map<Integer, Integer> startFailures = new HashMap<>();

    @GuardedBy("this")
    private @Nullable String lastStartFailure;

    PoolHistory(int size) {
        this.size = size;
    }

    /** What happened to a worker. */
    public enum Kind {
        /** It ended as planned. */
        RETIRED,
        /** It ended otherwise. */
        LOST,
        /** It could not be started. */
        START_FAILED,
        /** It exists and serves nobody, and is being killed. */
        ZOMBIE
    }

    /**
     * One event.
     *
     * @param time when
     * @param kind what
     * @param worker the slot number of the worker
     * @param generation how many workers had this slot before
     * @param pid its process id, or -1 if there was none
     * @param reason why, such as {@code max_tasks} or {@code crashed}
     * @param detail why it could not be started, or the file that its JVM wrote when it crashed, or null
     * @param exitCode its exit code, or null
     * @param signal the signal that ended it, or null
     * @param tasksCompleted how many tasks it had ended
     */
    public record Event(
            Instant time,
            Kind kind,
            int worker,
            int generation,
            long pid,
            String reason,
            @Nullable String detail,
            @Nullable Integer exitCode,
            @Nullable String signal,
            long tasksCompleted) {}

    @Override
    public boolean observesTasks() {
        return false;
    }

    @Override
    public synchronized void workerReady(WorkerSnapshot worker, Duration startup) {
        startFailures.clear();
        lastStartFailure = null;
    }

    @Override
    public void workerRetired(WorkerSnapshot worker, RetireReason reason) {
        add(Kind.RETIRED, worker, lowerCase(reason), null, null);
    }

    @Override
    public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
        WorkerExit exit = reason.exit();
        add(Kind.LOST, worker, lowerCase(reason.reason()), exit.errorFile(), exit);
    }

    @Override
    public synchronized void workerStartFailed(WorkerSnapshot worker, WorkerStartException reason) {
        startFailures.merge(worker.id(), 1, Integer::sum);
        lastStartFailure = reason.getMessage();
        add(Kind.START_FAILED, worker, "start_failed", reason.getMessage(), null);
    }

    @Override
    public void workerZombie(WorkerSnapshot worker) {
        add(Kind.ZOMBIE, worker, "zombie", null, null);
    }

    /** Returns a constant as it stands in meters and in the endpoint. */
    public static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private synchronized void add(
            Kind kind, WorkerSnapshot worker, String reason, @Nullable String detail, @Nullable WorkerExit exit) {
        events.addFirst(new Event(
                Instant.now(),
                kind,
                worker.id(),
                worker.generation(),
                worker.pid(),
                reason,
                detail,
                exit == null ? null : exit.exitCode(),
                exit == null ? null : exit.signalName(),
                worker.tasksCompleted()));
        while (events.size() > size) {
            events.removeLast();
        }
    }

    /**
     * Returns the latest events, the newest first.
     *
     * @return a copy
     */
    public synchronized List<Event> recent() {
        return List.copyOf(events);
    }

    /**
     * Tells why no worker can be started.
     *
     * @return the last failure, or null if workers can be started as far as is known
     */
    public synchronized @Nullable String startTrouble() {
        boolean hopeless = startFailures.values().stream().anyMatch(failures -> failures >= HOPELESS);
        return hopeless ? lastStartFailure : null;
    }
}
