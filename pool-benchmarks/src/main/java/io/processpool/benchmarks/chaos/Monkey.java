package io.processpool.benchmarks.chaos;

import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerState;
import io.processpool.benchmarks.chaos.Act.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Kills, stops, slows and floods workers, and resizes and recycles pools, as a seed will have it. */
final class Monkey implements AutoCloseable {

    private static final int SLOW_ROUNDS = 20;
    private static final int SLOW_RUN_MILLIS = 10;

    private final List<Arena> arenas;
    private final Book book;
    private final Blame blame;
    private final Violations violations;
    private final Signals signals;
    private final double rate;
    private final SplittableRandom random;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, work -> {
        Thread monkey = new Thread(work, "chaos-monkey");
        monkey.setDaemon(true);
        return monkey;
    });
    private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);
    private final Map<ProcessHandle, Boolean> stopped = new ConcurrentHashMap<>();
    private long fingerprint;
    private int spared;

    Monkey(List<Arena> arenas, Book book, Blame blame, Violations violations, Signals signals, long seed, double rate) {
        this.arenas = arenas;
        this.book = book;
        this.blame = blame;
        this.violations = violations;
        this.signals = signals;
        this.rate = rate;
        this.random = new SplittableRandom(seed);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Begins; {@link #close} ends it. */
    void start() {
        if (rate > 0) {
            next();
        }
    }

    private void next() {
        Act act = Act.next(random, rate);
        later(act.pauseMillis(), () -> {
            perform(act);
            next();
        });
    }

    private void later(long millis, Runnable deed) {
        try {
            var unused = thread.schedule(
                    () -> {
                        try {
                            deed.run();
                        } catch (Throwable e) { // would end unseen
                            violations.note("the monkey failed: " + e);
                        }
                    },
                    millis,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return; // it is over
        }
    }

    private void perform(Act act) {
        Arena arena = arenas.get(act.pool() % arenas.size());
        boolean happened = switch (act.kind()) {
            case RESIZE -> resize(arena.pool(), act.size());
            case RECYCLE_ALL -> recycleAll(arena.pool());
            case FLOOD -> flood(arena.pool());
            default -> hit(arena.pool(), act);
        };
        synchronized (this) {
            fingerprint = fingerprint * 31 + act.toString().hashCode();
            if (happened) {
                done.merge(act.kind(), 1, Integer::sum);
            } else {
                spared++;
            }
        }
    }

    private static boolean resize(ProcessPool pool, int workers) {
        pool.resize(workers);
        return true;
    }

    private static boolean recycleAll(ProcessPool pool) {
        pool.recycleAll();
        return true;
    }

    private boolean flood(ProcessPool pool) {
        int id = book.reserve(1);
        if (id < 0) {
            return false;
        }
        long order = Order.of(id, 0);
        TaskFuture<Long> future = pool.applyAsync(Work::flood, order);
        future.whenComplete((answer, failure) -> {
            if (failure == null) {
                book.answered(order, answer);
            } else {
                book.failed(order, failure);
            }
        });
        return true;
    }

    private boolean hit(ProcessPool pool, Act act) {
        WorkerSnapshot worker = choose(pool.activeChildren(), act.worker());
        if (worker == null) {
            return false;
        }
        if (act.kind() == Kind.RECYCLE) {
            try {
                pool.recycle(worker.id());
            } catch (IllegalArgumentException e) {
                return false; // it has gone meanwhile
            }
            return true;
        }
        ProcessHandle process = ProcessHandle.of(worker.pid()).orElse(null);
        if (process == null || !isOurs(process)) {
            return false;
        }
        blame.hit(process);
        strike(process, act);
        return true;
    }

    /** A pid may have become somebody else's. */
    private static boolean isOurs(ProcessHandle process) {
        return process.parent()
                .filter(parent -> parent.equals(ProcessHandle.current()))
                .isPresent();
    }

    /**
     * Chooses one. But that three new workers in a row are lost, and none is left, is what a pool takes for a failure to
     * start: who has done nothing yet is spared unless another has.
     */
    private static @Nullable WorkerSnapshot choose(List<WorkerSnapshot> workers, int draw) {
        List<WorkerSnapshot> there = workers.stream()
                .filter(worker -> worker.pid() > 0 && worker.state() != WorkerState.ZOMBIE)
                .toList();
        if (there.isEmpty()) {
            return null;
        }
        WorkerSnapshot chosen = there.get(draw % there.size());
        return there.stream().anyMatch(worker -> worker.tasksCompleted() > 0) ? chosen : null;
    }

    private void strike(ProcessHandle process, Act act) {
        switch (act.kind()) {
            case KILL -> process.destroyForcibly();
            case STOP, FREEZE -> {
                stop(process);
                later(act.size(), () -> resume(process));
            }
            case STOP_AND_KILL -> {
                stop(process);
                later(act.size(), () -> {
                    process.destroyForcibly();
                    stopped.remove(process);
                });
            }
            case SLOW -> slow(process, act.size(), SLOW_ROUNDS);
            default -> throw new IllegalArgumentException(act.toString());
        }
    }

    private void slow(ProcessHandle process, int millis, int rounds) {
        stop(process);
        later(millis, () -> {
            resume(process);
            if (rounds > 1 && process.isAlive()) {
                later(SLOW_RUN_MILLIS, () -> slow(process, millis, rounds - 1));
            }
        });
    }

    private void stop(ProcessHandle process) {
        stopped.put(process, true);
        signals.send("STOP", process);
    }

    private void resume(ProcessHandle process) {
        signals.send("CONT", process);
        stopped.remove(process);
    }

    /** Returns how many acts of each kind there were. */
    synchronized Map<Kind, Integer> done() {
        return new EnumMap<>(done);
    }

    /** Returns how many acts came to nothing, since there was nobody to hit. */
    synchronized int spared() {
        return spared;
    }

    /** Returns a number that is the same for the same acts. */
    synchronized long fingerprint() {
        return fingerprint;
    }

    /** Ends it, and lets go on whom it has stopped. */
    @Override
    public void close() throws InterruptedException {
        thread.shutdown();
        thread.awaitTermination(1, TimeUnit.MINUTES);
        for (ProcessHandle process : stopped.keySet()) {
            resume(process);
        }
    }
}
