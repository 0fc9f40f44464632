package io.processpool;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An immutable look at one worker.
 *
 * @param id the slot number of the worker, from 0; a replacement takes over the slot of its predecessor
 * @param generation how many workers had this slot before, so that id and generation together are unique in a pool
 * @param pid the process id; -1 as long as it is not launched; in {@link Mode#INLINE} that of this process
 * @param state the state
 * @param currentTask the task it runs, null when idle
 * @param tasksCompleted how many tasks it has ended, in whatever way
 * @param startedAt when it was launched
 * @param residentBytes its resident memory in bytes, -1 if not known on this platform
 * @param cpuTime the CPU time that it has used, null if not known
 */
public record WorkerSnapshot(
        int id,
        int generation,
        long pid,
        WorkerState state,
        @Nullable TaskSnapshot currentTask,
        long tasksCompleted,
        Instant startedAt,
        long residentBytes,
        @Nullable Duration cpuTime) {}
