package io.processpool.spring.managed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.processpool.PoolListener;
import io.processpool.RetireReason;
import io.processpool.WorkerExit;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The latest events in the life of the workers of one pool. What a lost worker wrote to stderr is left out, for the task's
 * arguments may stand there; it is in the application's log. Safe for use by many threads.
 */
public final class PoolHistory implements PoolListener {

    private final int size;

    @GuardedBy("this")
    private final Deque<Event> events = new ArrayDeque<>();

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
    public void workerRetired(WorkerSnapshot worker, RetireReason reason) {
        add(Kind.RETIRED, worker, lowerCase(reason), null, null);
    }

    @Override
    public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
        WorkerExit exit = reason.exit();
        add(Kind.LOST, worker, lowerCase(reason.reason()), exit.errorFile(), exit);
    }

    @Override
    public void workerStartFailed(WorkerSnapshot worker, WorkerStartException reason) {
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
}
