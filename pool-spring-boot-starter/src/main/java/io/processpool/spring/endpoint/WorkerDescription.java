package io.processpool.spring.endpoint;

import io.processpool.TaskSnapshot;
import io.processpool.WorkerSnapshot;
import io.processpool.spring.managed.PoolHistory;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A worker.
 *
 * @param id its slot number, which a replacement takes over
 * @param generation how many workers had this slot before
 * @param pid its process id, or -1 as long as it is not launched
 * @param state its state, such as {@code idle}
 * @param tasksCompleted how many tasks it has ended
 * @param currentTask the task that it runs, or null
 * @param startedAt when it was launched
 * @param age how long ago that is
 * @param residentBytes its resident memory, or null if not known on this platform
 * @param cpuTime the CPU time that it has used, or null if not known
 */
public record WorkerDescription(
        int id,
        int generation,
        long pid,
        String state,
        long tasksCompleted,
        @Nullable Task currentTask,
        Instant startedAt,
        Duration age,
        @Nullable Long residentBytes,
        @Nullable Duration cpuTime) {

    /**
     * A running task, without its arguments.
     *
     * @param id its number; the items of a map share one
     * @param index its place within its map
     * @param name its name
     * @param age for how long it has been running, or null if it has not begun
     */
    public record Task(
            long id, long index, String name, @Nullable Duration age) {}

    static WorkerDescription of(WorkerSnapshot worker) {
        Instant now = Instant.now();
        return new WorkerDescription(
                worker.id(),
                worker.generation(),
                worker.pid(),
                PoolHistory.lowerCase(worker.state()),
                worker.tasksCompleted(),
                task(worker.currentTask(), now),
                worker.startedAt(),
                Duration.between(worker.startedAt(), now),
                worker.residentBytes() < 0 ? null : worker.residentBytes(),
                worker.cpuTime());
    }

    private static @Nullable Task task(@Nullable TaskSnapshot task, Instant now) {
        if (task == null) {
            return null;
        }
        Instant startedAt = task.startedAt();
        return new Task(
                task.id(), task.index(), task.name(), startedAt == null ? null : Duration.between(startedAt, now));
    }
}
