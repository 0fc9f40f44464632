package io.processpool.internal.scheduler;

import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedList;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The chunks that wait for a worker: by priority, then in the order of arrival. Guarded by the scheduler's lock. Chunks
 * of cancelled jobs leave when their turn comes; their items no longer count.
 *
 * <p>If there is no memory for what is added, the queue is as it was; to take something out needs none. That is why these are
 * linked lists: an {@code ArrayDeque} that cannot grow has lost all that it held.
 */
@SuppressWarnings("JdkObsolete")
final class TaskQueue {

    private final TreeMap<Integer, Deque<Chunk>> byPriority = new TreeMap<>(Comparator.reverseOrder());
    /** The queue of the priority that was asked for last, which most often is the only one; null if that is gone. */
    private @Nullable Deque<Chunk> recent;

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

    private Deque<Chunk> deque(Chunk chunk) {
        int priority = chunk.job().settings().priority();
        Deque<Chunk> deque = recent;
        if (deque == null || recentPriority != priority) {
            deque = byPriority.computeIfAbsent(priority, key -> new LinkedList<>());
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
            Deque<Chunk> first =
                    Objects.requireNonNull(byPriority.get(byPriority.firstKey()), "queue"); // makes no entry
            Chunk chunk = first.peekFirst();
            if (chunk != null && !chunk.job().cancelled) {
                recent = first;
                recentPriority = chunk.job().settings().priority();
                return chunk;
            }
            if (chunk == null) {
                byPriority.remove(byPriority.firstKey());
                recent = null;
            } else {
                first.pollFirst();
            }
        }
        return null;
    }

    /** Removes the chunk that {@link #peek} returned, up to so many of its items. */
    Chunk poll(Chunk peeked, int limit) {
        boolean all = limit >= peeked.count();
        Chunk taken = all ? peeked : peeked.part(0, limit);
        shorten(peeked, all ? null : peeked.part(limit, peeked.count()));
        return taken;
    }

    /**
     * Removes the chunk that {@link #peek} returned, but for its last items. Takes no memory but for those.
     *
     * @param rest the items that stay, or null if none do
     */
    void shorten(Chunk peeked, @Nullable Chunk rest) {
        Deque<Chunk> deque = deque(peeked);
        if (rest != null) {
            deque.addFirst(rest);
            deque.removeFirstOccurrence(peeked); // the second
        } else {
            deque.pollFirst();
        }
        count(peeked, (rest == null ? 0 : rest.count()) - peeked.count());
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
        for (Deque<Chunk> chunks : byPriority.values()) {
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
