package io.processpool.internal.engine;

import io.processpool.RetireReason;
import io.processpool.internal.Nanos;
import io.processpool.internal.PoolConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a worker has served long enough: by age, by request, by what the {@link Watch} has weighed, by the number
 * of its tasks, or because it had nothing to do. Replacing comes before retiring, and it goes on one worker after the other.
 * Guarded by the pool's lock, except for the methods that the timer calls.
 */
final class Recycling {

    private final EngineCore core;
    private final PoolConfig config;
    private final Fleet fleet;
    private final ArrayDeque<Worker> later = new ArrayDeque<>();

    Recycling(EngineCore core, Fleet fleet) {
        this.core = core;
        this.config = core.config();
        this.fleet = fleet;
    }

    /** A worker is ready: its age counts from now on. */
    void born(Worker worker) {
        Duration maxAge = config.recycle().maxAge();
        if (maxAge != null) {
            worker.ageCheck = core.timer()
                    .schedule(
                            () -> core.locked(after -> request(worker, RetireReason.MAX_AGE, after)),
                            Nanos.of(maxAge),
                            TimeUnit.NANOSECONDS);
        }
    }

    /** A worker is gone: nothing refers to it from now on, nor to its memory. */
    void gone(Worker worker) {
        later.remove(worker);
        cancel(worker.ageCheck);
        cancel(worker.idleCheck);
    }

    private static void cancel(@Nullable Future<?> check) {
        if (check != null) {
            check.cancel(false);
        }
    }

    /** A worker is to be replaced: its successor comes first. */
    void request(Worker worker, RetireReason reason, After after) {
        if (worker.retireReason != null) {
            return;
        }
        if (worker.phase() == Phase.STANDBY) {
            fleet.retire(worker, reason, after);
            fleet.reconcile(after);
        } else if (worker.serving()) {
            worker.retireReason = reason;
            later.addLast(worker);
            next(after);
        }
    }

    /** As many serve as are wanted: one that waits for its successor may go, and the next may be replaced. */
    void relieve(After after) {
        Worker relieved = fleet.first(Recycling::awaitsSuccessor);
        if (relieved != null && relieved.retireReason != null) {
            fleet.retire(relieved, relieved.retireReason, after);
        }
        next(after);
    }

    private static boolean awaitsSuccessor(Worker worker) {
        return worker.leaving && worker.serving() && !worker.spent;
    }

    private void next(After after) {
        if (fleet.first(Recycling::awaitsSuccessor) != null) {
            return;
        }
        Worker next = later.pollFirst();
        while (next != null && !next.serving()) {
            next = later.pollFirst();
        }
        if (next != null) {
            next.leaving = true;
            fleet.reconcile(after);
        }
    }

    /** A worker has been given the last task that it may run: its successor is launched while it runs that. */
    void spent(Worker worker, After after) {
        if (!worker.serving() || worker.spent) {
            return;
        }
        worker.spent = true;
        worker.leaving = true;
        worker.retireReason = RetireReason.MAX_TASKS;
        if (fleet.idle(worker)) {
            fleet.retire(worker, RetireReason.MAX_TASKS, after);
        }
        fleet.reconcile(after);
    }

    /** A worker has nothing to do since a moment ago. */
    void idle(Worker worker, After after) {
        if (worker.spent && worker.serving()) {
            fleet.retire(worker, RetireReason.MAX_TASKS, after);
            fleet.reconcile(after);
            return;
        }
        Duration timeout = config.recycle().idleTimeout();
        worker.idleSince = System.nanoTime();
        if (timeout != null && worker.idleCheck == null) {
            checkIn(worker, Nanos.of(timeout), Nanos.of(timeout));
        }
    }

    private void checkIn(Worker worker, long timeoutNanos, long nanos) {
        worker.idleCheck = core.timer().schedule(() -> check(worker, timeoutNanos), nanos, TimeUnit.NANOSECONDS);
    }

    private void check(Worker worker, long timeoutNanos) {
        core.locked(after -> {
            worker.idleCheck = null;
            if (!worker.serving() || worker.leaving || !fleet.idle(worker)) {
                return; // the end of its task looks again
            }
            long idle = System.nanoTime() - worker.idleSince;
            if (idle < timeoutNanos) {
                checkIn(worker, timeoutNanos, timeoutNanos - idle);
            } else {
                fleet.letGo(worker, after);
            }
        });
    }
}
