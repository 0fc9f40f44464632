package io.processpool.internal.engine;

import io.processpool.internal.scheduler.Lane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lists the workers of a pool, from their launch until they are buried, and gives them their slots. Guarded by the pool's
 * lock.
 */
final class Roster {

    private final List<Worker> workers = new ArrayList<>();
    private final Map<Lane, Worker> byLane = new IdentityHashMap<>();
    private final Map<Integer, Integer> generations = new HashMap<>();

    /**
     * Returns the lowest slot that is free; that of a worker which is about to leave is, and for the reserve also that of one
     * that will leave soon.
     */
    int freeSlot(boolean standby) {
        int slot = 0;
        while (isTaken(slot, standby)) {
            slot++;
        }
        return slot;
    }

    private boolean isTaken(int slot, boolean standby) {
        return first(worker -> holds(worker, slot) && !(standby && worker.runsOut)) != null;
    }

    private static boolean holds(Worker worker, int slot) {
        return worker.slot() == slot && worker.phase().live() && !worker.leaving;
    }

    /** Whether a worker of the reserve may take over: not as long as another one, whose successor it is, has its slot. */
    boolean hasItsSlotAlone(Worker worker) {
        return first(other -> !other.equals(worker) && holds(other, worker.slot())) == null;
    }

    private @Nullable Worker holder(int slot) {
        return first(worker -> holds(worker, slot));
    }

    /** Counts one more worker in a slot; returns how many had it before. */
    int nextGeneration(int slot) {
        return generations.merge(slot, 1, Integer::sum) - 1;
    }

    void add(Worker worker) {
        workers.add(worker);
    }

    /** A worker has got its lane. */
    void addLane(Lane lane, Worker worker) {
        byLane.put(lane, worker);
    }

    void remove(Worker worker) {
        workers.remove(worker);
        if (worker.lane != null) {
            byLane.remove(worker.lane);
        }
    }

    /** Returns the workers themselves, not a copy. */
    List<Worker> all() {
        return workers;
    }

    /** Returns the worker of a lane, or null if it is gone. */
    @Nullable
    Worker of(Lane lane) {
        return byLane.get(lane);
    }

    @Nullable
    Worker first(Predicate<Worker> which) {
        return workers.stream().filter(which).findFirst().orElse(null);
    }

    int count(Predicate<Worker> which) {
        return (int) workers.stream().filter(which).count();
    }

    /** Finds a worker by its id, for the user. */
    Worker find(int id) {
        Worker found = holder(id);
        if (found == null) {
            found = first(worker -> worker.slot() == id && worker.phase() != Phase.EXITED);
        }
        if (found == null) {
            throw new IllegalArgumentException("workerId must be that of a worker: workerId=" + id + ", workers="
                    + workers.stream().map(Worker::slot).sorted().distinct().toList());
        }
        return found;
    }
}
