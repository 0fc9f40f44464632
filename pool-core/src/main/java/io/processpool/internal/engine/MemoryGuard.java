package io.processpool.internal.engine;

import io.processpool.LossReason;
import io.processpool.Mode;
import io.processpool.internal.ByteSizes;
import io.processpool.internal.process.ContainerMemory;
import io.processpool.internal.process.ProcessTree;
import io.processpool.internal.process.WorkerProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the container from running out of memory because of a worker: before its limit is reached, the worker that has most
 * is killed, if that is more than its share. The kernel would choose somebody, this process perhaps, or kill all there is in
 * the container ({@code memory.oom.group}).
 *
 * <p>Looks more often while a worker has something to do and there is less left; seldom as long as there is no limit, which may
 * be set later, or nobody has anything to do: a worker may leak all the same, or grow out of spite if it is not trusted.
 */
final class MemoryGuard {

    /** What is kept free unless it is set: this part of the limit, or so much, but never more than that part. */
    private static final int RESERVE_FRACTION = 20;

    private static final long LEAST_RESERVE = 64L << 20;
    private static final int MOST_FRACTION = 8;

    /** A worker may have so much, or that part of the limit if it is less: what it takes before any task takes too much. */
    private static final long LEAST_SHARE = 128L << 20;

    private static final int LEAST_SHARE_FRACTION = 4;

    private static final Logger LOG = LoggerFactory.getLogger(MemoryGuard.class);
    private static final long IDLE_MILLIS = 1_000;

    /** Until a limit is set. */
    private static final long UNLIMITED_MILLIS = 5_000;

    /** If nobody has anything to do: rarely enough for the thread that looks to end meanwhile. */
    private static final long SELDOM_MILLIS = 30_000;

    private static final long BUSY_MILLIS = 250;
    private static final long ALERT_MILLIS = 50;

    /** From so many times the reserve on, it is looked at more often. */
    private static final int ALERT_FACTOR = 4;

    /** The memory of a killed process comes back in this time, before another is judged. */
    private static final long AFTERMATH_MILLIS = 500;

    /** When nobody is to blame; to find that out takes a look at all processes of the machine. */
    private static final long HELPLESS_MILLIS = 1_000;

    /** How often it is made sure that somebody is going to look. */
    private static final long ROUND_MILLIS = 5_000;

    private static final long WARN_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /**
     * What the guard looks at besides the workers.
     *
     * @param memory of the container
     * @param ownResident tells the resident memory of this process, -1 if not known
     * @param processes finds out who has started which process
     */
    record Surroundings(ContainerMemory memory, LongSupplier ownResident, Supplier<ProcessTree> processes) {
        static Surroundings of(ContainerMemory memory) {
            return new Surroundings(memory, ContainerMemory::ownResident, ProcessTree::belowThisProcess);
        }
    }

    private final EngineCore core;
    private final Fleet fleet;
    private final Surroundings surroundings;
    private final MemoryRelief relief;

    /** Only the thread that looks, which is one at a time. */
    private @Nullable Long warnedAt;

    /** How often to ask whether anybody is busy; only the thread that looks, or the timer's if none does. */
    private long idleMillis = IDLE_MILLIS;

    /** For how long nobody has looked; the same. */
    private long notLookedMillis;

    /** Whether nobody is going to look, since there was no memory to set the timer. */
    private volatile boolean asleep;

    /**
     * Makes one.
     *
     * @param relief what the guards of several pools know of each other
     */
    MemoryGuard(EngineCore core, Fleet fleet, Surroundings surroundings, MemoryRelief relief) {
        this.core = core;
        this.fleet = fleet;
        this.surroundings = surroundings;
        this.relief = relief;
    }

    void start() {
        if (core.config().mode() != Mode.INLINE
                && core.config().recycle().memoryReserve() != 0
                && surroundings.memory().isControlled()) {
            idleMillis = surroundings.memory().read() == null ? UNLIMITED_MILLIS : IDLE_MILLIS;
            lookIn(idleMillis);
            core.timer().scheduleWithFixedDelay(this::wakeIfAsleep, ROUND_MILLIS, ROUND_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void lookIn(long millis) {
        try {
            core.timer().schedule(this::lookIfBusy, millis, TimeUnit.MILLISECONDS);
        } catch (OutOfMemoryError e) {
            asleep = true;
        }
    }

    /** On the timer's thread, again and again: that needs no memory. */
    private void wakeIfAsleep() {
        if (asleep) {
            asleep = false;
            lookIfBusy();
        }
    }

    /** On the timer's thread; reading files is for another. */
    private void lookIfBusy() {
        boolean taken = false;
        try {
            if (dueWhileIdle() || core.lockedFor(after -> fleet.first(this::mayGrow) != null)) {
                core.housekeeping().execute(this::look);
                taken = true;
            }
        } catch (RuntimeException | Error e) {
            LOG.debug("cannot look at the memory of the container now", e);
        } finally {
            if (taken) {
                notLookedMillis = 0;
            } else {
                notLookedMillis += idleMillis;
                lookIn(idleMillis);
            }
        }
    }

    private boolean dueWhileIdle() {
        boolean distrusted = core.config().trust().untrusted() && idleMillis == IDLE_MILLIS;
        return distrusted ? notLookedMillis >= IDLE_MILLIS : notLookedMillis + idleMillis >= SELDOM_MILLIS;
    }

    private void look() {
        long next = IDLE_MILLIS;
        try {
            next = lookOnce();
        } finally {
            lookIn(next);
        }
    }

    /** Looks, and returns when to look again. */
    private long lookOnce() {
        long now = relief.now();
        ContainerMemory.Usage usage = surroundings.memory().read();
        idleMillis = usage == null ? UNLIMITED_MILLIS : IDLE_MILLIS;
        if (usage == null) {
            return UNLIMITED_MILLIS;
        }
        long set = core.config().recycle().memoryReserve();
        long reserve = set > 0 ? set : reserve(usage.limit());
        if (usage.free() >= reserve) {
            return usage.free() < ALERT_FACTOR * reserve ? ALERT_MILLIS : BUSY_MILLIS;
        }
        return relieve(usage, reserve, now) ? AFTERMATH_MILLIS : HELPLESS_MILLIS;
    }

    private static long reserve(long limit) {
        return Math.max(limit / RESERVE_FRACTION, Math.min(LEAST_RESERVE, limit / MOST_FRACTION));
    }

    private boolean mayGrow(Worker worker) {
        return worker.process != null && worker.phase() != Phase.EXITED && !fleet.idle(worker);
    }

    /** A worker with a process. */
    private record Member(Worker worker, WorkerProcess process, boolean killed) {}

    /** A worker with a living process, and what that has. */
    private record Load(Worker worker, WorkerProcess process, long resident) {}

    /**
     * Kills the worker that has most, if it is the one to blame; returns whether memory comes back.
     *
     * @param lookedAt when the usage was looked at
     */
    private boolean relieve(ContainerMemory.Usage usage, long reserve, long lookedAt) {
        if (!relief.isOver(lookedAt)) {
            return true;
        }
        List<Member> members = core.lockedFor(after -> members());
        for (Member member : members) {
            if (member.killed && member.process.isAlive()) {
                return true; // its memory is about to come back
            }
        }
        ProcessTree tree = surroundings.processes().get();
        int living = 0;
        Load heaviest = null;
        long all = 0;
        for (Member member : members) {
            long resident = member.process.residentBytesOfAll(tree);
            if (resident > 0) {
                living++;
                all += resident;
                if (heaviest == null || resident > heaviest.resident) {
                    heaviest = new Load(member.worker, member.process, resident);
                }
            }
        }
        long own = Math.max(0, surroundings.ownResident().getAsLong());
        if (heaviest == null || !mayDie(heaviest, all, usage, reserve, own, living)) {
            warn(usage, own);
            return false;
        }
        kill(heaviest, usage, lookedAt);
        return true;
    }

    /** With the lock held. */
    private List<Member> members() {
        List<Member> members = new ArrayList<>();
        for (Worker worker : fleet.workers()) {
            WorkerProcess process = worker.process;
            if (process != null) {
                members.add(new Member(worker, process, worker.killReason != null));
            }
        }
        return members;
    }

    /** Not if the end of the worker would not be enough, or this process leaves nothing for workers. */
    private static boolean mayDie(
            Load load, long all, ContainerMemory.Usage usage, long reserve, long own, int workers) {
        long left = usage.limit() - reserve - own;
        if (left <= 0 || load.resident <= reserve - usage.free()) {
            return false;
        }
        long share = Math.max(left / workers, Math.min(LEAST_SHARE, usage.limit() / LEAST_SHARE_FRACTION));
        boolean highTime = usage.free() < reserve / 2;
        return load.resident > share || (highTime && all > own);
    }

    /** Its successor comes when it has ended, as after any loss: until then its memory is not there. */
    private void kill(Load load, ContainerMemory.Usage usage, long lookedAt) {
        String what = "took too much memory: worker used " + ByteSizes.of(load.resident) + ", the container "
                + ByteSizes.of(usage.used()) + " of " + ByteSizes.of(usage.limit());
        KillReason reason = new KillReason(LossReason.OUT_OF_MEMORY, what);
        if (!load.process.isAlive() || !relief.begin(load.process, lookedAt)) {
            return; // it has ended for another reason, or another pool was quicker
        }
        try {
            core.locked(after -> load.worker.blame(reason));
        } finally {
            load.process.kill(); // everybody waits for its memory now
        }
        relief.forgetAtItsEnd(load.process);
    }

    private void warn(ContainerMemory.Usage usage, long own) {
        long now = System.nanoTime();
        Long before = warnedAt;
        if (before == null || now - before > WARN_PAUSE_NANOS) {
            warnedAt = now;
            LOG.warn(
                    "the container has used {} of {} of memory, this process {} of that, and no worker more than its share {}",
                    ByteSizes.of(usage.used()),
                    ByteSizes.of(usage.limit()),
                    ByteSizes.of(own),
                    core.suffix());
        }
    }
}
