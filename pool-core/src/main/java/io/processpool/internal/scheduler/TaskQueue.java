package io.processpool.internal.scheduler;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The chunks that wait for a worker: by priority, then in the order of arrival. Guarded by the scheduler's lock. Chunks
 * of cancelled jobs leave when their turn comes; their items no longer count.
 */
final class TaskQueue {

    private final TreeMap<Integer, ArrayDeque<Chunk>> byPriority = new TreeMap<>(Comparator.reverseOrder());
    /** The queue of the priority that was asked for last, which most often is the only one; null if that is gone. */
    private @Nullable ArrayDeque<Chunk> recent;

    private int recentPriority;
    private long items;
    private long singles;

    void addLast(Chunk chunk) {
        deque(chunk).addLast(chunk);
        count(chunk, chunk.count());
    }

    void addFirst(Chunk chunk) {
        deque(chunk).addFirst(chunk);
        count(chunk, chunk.count());
    }

    private ArrayDeque<Chunk> deque(Chunk chunk) {
        int priority = chunk.job().settings().priority();
        ArrayDeque<Chunk> deque = recent;
        if (deque == null || recentPriority != priority) {
            deque = byPriority.computeIfAbsent(priority, key -> new ArrayDeque<>());
            recent = deque;
            recentPriority = priority;
        }
        return deque;
    }

    private void count(Chunk chunk, int change) {
        items += change;
        singles += chunk.job().single() ? change : 0;
        chunk.job().queuedItems += change;
    }

    /** Returns the next chunk without removing it, or null if there is none. */
    @Nullable
    Chunk peek() {
        while (!byPriority.isEmpty()) {
            ArrayDeque<Chunk> first = byPriority.firstEntry().getValue();
            Chunk chunk = first.peekFirst();
            if (chunk != null && !chunk.job().cancelled) {
                return chunk;
            }
            if (chunk == null) {
                byPriority.pollFirstEntry();
                recent = null;
            } else {
                first.pollFirst();
            }
        }
        return null;
    }

    /** Removes the chunk that {@link #peek} returned, up to so many of its items. */
    Chunk poll(Chunk peeked, int limit) {
        ArrayDeque<Chunk> deque = deque(peeked);
        deque.pollFirst();
        Chunk taken = peeked;
        if (limit < peeked.count()) {
            taken = peeked.part(0, limit);
            deque.addFirst(peeked.part(limit, peeked.count()));
        }
        count(taken, -taken.count());
        return taken;
    }

    /** Leaves the queued items of a job out of the count; returns how many there were. */
    int forget(Job job) {
        int queued = job.queuedItems;
        items -= queued;
        singles -= job.single() ? queued : 0;
        job.queuedItems = 0;
        if (items == 0) {
            byPriority.clear();
            recent = null;
        }
        return queued;
    }

    /** Returns how many tasks wait that are no items of a map; those have a window of their own. */
    long singles() {
        return singles;
    }

    /** Calls an action for each item of a job that waits. */
    void forEach(Job job, LongConsumer action) {
        for (ArrayDeque<Chunk> chunks : byPriority.values()) {
            for (Chunk chunk : chunks) {
                for (int i = 0; chunk.job() == job && i < chunk.count(); i++) {
                    action.accept(chunk.first() + i);
                }
            }
        }
    }

    /** Returns how many items wait. */
    long items() {
        return items;
    }
}
